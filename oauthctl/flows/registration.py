"""A client that registers itself, and looks after its registration later.

Here: RFC 7591 and RFC 7592, the client's side. Not here: what a client says of itself (`messages.client_metadata`), keeping what the
server says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oauthctl.errors import BadAnswer, CheckFailed, OauthctlError, Refused
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import bounded, refusal, unusable
from oauthctl.http import JSON, Headers, Request
from oauthctl.messages.answer import Answer, read_answer
from oauthctl.messages.registration import RegistrationResponse
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange

_PLACE = "the registration endpoint"
SERVERS_OWN = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")
"""Source: RFC 7592 section 2.2: what must not be in an update."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The client as the server knows it now, and sentences on what is not as it was asked for, or as it should be."""

    response: RegistrationResponse
    exchange: int
    remarks: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """All members, secrets among them."""
        return dict(self.response.fields)


def register(registration_endpoint: str, metadata: Mapping[str, Any], *, token: str = "") -> Flow[Registered]:
    """Ask to be known as a client; `token` is the initial access token, where the server wants one.

    Raises `Refused` when the server says no, `BadAnswer` when the answer can't be used, `ConfigError` for plain http off loopback.
    Source: RFC 7591 section 3.
    """
    require_tls(registration_endpoint, "the client's registration")
    exchange = yield from send(_request("POST", registration_endpoint, token, metadata), purposes.REGISTRATION)
    return _registered(exchange, asked=metadata)


def read_registration(registration_client_uri: str, token: str, *, client_id: str) -> Flow[Registered]:
    """What the server has of the client. Raises as `register` does. Source: RFC 7592 section 2.1."""
    require_tls(registration_client_uri, "the registration access token")
    exchange = yield from send(_request("GET", registration_client_uri, token), purposes.CLIENT_CONFIGURATION)
    return _registered(exchange, client_id=client_id)


def update_registration(registration_client_uri: str, token: str, metadata: Mapping[str, Any], *, client_id: str) -> Flow[Registered]:
    """Put these metadata in the place of what the server has. Raises as `register` does.

    Source: RFC 7592 section 2.2: all of them, the `client_id` among them, and nothing that is the server's own.
    """
    require_tls(registration_client_uri, "the registration access token")
    sent = {**{name: value for name, value in metadata.items() if name not in SERVERS_OWN}, "client_id": client_id}
    exchange = yield from send(_request("PUT", registration_client_uri, token, sent), purposes.CLIENT_CONFIGURATION)
    return _registered(exchange, asked=sent, client_id=client_id)


def delete_registration(registration_client_uri: str, token: str) -> Flow[None]:
    """Take the registration back. Raises as `register` does. Source: RFC 7592 section 2.3."""
    require_tls(registration_client_uri, "the registration access token")
    exchange = yield from send(_request("DELETE", registration_client_uri, token), purposes.CLIENT_CONFIGURATION)
    if exchange.response is None or not 200 <= exchange.response.status < 300:
        raise _no(exchange)


def _request(method: str, url: str, token: str, document: Mapping[str, Any] | None = None) -> Request:
    authorization = (("Authorization", f"Bearer {token}"),) if token else ()
    body = (("Content-Type", JSON),) if document is not None else ()
    content = json.dumps(document, ensure_ascii=False).encode() if document is not None else b""
    return Request(method, url, Headers((("Accept", JSON), *authorization, *body)), content)


def _registered(exchange: Exchange, *, asked: Mapping[str, Any] | None = None, client_id: str = "") -> Registered:
    response = exchange.response
    answer = read_answer(response) if response is not None else Answer(problem=exchange.failure)
    message = RegistrationResponse(answer.fields, exchange.id)
    if response is None or not 200 <= response.status < 300 or message.raw("error"):
        raise _no(exchange)
    if answer.problem:
        raise unusable(_PLACE, exchange, answer.problem)
    if not message.client_id:
        raise BadAnswer(
            f"{_PLACE} gave no `client_id`",
            slug="client-id-missing",
            where=f"exchange {exchange.id}, response",
            got=bounded(", ".join(name for name, _ in message.fields) or "no member at all"),
            spec="RFC 7591 section 3.2.1",
            help="look at the answer with `oauthctl trace show`; nothing was kept",
        )
    if client_id and message.client_id != client_id:
        raise CheckFailed(
            f"{_PLACE} speaks of another client",
            slug="client-id-differs",
            where=f"exchange {exchange.id}, response.client_id",
            sent=client_id,
            got=bounded(message.client_id),
            spec="RFC 7592 section 3",
            help="nothing of it was kept",
        )
    return Registered(message, exchange.id, (*answer.departures, *_flaws(message), *_changed(message, asked or {})))


def _no(exchange: Exchange) -> OauthctlError:
    """Source: RFC 7591 section 3.2.2; of a token that is not good RFC 6750 section 3.1 tells in the header alone."""
    response = exchange.response
    answer = read_answer(response) if response is not None else Answer(problem=exchange.failure)
    where = f"exchange {exchange.id}, {exchange.request.method} {exchange.request.path}"
    if response is not None and response.status in (401, 403) and answer.problem:
        error: OauthctlError = Refused(f"{_PLACE} refused with status {response.status}", where=where, data={"status": response.status})
    elif response is None:
        return unusable(_PLACE, exchange, exchange.failure)
    else:
        error = refusal(_PLACE, exchange, answer)
    is_later = exchange.purpose == purposes.CLIENT_CONFIGURATION
    error.spec = "RFC 7592 section 2" if is_later else "RFC 7591 section 3.2.2"
    if is_later and response is not None and response.status in (401, 403):
        error.help = "the client may be deleted at the server, or a later answer gave another token; else register anew"
    return error


def _flaws(message: RegistrationResponse) -> tuple[str, ...]:
    found = []
    if message.client_secret and message.raw("client_secret_expires_at") is None:
        found.append("`client_secret_expires_at` is missing beside the secret (RFC 7591 section 3.2.1): it is taken to be good for ever")
    if bool(message.registration_client_uri) is not bool(message.registration_access_token):
        found.append("`registration_client_uri` and `registration_access_token` go together (RFC 7592 section 3), and one is missing")
    return tuple(found)


def _changed(message: RegistrationResponse, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """What the server made of the wishes. Source: RFC 7591 section 3.2.1: it may replace values, and the client has to look."""
    found = []
    for name, value in asked.items():
        given = message.raw(name)
        if name in ("client_secret", "software_statement") or _same(value, given):
            continue
        became = "was left out" if given is None else f"became `{bounded(_text(given), 120)}`"
        found.append(f"`{name[:60]}` {became}, where `{bounded(_text(value), 120)}` was asked for")
    return tuple(found)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(_text, one)) == sorted(map(_text, other))
    if isinstance(one, str) and isinstance(other, str) and " " in one:
        return sorted(one.split()) == sorted(other.split())
    return bool(one == other)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
