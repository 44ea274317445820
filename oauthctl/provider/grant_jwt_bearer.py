"""The JWT bearer grant: an assertion for a token.

Here: assertions that a client signs itself, those of issuers that are trusted, and the ID-JAGs among them. Not here: assertions that
prove the client (`client_assertion`), giving an ID-JAG (`grant_token_exchange`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthctl.http import Params, Request
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.claim_values import seconds_of
from oauthctl.messages.param import texts
from oauthctl.messages.token_exchange import ID_JAG_TYPE, JWT_BEARER
from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import Grant
from oauthctl.provider.remembered import with_item
from oauthctl.provider.request import read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.shown_jwt import CLOCKS_DIFFER, LONGEST_LIFE, audiences, check_kind, check_times, is_remembered, remembering
from oauthctl.provider.state import ProviderState
from oauthctl.provider.trust import signed_claims, trusted_keys

_TYPES = (ID_JAG_TYPE, "authorization-grant+jwt")
"""Source: draft-ietf-oauth-identity-assertion-authz-grant; draft-ietf-oauth-rfc7523bis."""


def jwt_bearer(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response for an assertion, without a refresh token. Source: RFC 7523 sections 2.1 and 3; RFC 7521 section 4.1."""
    client, assertion = asking.client, asking.form.get("assertion")
    if assertion is None:
        raise Denied("invalid_request", "the parameter assertion is missing")
    token = take_apart(assertion)
    if token.claims is None:
        raise _bad("the assertion is no JWT")
    check_kind(token, _TYPES, what="assertion", refuse=_bad)
    is_own = token.claim_text("iss") == client.id
    keys = client.keys if is_own else trusted_keys(state, token, error="invalid_grant")
    if is_own and not keys:
        raise _bad("no key is registered for the client that signed the assertion")
    claims = signed_claims(token, keys, what="assertion", error="invalid_grant")
    state = _used_up(state, claims, moment)
    username = _username(state, client, claims, is_own=is_own)
    if token.typ == ID_JAG_TYPE:
        _check_id_jag(state, client, claims)
    form = asking.form if is_own else _with_its_own(asking.form, claims)
    scopes = _scopes(state, client, form, username=username)
    grant = Grant(moment.token("grant"), client.id, username, scopes, audience_of(state, form), actor=_actor(claims))
    state = changed(state, grants=with_item(state.grants, grant.id, grant))
    return issue(state, grant, scopes=scopes, audience=grant.audience, moment=moment, confirmation=asking.confirmation, may_refresh=False)


def client_of_assertion(state: ProviderState, request: Request, form: Params) -> Client | None:
    """The client that says who it is by its assertion alone; the grant then checks that assertion with the client's own keys.

    Source: RFC 7521 section 4.1: client authentication is optional, since the assertion's issuer is proved by its signature.
    """
    proofs = ("client_secret", "client_assertion")
    if form.get("grant_type") != JWT_BEARER or "authorization" in request.headers or any(name in form for name in proofs):
        return None
    issuer = take_apart(form.get("assertion") or "").claim_text("iss")
    client = state.clients.get(issuer)
    if client is None or not client.keys or form.get("client_id", issuer) != issuer:
        return None
    return client


def _used_up(state: ProviderState, claims: Mapping[str, Any], moment: Moment) -> ProviderState:
    """The state in which the assertion is used; `Denied` for one that is not for us, lives too long, or was used before."""
    if not audiences(claims) & {state.issuer, state.url(state.endpoints.token)}:
        raise _bad("the audience (aud) of the assertion is not this server")
    expires_at = check_times(claims, moment, what="assertion", refuse=_bad, longest=LONGEST_LIFE)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        # Source: RFC 7523 section 3: `jti` is optional.
        return state
    key = digest(f"{claims.get('iss')} {jti}")
    if is_remembered(state.assertions, key, moment):
        raise _bad("the assertion was used before (jti)")
    return changed(state, assertions=remembering(state.assertions, key, expires_at + CLOCKS_DIFFER, moment=moment))


def _check_id_jag(state: ProviderState, client: Client, claims: Mapping[str, Any]) -> None:
    """Source: draft-ietf-oauth-identity-assertion-authz-grant, "ID-JAG": all these are REQUIRED, and `aud` is the issuer identifier."""
    if claims.get("client_id") != client.id:
        raise _bad("the assertion was made for another client (client_id)")
    if audiences(claims) != {state.issuer} or claims["aud"] not in (state.issuer, [state.issuer]):
        raise _bad("the audience (aud) of an ID-JAG has to be the issuer of this server, and nobody else")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise _bad("an ID-JAG has to have a jti")
    if seconds_of(dict(claims), "iat") is None:
        raise _bad("an ID-JAG has to have an iat that counts seconds")


def _username(state: ProviderState, client: Client, claims: Mapping[str, Any], *, is_own: bool) -> str:
    """Which of our people it is about; empty for the client itself."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise _bad("the assertion has no sub")
    if is_own and subject == client.id:
        return ""
    if is_own and not client.speaks_for_users:
        raise Denied("unauthorized_client", "the client may not get tokens for people: delegation is not granted to it")
    if subject not in state.users:
        raise _bad("the assertion is about nobody who is known here (sub)")
    return subject


def _with_its_own(form: Params, claims: Mapping[str, Any]) -> Params:
    """The request with the scope and resource that another issuer put into its assertion; it may ask for less, not for more.

    Source: draft-ietf-oauth-identity-assertion-authz-grant, "ID-JAG"; draft-ietf-oauth-identity-chaining.
    """
    allowed = str(claims.get("scope") or "").split()
    asked = (form.get("scope") or "").split()
    if allowed and not set(asked) <= set(allowed):
        raise Denied("invalid_scope", "a scope is asked for that the assertion does not have")
    if allowed and not asked:
        form = form.with_("scope", " ".join(allowed))
    named = texts(claims.get("resource")) or ()
    asked_for = form.all("resource")
    if named and not set(asked_for) <= set(named):
        raise Denied("invalid_target", "a resource is asked for that the assertion does not name")
    return form if asked_for or not named else Params((*form.pairs, *(("resource", one) for one in named)))


def _scopes(state: ProviderState, client: Client, form: Params, *, username: str) -> tuple[str, ...]:
    scopes = read_scopes(state, client, form.get("scope") or "")
    if state.offline_scope in scopes or ("openid" in scopes and not username):
        raise Denied("invalid_scope", "an assertion gives neither offline access nor, for a client itself, openid")
    return scopes


def _actor(claims: Mapping[str, Any]) -> Mapping[str, Any] | None:
    actor = claims.get("act")
    return actor if isinstance(actor, dict) else None


def _bad(description: str) -> Denied:
    return Denied("invalid_grant", description)
