"""The token endpoint.

Here: the three grants, and when each one is refused. Not here: who the client is (`client_auth`), what a token looks like (`issue`).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

from oauthctl.http import Params, Request
from oauthctl.provider.answers import CORS, NO_STORE, Answer, Denied, json_answer, refuse, single_form
from oauthctl.provider.client import Client
from oauthctl.provider.client_auth import authenticate
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment, base64url, digest
from oauthctl.provider.request import read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.state import Code, Grant, ProviderState, with_item

ENDPOINT = "token"
GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")


def token(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """A token request, answered with tokens or with an error of RFC 6749 section 5.2."""
    try:
        state, document, about = grant_tokens(state, request, moment)
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    return state.logged(moment, ENDPOINT, *about[:1], reason=about[1]), json_answer(document, headers=(*NO_STORE, *CORS))


def grant_tokens(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, dict[str, Any], tuple[str, str]]:
    """The token response, and for the log who got it and why; `Denied` when there is none."""
    form = single_form(request)
    client = authenticate(state, request, form)
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise Denied("invalid_request", "the parameter grant_type is missing")
    if grant_type not in GRANT_TYPES:
        raise Denied("unsupported_grant_type", "this grant_type is not supported")
    if grant_type not in client.grant_types:
        raise Denied("unauthorized_client", f"the client is not registered for the grant {grant_type}")
    grants = {"authorization_code": _redeem_code, "refresh_token": _refresh, "client_credentials": _client_credentials}
    state, document = grants[grant_type](state, client, form, moment)
    return state, document, (client.id, f"gave tokens for {grant_type}")


def _redeem_code(state: ProviderState, client: Client, form: Params, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    state, grant = accept_code(state, client, form, moment)
    return issue(state, grant, scopes=grant.scopes, audience=_narrowed_audience(state, grant, form), moment=moment)


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
        revoked = state.with_grant_revoked(grant.id)
        raise Denied("invalid_grant", "the code was used before; what it gave is revoked now", state=revoked)
    if code.expires_at <= moment.now:
        raise Denied("invalid_grant", "the code has expired")
    if code.redirect_uri != (form.get("redirect_uri") or ""):
        raise Denied("invalid_grant", "redirect_uri is not the one of the authorization request")
    _check_verifier(code, form.get("code_verifier"))
    return replace(state, codes=with_item(state.codes, digest(value), replace(code, is_used=True))), grant


def _check_verifier(code: Code, verifier: str | None) -> None:
    if not code.code_challenge:
        if verifier is not None:
            # RFC 9700 section 2.1.1: a verifier is accepted only if a challenge was there, against PKCE downgrade.
            raise Denied("invalid_grant", "code_verifier is given, but the authorization request had no code_challenge")
        return
    if verifier is None:
        raise Denied("invalid_grant", "the parameter code_verifier is missing")
    sent = verifier.encode("utf-8", "surrogatepass")
    challenge = base64url(hashlib.sha256(sent).digest()).encode() if code.code_challenge_method == "S256" else sent
    if not hmac.compare_digest(challenge, code.code_challenge.encode()):
        raise Denied("invalid_grant", "code_verifier does not match the code_challenge of the authorization request")


def _refresh(state: ProviderState, client: Client, form: Params, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """Source: RFC 6749 section 6; RFC 9700 section 4.14.2 for rotation."""
    value = form.get("refresh_token")
    if value is None:
        raise Denied("invalid_request", "the parameter refresh_token is missing")
    refresh_token = state.refresh_tokens.get(digest(value))
    if refresh_token is None:
        raise Denied("invalid_grant", "the refresh token is unknown")
    grant = state.grants[refresh_token.grant_id]
    if grant.client_id != client.id:
        raise Denied("invalid_grant", "the refresh token was given to another client")
    if refresh_token.is_used:
        revoked = state.with_grant_revoked(grant.id)
        raise Denied("invalid_grant", "the refresh token was used before; its whole family is revoked now", state=revoked)
    if grant.is_revoked:
        raise Denied("invalid_grant", "the refresh token is revoked")
    if refresh_token.expires_at <= moment.now:
        raise Denied("invalid_grant", "the refresh token has expired")
    asked = tuple(dict.fromkeys((form.get("scope") or "").split()))
    if not set(asked) <= set(grant.scopes):
        raise Denied("invalid_scope", "a scope is asked for that was not granted")
    audience = _narrowed_audience(state, grant, form)
    used = with_item(state.refresh_tokens, digest(value), replace(refresh_token, is_used=True))
    return issue(replace(state, refresh_tokens=used), grant, scopes=asked or grant.scopes, audience=audience, moment=moment)


def _client_credentials(state: ProviderState, client: Client, form: Params, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """Source: RFC 6749 section 4.4: for confidential clients only, and without a refresh token."""
    if client.is_public:
        raise Denied("unauthorized_client", "a public client can't get tokens for itself")
    scopes = read_scopes(state, client, form.get("scope") or "")
    if "openid" in scopes or state.offline_scope in scopes:
        raise Denied("invalid_scope", "there is no user whom openid or offline access could be about")
    grant = Grant(moment.token("grant"), client.id, "", scopes, audience_of(state, form))
    state = replace(state, grants=with_item(state.grants, grant.id, grant))
    return issue(state, grant, scopes=scopes, audience=grant.audience, moment=moment)


def _narrowed_audience(state: ProviderState, grant: Grant, form: Params) -> tuple[str, ...]:
    """Source: RFC 8707 section 2.2: the token request asks for some of the resources that were granted."""
    if "resource" not in form and "audience" not in form:
        return grant.audience
    asked = audience_of(state, form)
    if not set(asked) <= set(grant.audience):
        raise Denied("invalid_target", "a resource is asked for that was not granted")
    return asked
