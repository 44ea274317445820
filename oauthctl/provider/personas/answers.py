"""Quirks of answers that need more than another shape.

Here: how the whole answer is written, tokens beside the token. Not here: members (`table.toml`, `shaping`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from typing import Any

from oauthctl.http import FORM, JSON, Params
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.edits import document_of, with_body, with_query_params
from oauthctl.provider.faults.registry import Call
from oauthctl.provider.faults.way_back import way_back
from oauthctl.provider.moment import digest
from oauthctl.provider.personas.quirk import PAGES, quirk
from oauthctl.provider.remembered import with_item


@quirk("token", "device_authorization")
def form_answers(call: Call, _value: bool) -> Answer:
    """Answers are form-encoded unless JSON is asked for."""
    state, response = call.answered()
    if response.content_type != JSON or JSON in (call.request.headers.get("accept") or ""):
        return state, response
    pairs = Params(tuple((name, str(value)) for name, value in json.loads(response.body).items()))
    return state, with_body(response, pairs.encode().encode(), content_type=f"{FORM}; charset=utf-8")


@quirk("token")
def slow_down_interval(call: Call, _value: bool) -> Answer:
    """A device that polls too fast is told its new interval beside the error."""
    state, response = call.answered()
    document, item = document_of(response), state.device_codes.get(digest(call.request.form.get("device_code") or ""))
    if document is None or item is None or document.get("error") != "slow_down":
        return state, response
    return state, with_body(response, json.dumps({**document, "interval": ceil(item.interval)}).encode())


@quirk("authorize", "token")
def scopes_renamed(call: Call, names: Mapping[str, str]) -> Answer:
    """What was granted is told by other names than those that were asked for."""

    def renamed(scope: str) -> str:
        return " ".join(names.get(name, name) for name in scope.split())

    state, response = call.answered()
    found, document = way_back(state, response), document_of(response)
    if found is not None and "scope" in found.params:
        return state, found.carrying(found.params.with_("scope", renamed(found.params.get("scope") or "")))
    if document is not None and "scope" in document:
        return state, with_body(response, json.dumps({**document, "scope": renamed(document["scope"])}).encode())
    return state, response


@quirk("authorize", "token")
def user_scope(call: Call, prefix: str) -> Answer:
    """A second parameter, `user_scope`, asks for a token of the user's own, which comes inside `authed_user`."""
    if "user_scope" in call.request.query:
        return call.answered(request=with_query_params(call.request, lambda params: _with_user_scopes(params, prefix)))
    state, response = call.answered()
    document = document_of(response)
    if document is None or "scope" not in document:
        return state, response
    granted = document["scope"].split(",")
    own = [scope.removeprefix(prefix) for scope in granted if scope.startswith(prefix)]
    others = [scope for scope in granted if scope and not scope.startswith(prefix)]
    token = document["access_token"]
    document["scope"] = ",".join(others)
    if own:
        second = "xoxp-" + call.moment.token("user token")
        item = replace(state.access_tokens[digest(token)], scopes=tuple(own))
        state = replace(state, access_tokens=with_item(state.access_tokens, digest(second), item))
        document["authed_user"] |= {"scope": ",".join(own), "access_token": second, "token_type": "user"}
    if not others:
        document = {name: value for name, value in document.items() if name not in ("access_token", "token_type", "scope", "bot_user_id")}
    return state, with_body(response, json.dumps(document).encode())


def _with_user_scopes(params: Params, prefix: str) -> Params:
    of_bot = [scope for scope in (params.get("scope") or "").replace(",", " ").split() if not scope.startswith(prefix)]
    of_user = [prefix + scope for scope in (params.get("user_scope") or "").replace(",", " ").split()]
    return params.with_("scope", " ".join((*of_bot, *of_user)))


@quirk("authorize")
def user_at_first_consent(call: Call, _value: bool) -> Answer:
    """The user's name comes beside the code, at the first consent alone."""
    state, response = call.answered()
    found = way_back(state, response)
    new = [username for username, client in state.consents if (username, client) not in call.state.consents]
    if found is None or "code" not in found.params or not new:
        return state, response
    claims = state.users[new[0]].claims
    user = {"name": {"firstName": claims.get("given_name"), "lastName": claims.get("family_name")}, "email": claims.get("email")}
    return state, found.carrying(found.params.with_("user", json.dumps(user)))


@quirk("userinfo", PAGES)
def fields_param(call: Call, value: Mapping[str, list[str]]) -> Answer:
    """The API gives the members that `fields` names, and few without it."""
    state, response = call.answered()
    document = document_of(response)
    if document is None:
        return state, response
    asked = (call.request.query.get("fields") or "").split(",")
    names = {name for name in asked if name} or set(value["default"])
    holder: dict[str, Any] = {"": document}
    last = ""
    for name in value.get("below", ()):
        holder, last = holder[last], name
    holder[last] = {name: one for name, one in holder[last].items() if name in names}
    return state, with_body(response, json.dumps(document if last else holder[""]).encode())
