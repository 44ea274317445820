"""Token introspection.

Here: what the provider tells of a token, and to whom. Not here: judging a token for our own API (`bearer`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.http import Params, Request
from oauthctl.provider.answers import Answer, Denied, json_answer, refuse, single_form
from oauthctl.provider.bearer import is_active
from oauthctl.provider.client import Client
from oauthctl.provider.client_auth import CHALLENGE, authenticate
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.state import Grant, ProviderState

ENDPOINT = "introspect"


def introspect(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """What is known of a token: to its own client, and to a resource server.

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
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    return state, json_answer(_told(state, client, form, moment))


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
        }
    if refresh is not None and not refresh.is_used and not grant.is_revoked and moment.now < refresh.expires_at:
        return {**_about(state, grant), "scope": " ".join(grant.scopes), "exp": int(refresh.expires_at.timestamp())}
    return {"active": False}


def _about(state: ProviderState, grant: Grant) -> dict[str, Any]:
    user = {"username": grant.username} if grant.username else {}
    actor = {"act": dict(grant.actor)} if grant.actor else {}
    return {"active": True, "iss": state.issuer, "sub": grant.who, "client_id": grant.client_id, **user, **actor}
