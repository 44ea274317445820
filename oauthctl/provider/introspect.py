"""Token introspection.

Here: what the provider tells of a token, and to whom. Not here: judging a token for our own API (`bearer`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.http import Headers, Params, Request, Response
from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer, refuse, single_form
from oauthctl.provider.bearer import is_active
from oauthctl.provider.client import Client
from oauthctl.provider.client_auth import CHALLENGE, authenticate
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import Grant
from oauthctl.provider.sealing import sealed
from oauthctl.provider.state import ProviderState
from oauthctl.provider.subject import subject_of

ENDPOINT = "introspect"
JWT = "application/token-introspection+jwt"


def introspect(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """What is known of a token: to its own client, and of an access token to a resource server.

    Source: RFC 7662 section 2.
    """
    try:
        form = single_form(request)
        state, client = authenticate(state, request, form, moment)
        if client.is_public:
            # RFC 7662 section 2.1: some form of authorization is a must, against scanning for tokens.
            raise Denied("invalid_client", "a public client can't introspect tokens", status=401, headers=CHALLENGE)
        if "token" not in form:
            raise Denied("invalid_request", "the parameter token is missing")
        document = _told(state, client, form, moment)
        if JWT in (request.headers.get("accept") or "").lower():
            return state, _signed(state, client, document, moment=moment)
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    return state, json_answer(document)


def _signed(state: ProviderState, client: Client, document: dict[str, Any], *, moment: Moment) -> Response:
    """The answer as a JWT for the one who asks. Source: RFC 9701 sections 4 and 5."""
    claims = {"iss": state.issuer, "aud": client.id, "iat": int(moment.seconds), "token_introspection": document}
    encrypted = (client.introspection_encrypted_response_alg, client.introspection_encrypted_response_enc)
    alg = client.introspection_signed_response_alg
    compact = sealed(state, client, claims, alg=alg, encrypted=encrypted, typ="token-introspection+jwt")
    return Response(200, Headers((("Content-Type", JWT), *NO_STORE)), compact.encode())


def _told(state: ProviderState, client: Client, form: Params, moment: Moment) -> dict[str, Any]:
    key = digest(form.get("token") or "")
    access, refresh = state.access_tokens.get(key), state.refresh_tokens.get(key)
    item = access or refresh
    grant = state.grants.get(item.grant_id) if item is not None else None
    if grant is None or not (client.is_resource_server or client.id == grant.client_id):
        return {"active": False}
    if access is not None and is_active(state, access, moment):
        return {
            **_about(state, grant),
            "scope": " ".join(access.scopes),
            "token_type": "DPoP" if access.confirmation is not None and access.confirmation.method == "jkt" else "Bearer",
            **({"cnf": {access.confirmation.method: access.confirmation.value}} if access.confirmation is not None else {}),
            "exp": access.expires_at,
            "iat": access.issued_at,
            "aud": access.audience[0] if len(access.audience) == 1 else list(access.audience),
            "jti": access.id,
            **({"authorization_details": list(access.details)} if access.details else {}),
        }
    # Source: RFC 7662 section 4: a resource server that found a refresh token has no use for it but to try it out.
    is_its_own = client.id == grant.client_id
    if refresh is not None and is_its_own and not refresh.is_used and not grant.is_revoked and moment.now < refresh.expires_at:
        return {**_about(state, grant), "scope": " ".join(grant.scopes), "exp": int(refresh.expires_at.timestamp())}
    return {"active": False}


def _about(state: ProviderState, grant: Grant) -> dict[str, Any]:
    subject = subject_of(state, grant.client_id, grant.who)
    user = {"username": grant.username} if grant.username and subject == grant.who else {}
    actor = {"act": dict(grant.actor)} if grant.actor else {}
    # Source: RFC 9470 section 6.2.
    signed_in = {name: value for name, value in (("acr", grant.acr), ("auth_time", grant.auth_time)) if value}
    return {"active": True, **signed_in, "iss": state.issuer, "sub": subject, "client_id": grant.client_id, **user, **actor}
