"""Authorization in detail: which objects may be asked for, and what is granted of them.

Here: RFC 9396, the server's side. Not here: scopes (`request`), showing the objects to the person (`pages`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from oauthctl.http import Params
from oauthctl.jose.json_object import read_strictly
from oauthctl.provider.answers import Denied
from oauthctl.provider.client import Client
from oauthctl.provider.records import Grant
from oauthctl.provider.state import ProviderState

Details: TypeAlias = tuple[Mapping[str, Any], ...]
_MOST = 50
_TEXTS = ("locations", "actions", "datatypes", "privileges")
"""The members that all types share, each an array of texts. Source: RFC 9396 section 2.2."""


def read_details(state: ProviderState, client: Client, params: Params) -> Details:
    """The objects that are asked for; none where the parameter is missing. `Denied` for what is not taken.

    Source: RFC 9396 section 5: unknown type, missing or wrong members.
    """
    text = params.get("authorization_details")
    if text is None:
        return ()
    try:
        found = read_strictly(text, "authorization_details")
    except ValueError as error:
        raise _bad(str(error)) from None
    if not isinstance(found, list) or len(found) > _MOST or not all(isinstance(one, dict) for one in found):
        raise _bad("authorization_details has to be a JSON array of objects")
    for one in found:
        _check(state, client, one)
    return tuple(found)


def narrowed_details(state: ProviderState, grant: Grant, form: Params) -> Details:
    """The objects for which the token request asks, of those that were granted; all where it names none.

    `Denied` for others. Source: RFC 9396 section 6.
    """
    if "authorization_details" not in form:
        return grant.details
    asked = read_details(state, state.clients[grant.client_id], form)
    if any(one not in grant.details for one in asked):
        raise _bad("authorization_details asks for more than was granted")
    return asked


def told(state: ProviderState, details: Details) -> tuple[tuple[str, str], ...]:
    """Each object for a person to read: what its type means, and its members."""
    return tuple(
        (
            state.authorization_details_types.get(str(one.get("type")), str(one.get("type"))),
            json.dumps({name: value for name, value in one.items() if name != "type"}, ensure_ascii=False, indent=1),
        )
        for one in details
    )


def _check(state: ProviderState, client: Client, one: Mapping[str, Any]) -> None:
    kind = one.get("type")
    if not isinstance(kind, str):
        raise _bad("an object of authorization_details has no type")
    if kind not in state.authorization_details_types:
        known = " or ".join(state.authorization_details_types)
        raise _bad(f"the type {kind[:80]} of authorization_details is unknown here: it is {known}")
    if client.authorization_details_types and kind not in client.authorization_details_types:
        raise _bad(f"the client may not ask for the type {kind} of authorization_details")
    for name in _TEXTS:
        value = one.get(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise _bad(f"{name} in authorization_details has to be an array of texts")


def _bad(description: str) -> Denied:
    return Denied("invalid_authorization_details", description)
