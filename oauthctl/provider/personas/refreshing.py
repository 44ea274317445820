"""Quirks of refresh tokens: when there is one, and what becomes of it when it is used.

Here: what differs from the standard's scope `offline_access` and from rotation. Not here: the grant itself (`grant_refresh`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from oauthctl.http import Params
from oauthctl.provider.answers import Answer, claimed_client
from oauthctl.provider.browser import session_of
from oauthctl.provider.faults.edits import document_of, with_body, with_query_params
from oauthctl.provider.faults.registry import Call
from oauthctl.provider.moment import digest
from oauthctl.provider.personas.quirk import quirk
from oauthctl.provider.personas.requests import with_params
from oauthctl.provider.remembered import with_item, without_items


@quirk("authorize")
def offline_by_param(call: Call, value: Mapping[str, str]) -> Answer:
    """A refresh token comes when a parameter asks for it, at the first consent or at one that is asked for anew."""
    ((name, wanted),) = value.items()
    return call.answered(request=with_query_params(call.request, lambda params: _with_offline(call, params, params.get(name) == wanted)))


def _with_offline(call: Call, params: Params, is_wanted: bool) -> Params:
    offline = call.state.offline_scope
    scopes = [one for one in (params.get("scope") or "").split() if one != offline]
    is_new = "consent" in (params.get("prompt") or "").split() or not _has_consented(call, params.get("client_id") or "")
    return params.with_("scope", " ".join([*scopes, offline] if is_wanted and is_new else scopes))


def _has_consented(call: Call, client_id: str) -> bool:
    session = session_of(call.state, call.request)
    username = session.username if session is not None else ""
    return call.state.offline_scope in call.state.consents.get((username, client_id), frozenset())


@quirk("authorize", "device_authorization")
def offline_always(call: Call, whom: str) -> Answer:
    """A refresh token comes without being asked for: to `everybody`, to `devices`, or to `confidential` clients."""
    client = call.state.clients.get(claimed_client(call.request))
    meant = {
        "everybody": True,
        "devices": call.place == "device_authorization",
        "confidential": client is not None and not client.is_public,
    }
    if not meant[whom]:
        return call.answered()

    def edit(params: Params) -> Params:
        scopes = (params.get("scope") or "").split()
        return params.with_("scope", " ".join(dict.fromkeys((*scopes, call.state.offline_scope))))

    return call.answered(request=with_params(call, edit))


@quirk("token")
def refresh_tokens_stay(call: Call, how: str) -> Answer:
    """A refresh token stays good when it is used: `alone`, `repeated` in the answer, or `renewed`, where a further one comes along."""
    used = digest(call.request.form.get("refresh_token") or "")
    before = call.state.refresh_tokens.get(used)
    state, response = call.answered()
    document = document_of(response)
    if before is None or document is None or call.request.form.get("grant_type") != "refresh_token":
        return state, response
    tokens = with_item(state.refresh_tokens, used, before)
    if how in ("alone", "repeated"):
        tokens = without_items(tokens, [digest(str(document.pop("refresh_token", "")))])
        if how == "repeated":
            document["refresh_token"] = call.request.form.get("refresh_token")
        response = with_body(response, json.dumps(document).encode())
    return replace(state, refresh_tokens=tokens), response


@quirk("token")
def refresh_ends_access_tokens(call: Call, _value: bool) -> Answer:
    """A refresh ends the access tokens that came before it."""
    used = call.state.refresh_tokens.get(digest(call.request.form.get("refresh_token") or ""))
    state, response = call.answered()
    if used is None or document_of(response) is None:
        return state, response
    earlier = [(key, item) for key, item in call.state.access_tokens.items() if item.grant_id == used.grant_id and not item.is_revoked]
    for key, item in earlier:
        state = replace(state, access_tokens=with_item(state.access_tokens, key, replace(item, is_revoked=True)))
    return state, response
