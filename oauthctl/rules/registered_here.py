"""What a recorded registration says of the client that is used afterwards.

Here: the redirect URIs that it registered. Not here: what a person gives (`given`), the registration's own faults (`registration`).
"""

from __future__ import annotations

import re

from oauthctl.messages.answer import read_answer
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.purposes import query_of
from oauthctl.rules.given import Given

_APART = re.compile(r"[\s,]+")
_NAME = "registered_redirect_uris"


def with_registration(given: Given, recording: Recording) -> Given:
    """What is given, and the redirect URIs that the recording shows to be registered, if it uses one client alone."""
    if given.registered_redirect_uris:
        return given
    made = [found for exchange in recording.exchanges if (found := _registered(exchange)) is not None]
    used = {client for exchange in recording.exchanges if (client := query_of(exchange.request.url).get("client_id"))}
    uris = next((uris for client, uris in reversed(made) if used == {client}), ())
    return Given({**given.members, _NAME: list(uris)}) if uris else given


def _registered(exchange: Exchange) -> tuple[str, tuple[str, ...]] | None:
    """The client and its redirect URIs, where an exchange registered one."""
    response, request = exchange.response, exchange.request
    if response is None or response.status not in (200, 201) or request.method not in ("POST", "PUT"):
        return None
    if exchange.purpose != purposes.REGISTRATION and b"redirect_uris" not in request.body[:65536]:
        return None
    members = dict(reversed(read_answer(response).fields))
    client = members.get("client_id")
    if not isinstance(client, str) or not client:
        return None
    named = members.get("redirect_uris") or members.get("redirect_uri") or request.form.get("redirect_uris")
    uris = named if isinstance(named, list) else _APART.split(named.strip()) if isinstance(named, str) else []
    # A redirect URI outside of the protocol, such as Mastodon's for programs without a page, is one too.
    return client, tuple(one for one in uris if isinstance(one, str) and one)
