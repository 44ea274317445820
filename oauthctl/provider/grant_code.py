"""The authorization code grant: a code for tokens.

Here: when a code is refused. Not here: giving it (`authorize`), what a token looks like (`issue`).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

from oauthctl.http import Params
from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.details import narrowed_details
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment, base64url, digest
from oauthctl.provider.records import Grant
from oauthctl.provider.remembered import with_item
from oauthctl.provider.resources import narrowed_audience
from oauthctl.provider.state import ProviderState


def redeem_code(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response for a code. Source: RFC 6749 section 4.1.4."""
    code = state.codes.get(digest(asking.form.get("code") or ""))
    jkt = asking.confirmation.value if asking.confirmation is not None else ""
    # RFC 9449 section 10: a code that is bound to a key is good for that key alone.
    if code is not None and code.dpop_jkt and code.dpop_jkt != jkt:
        raise Denied("invalid_grant", "the code is bound to another DPoP key")
    state, grant = accept_code(state, asking.client, asking.form, moment)
    audience = narrowed_audience(state, grant, asking.form)
    details = narrowed_details(state, grant, asking.form)
    return issue(state, grant, scopes=grant.scopes, audience=audience, moment=moment, confirmation=asking.confirmation, details=details)


def accept_code(state: ProviderState, client: Client, form: Params, moment: Moment) -> tuple[ProviderState, Grant]:
    """The grant that an authorization code stands for, and the state in which the code is used up.

    Source: RFC 6749 section 4.1.3; RFC 7636 section 4.6.
    """
    value = form.get("code")
    if value is None:
        raise Denied("invalid_request", "the parameter code is missing")
    code = state.codes.get(digest(value))
    if code is None:
        raise Denied("invalid_grant", "the code is unknown")
    grant = state.grants[code.grant_id]
    if grant.client_id != client.id:
        raise Denied("invalid_grant", "the code was given to another client")
    if code.is_used:
        # RFC 6749 section 4.1.2: the server should revoke all tokens previously issued based on that code.
        revoked = state.with_grants_revoked((grant.id,))
        raise Denied("invalid_grant", "the code was used before; what it gave is revoked now", state=revoked)
    if code.expires_at <= moment.now:
        raise Denied("invalid_grant", "the code has expired")
    if code.redirect_uri != (form.get("redirect_uri") or ""):
        raise Denied("invalid_grant", "redirect_uri is not the one of the authorization request")
    check_verifier(code.code_challenge, code.code_challenge_method, form.get("code_verifier"))
    return changed(state, codes=with_item(state.codes, digest(value), replace(code, is_used=True))), grant


def check_verifier(code_challenge: str, code_challenge_method: str, verifier: str | None) -> None:
    """`Denied` for a verifier that does not fit the challenge, is missing, or comes where there was no challenge.

    Source: RFC 7636 section 4.6; RFC 9700 section 2.1.1 against PKCE downgrade.
    """
    if not code_challenge:
        if verifier is not None:
            raise Denied("invalid_grant", "code_verifier is given, but the authorization request had no code_challenge")
        return
    if verifier is None:
        raise Denied("invalid_grant", "the parameter code_verifier is missing")
    sent = verifier.encode("utf-8", "surrogatepass")
    challenge = base64url(hashlib.sha256(sent).digest()).encode() if code_challenge_method == "S256" else sent
    if not hmac.compare_digest(challenge, code_challenge.encode()):
        raise Denied("invalid_grant", "code_verifier does not match the code_challenge of the authorization request")
