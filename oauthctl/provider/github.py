"""A provider that speaks OAuth as GitHub does: before the standards, and beside them.

Here: the token endpoint and the API of that dialect. Not here: its authorization endpoint, which is `authorize`, too.

Source: GitHub's documentation, "Authorizing OAuth apps" and "Troubleshooting OAuth app access token request errors".
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oauthctl.http import FORM, JSON, Headers, Params, Request, Response
from oauthctl.provider.answers import NO_STORE, Answer, Denied, claimed_client, json_answer
from oauthctl.provider.bearer import is_active
from oauthctl.provider.client import User
from oauthctl.provider.grant_code import accept_code
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import AccessToken, Endpoints, Grant
from oauthctl.provider.state import ProviderState, with_item

ENDPOINTS = Endpoints(authorize="/login/oauth/authorize", token="/login/oauth/access_token")
SCOPES: Mapping[str, str] = {
    "read:user": "Read your profile",
    "user:email": "Read your email addresses",
    "user": "Read and write your profile",
    "repo": "Full control of your private repositories",
}
_DOCUMENTATION = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/"


def github_like(state: ProviderState) -> ProviderState:
    """The provider, speaking this dialect: no metadata, no OpenID Connect, tokens that don't expire."""
    return replace(state, dialect="github", endpoints=ENDPOINTS, scopes=SCOPES, name="Practice Git host")


def token(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """A token for a code. Errors have status 200, and all is form-encoded unless JSON is asked for."""
    params = Params((*request.query, *request.form))
    try:
        state, grant = _accept(state, params, moment)
    except Denied as denied:
        state = (denied.state or state).logged(moment, "token", claimed_client(request), error=denied.error, reason=denied.description)
        pairs = {"error": denied.error, "error_description": denied.description, "error_uri": _DOCUMENTATION + "#" + denied.error}
        return state, _encoded(request, pairs)
    value = "gho_" + hashlib.sha256(moment.token("access token").encode()).hexdigest()[:36]
    item = AccessToken(grant.id, moment.token("access token id"), grant.scopes, grant.audience, int(moment.seconds), math.inf)
    state = replace(state, access_tokens=with_item(state.access_tokens, digest(value), item))
    state = state.logged(moment, "token", grant.client_id, reason="gave a token for a code")
    return state, _encoded(request, {"access_token": value, "scope": ",".join(grant.scopes), "token_type": "bearer"})


def user(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """Who the token's user is."""
    found = _who(state, request, moment)
    if isinstance(found, str):
        return _bad_credentials(state, found, moment)
    person, item = found
    document = {"login": person.username, "id": _number(person), "type": "User", "name": person.claims.get("name"), "email": None}
    return state, _api_answer(document, item)


def emails(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The user's email addresses; without the scope they don't exist, as GitHub puts it."""
    found = _who(state, request, moment)
    if isinstance(found, str):
        return _bad_credentials(state, found, moment)
    person, item = found
    if not {"user:email", "user"} & set(item.scopes):
        reason = "/user/emails: the scope user:email is needed"
        state = state.logged(moment, "api", person.username, error="insufficient_scope", reason=reason)
        return state, _api_answer({"message": "Not Found"}, item, status=404)
    address = {"email": person.claims.get("email"), "primary": True, "verified": person.claims.get("email_verified", False)}
    return state, _api_answer([address], item)


def _accept(state: ProviderState, params: Params, moment: Moment) -> tuple[ProviderState, Grant]:
    client = state.clients.get(params.get("client_id") or "")
    if client is None or not client.has_secret(params.get("client_secret") or ""):
        raise Denied("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
    code = state.codes.get(digest(params.get("code") or ""))
    redirect_uri = params.get("redirect_uri")
    if code is not None and redirect_uri is not None and redirect_uri != code.redirect_uri:
        raise Denied("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.")
    given = code.redirect_uri if code is not None else ""
    try:
        return accept_code(state, client, params.with_("redirect_uri", given), moment)
    except Denied as denied:
        raise Denied("bad_verification_code", "The code passed is incorrect or expired.", state=denied.state) from denied


def _encoded(request: Request, pairs: Mapping[str, str]) -> Response:
    if JSON in (request.headers.get("accept") or ""):
        return json_answer(pairs)
    headers = (("Content-Type", f"{FORM}; charset=utf-8"), *NO_STORE)
    return Response(200, Headers(headers), Params.of(pairs).encode().encode())


def _who(state: ProviderState, request: Request, moment: Moment) -> tuple[User, AccessToken] | str:
    """The user and the token; a message when there are none."""
    scheme, _, value = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() not in ("bearer", "token"):
        return "Requires authentication"
    item = state.access_tokens.get(digest(value.strip()))
    if item is None or not is_active(state, item, moment):
        return "Bad credentials"
    return state.users[state.grants[item.grant_id].username], item


def _bad_credentials(state: ProviderState, message: str, moment: Moment) -> Answer:
    state = state.logged(moment, "api", "", error="unauthorized", reason=message)
    return state, json_answer({"message": message, "documentation_url": "https://docs.github.com/rest", "status": "401"}, 401)


def _api_answer(document: Any, item: AccessToken, *, status: int = 200) -> Response:
    return json_answer(document, status, headers=(*NO_STORE, ("X-OAuth-Scopes", ", ".join(item.scopes))))


def _number(person: User) -> int:
    return int(digest(person.username)[:7], 16)
