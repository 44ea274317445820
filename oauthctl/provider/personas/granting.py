"""Quirks of what brings a token: grants of the provider's own, and grants for whom the standard would refuse them.

Here: grants. Not here: what is demanded of their requests (`demands`), refresh tokens (`refreshing`).
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer, refuse, single_form
from oauthctl.provider.bearer import is_active
from oauthctl.provider.client import DEVICE_CODE
from oauthctl.provider.client_auth import authenticate
from oauthctl.provider.faults.registry import Call
from oauthctl.provider.issue import issue_access_token
from oauthctl.provider.moment import digest
from oauthctl.provider.personas.quirk import quirk

_EXCHANGE = "fb_exchange_token"
"""Both the grant type and the parameter with the token. Source: Facebook, "Get long-lived access tokens"."""


@quirk("token", "device_authorization")
def device_without_secret(call: Call, _value: bool) -> Answer:
    """A device proves itself by the client's identifier alone, even where the client has a secret."""
    form = call.request.form
    client = call.state.clients.get(form.get("client_id") or "")
    is_of_device = call.place == "device_authorization" or form.get("grant_type") == DEVICE_CODE
    if client is None or not is_of_device or "client_secret" in form or "authorization" in call.request.headers:
        return call.answered()
    return call.under(clients={**call.state.clients, client.id: replace(client, auth_methods=("none",))})


@quirk("token")
def long_lived_exchange(call: Call, seconds: int) -> Answer:
    """A short-lived access token is exchanged for one that lives this number of seconds."""
    if call.request.form.get("grant_type") != _EXCHANGE:
        return call.answered()
    try:
        form = single_form(call.request)
        state, client = authenticate(call.state, call.request, form, call.moment)
        item = state.access_tokens.get(digest(form.get(_EXCHANGE) or ""))
        if item is None or not is_active(state, item, call.moment) or state.grants[item.grant_id].client_id != client.id:
            raise Denied("invalid_token", "the access token to be exchanged is none of this client's, or does not count any more")
    except Denied as denied:
        return refuse(call.state, call.request, denied, endpoint="token", moment=call.moment)
    grant, before = state.grants[item.grant_id], state.token_seconds
    state, document = issue_access_token(
        replace(state, token_seconds=seconds), grant, scopes=item.scopes, audience=item.audience, moment=call.moment
    )
    state = replace(state, token_seconds=before).logged(call.moment, "token", client.id, reason="gave a long-lived token for another")
    return state, json_answer(document, headers=NO_STORE)
