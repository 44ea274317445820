"""The SAML 2.0 bearer grant: an assertion of an issuer that is trusted, for a token.

Here: whether the assertion is for us, in its time, and about one of our people. Not here: its signature (`jose.saml`), assertions in JWTs
(`grant_jwt_bearer`).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from oauthctl.jose.saml import BadSaml, SamlAssertion, claimed_issuer, is_available, verified_assertion
from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import Grant
from oauthctl.provider.remembered import with_item
from oauthctl.provider.request import read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.shown_jwt import CLOCKS_DIFFER, LONGEST_LIFE, is_remembered, remembering
from oauthctl.provider.state import ProviderState


def saml2_bearer(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response for an assertion, without a refresh token. Source: RFC 7522 sections 2.1 and 3; RFC 7521 section 4.1."""
    if not is_available():
        raise Denied("unsupported_grant_type", "SAML assertions are not read here: the extra `saml` of oauthctl is not installed")
    client, form = asking.client, asking.form
    assertion = _assertion(state, form.get("assertion"))
    state = _used_up(state, assertion, moment)
    if assertion.subject not in state.users:
        raise _bad("the assertion is about nobody who is known here (NameID)")
    scopes = read_scopes(state, client, form.get("scope") or "")
    if state.offline_scope in scopes:
        raise Denied("invalid_scope", "an assertion gives no offline access")
    signed_in_at = int(assertion.signed_in_at.timestamp()) if assertion.signed_in_at is not None else None
    grant = Grant(moment.token("grant"), client.id, assertion.subject, scopes, audience_of(state, form), auth_time=signed_in_at)
    state = changed(state, grants=with_item(state.grants, grant.id, grant))
    return issue(state, grant, scopes=scopes, audience=grant.audience, moment=moment, confirmation=asking.confirmation, may_refresh=False)


def _assertion(state: ProviderState, packed: str | None) -> SamlAssertion:
    if packed is None:
        raise Denied("invalid_request", "the parameter assertion is missing")
    try:
        # Source: RFC 7522 section 2.1: base64url, and no padding.
        content = base64.b64decode(packed.encode() + b"=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        keys = state.trusted_issuers.get(claimed_issuer(content))
        if keys is None:
            raise _bad("the issuer of the assertion is not trusted here")
        return verified_assertion(content, tuple(key.public() for key in keys))
    except BadSaml as error:
        raise _bad(str(error)) from error
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _bad("the assertion is not base64url") from error


def _used_up(state: ProviderState, assertion: SamlAssertion, moment: Moment) -> ProviderState:
    """The state in which the assertion is used; `Denied` for one that is not for us, or not now, or was used before."""
    token_endpoint = state.url(state.endpoints.token)
    if not {state.issuer, token_endpoint} & set(assertion.audiences):
        raise _bad("the audience of the assertion is not this server")
    if assertion.begins_at is not None and assertion.begins_at.timestamp() > moment.seconds + CLOCKS_DIFFER:
        raise _bad("the assertion is from the future: the clocks differ")
    ends_at = assertion.ends_at.timestamp() if assertion.ends_at is not None else None
    good = [one for one in assertion.confirmations if one.recipient in ("", token_endpoint)]
    if not good:
        raise _bad("no bearer confirmation of the assertion has the token endpoint as its Recipient")
    ends = [min(one.ends_at.timestamp(), ends_at or one.ends_at.timestamp()) if one.ends_at is not None else ends_at for one in good]
    known = [end for end in ends if end is not None]
    if not known:
        raise _bad("the assertion says nowhere when it ends (NotOnOrAfter)")
    until = max(known)
    if moment.seconds >= until + CLOCKS_DIFFER:
        raise _bad("the assertion has expired")
    if until > moment.seconds + LONGEST_LIFE + CLOCKS_DIFFER:
        raise _bad(f"the assertion is good for more than {LONGEST_LIFE:g} seconds")
    key = digest(f"saml {assertion.issuer} {assertion.id}")
    if not assertion.id or is_remembered(state.assertions, key, moment):
        raise _bad("the assertion was used before (ID)")
    return changed(state, assertions=remembering(state.assertions, key, until + CLOCKS_DIFFER, moment=moment))


def _bad(description: str) -> Denied:
    return Denied("invalid_grant", description)
