"""The UserInfo endpoint.

Here: the claims that an access token opens. Not here: which claims a scope has (`user_claims`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.http import FORM, Headers, Request, Response
from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer, refuse
from oauthctl.provider.bearer import BadBearer, read_bearer, refuse_bearer
from oauthctl.provider.claims_request import picked
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import Grant
from oauthctl.provider.sealing import sealed
from oauthctl.provider.state import ProviderState
from oauthctl.provider.subject import subject_of
from oauthctl.provider.user_claims import claims_for

ENDPOINT = "userinfo"


def userinfo(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The user's claims, by GET or by POST; the token comes in the header, or in a posted form.

    Source: OIDC Core section 5.3; RFC 6750 section 2.2.
    """
    try:
        state, bearer = read_bearer(state, _with_header(request), moment)
        user = state.users.get(bearer.subject)
        if "openid" not in bearer.scopes:
            raise BadBearer("insufficient_scope", "The scope openid is needed here", status=403, scope="openid")
        if user is None:
            raise BadBearer("invalid_token", "The access token is about nobody who is known here")
    except BadBearer as bad:
        return refuse_bearer(state, request, bad, endpoint=ENDPOINT, moment=moment)
    grant = _grant_of(state, request)
    single = picked(grant.claims, "userinfo", user.claims) if grant is not None else {}
    subject = subject_of(state, bearer.client_id, user.username)
    claims = {"sub": subject, **claims_for(state, "userinfo", user, scopes=bearer.scopes), **single}
    try:
        return state, _answer(state, bearer.client_id, claims)
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)


def _grant_of(state: ProviderState, request: Request) -> Grant | None:
    """What the token stands for; None of one that is not in the books."""
    token = (_with_header(request).headers.get("authorization") or "").partition(" ")[2].strip()
    item = state.access_tokens.get(digest(token))
    return state.grants.get(item.grant_id) if item is not None else None


def _answer(state: ProviderState, client_id: str, claims: dict[str, Any]) -> Response:
    """JSON, or a JWT for a client that is registered so. Source: OpenID Connect Core 1.0 section 5.3.2."""
    client = state.clients.get(client_id)
    if client is None or not (client.userinfo_signed_response_alg or client.userinfo_encrypted_response_alg):
        return json_answer(claims)
    whole = {"iss": state.issuer, "aud": client.id, **claims}
    alg = client.userinfo_signed_response_alg or state.keys[0].alg
    encrypted = (client.userinfo_encrypted_response_alg, client.userinfo_encrypted_response_enc)
    compact = sealed(state, client, whole, alg=alg, encrypted=encrypted)
    return Response(200, Headers((("Content-Type", "application/jwt"), *NO_STORE)), compact.encode())


def _with_header(request: Request) -> Request:
    token = request.form.get("access_token") if request.method == "POST" else None
    is_form = (request.headers.get("content-type") or "").partition(";")[0].strip().lower() == FORM
    if token is None or not is_form:
        return request
    if "authorization" in request.headers:
        # RFC 6750 section 2: clients must not use more than one method to transmit the token.
        raise BadBearer("invalid_request", "the access token is sent in more than one way", status=400)
    return Request(request.method, request.url, Headers((*request.headers.pairs, ("Authorization", f"Bearer {token}"))), request.body)
