"""Token revocation.

Here: taking tokens back for their client. Not here: reuse, which revokes by itself (`token`).
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.http import Headers, Request, Response
from oauthctl.provider.answers import NO_STORE, Answer, Denied, refuse, single_form
from oauthctl.provider.changing import changed
from oauthctl.provider.client_auth import authenticate
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.remembered import with_item
from oauthctl.provider.state import ProviderState

ENDPOINT = "revoke"


def revoke(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """A refresh token is revoked with its whole family, an access token alone; an unknown token is fine.

    Source: RFC 7009 section 2.1, section 2.2.
    """
    try:
        form = single_form(request)
        state, client = authenticate(state, request, form, moment)
        token = form.get("token")
        if token is None:
            raise Denied("invalid_request", "the parameter token is missing")
        state = _without(state, digest(token), client.id, moment=moment)
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    return state, Response(200, Headers(NO_STORE))


def _without(state: ProviderState, key: str, client_id: str, *, moment: Moment) -> ProviderState:
    access, refresh = state.access_tokens.get(key), state.refresh_tokens.get(key)
    item = access or refresh
    if item is None:
        return state.logged(moment, ENDPOINT, client_id, reason="nothing to revoke: the token is unknown")
    if state.grants[item.grant_id].client_id != client_id:
        raise Denied("invalid_grant", "the token was given to another client")
    if access is not None:
        state = changed(state, access_tokens=with_item(state.access_tokens, key, replace(access, is_revoked=True)))
        return state.logged(moment, ENDPOINT, client_id, reason="revoked an access token")
    return state.with_grants_revoked((item.grant_id,)).logged(moment, ENDPOINT, client_id, reason="revoked a refresh token and its family")
