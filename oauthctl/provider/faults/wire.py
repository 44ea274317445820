"""Faults below the protocol: answers that come late, broken, packed wrongly or not at all.

Here: how an answer travels. Not here: what it says.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace

from oauthctl.provider.answers import Answer
from oauthctl.provider.delivery import Delivery
from oauthctl.provider.faults.edits import with_body
from oauthctl.provider.faults.places import API, METADATA
from oauthctl.provider.faults.registry import FLOW, Call, fault

_MACHINE = "client-credentials-flow"
_FOR_EVER, _LATE = 3600.0, 5.0
_BEGINNING = 8
"""Octets: fewer than any answer with a body has."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How an answer goes onto the wire; `{}` in the title is whose answer it is."""

    suffix: str
    title: str
    rule: str
    delivery: Delivery


_RESET = _Way("reset", "The connection to {} is reset before an answer", "connection-reset", Delivery(is_reset=True))
_SILENT = _Way("silent", "The request is taken, and no answer of {} ever comes", "server-too-slow", Delivery(seconds=_FOR_EVER))
_CUT_OFF = _Way("cut_off", "The connection ends in the midst of the answer of {}", "answer-cut-off", Delivery(keeps=_BEGINNING))
_SLOW = _Way("slow", "The answer of {} comes after five seconds, too late for a hasty client", "server-too-slow", Delivery(seconds=_LATE))
_HALTING = _Way(
    "halting",
    "The answer of {} begins, and goes on after five seconds, too late for a hasty client",
    "server-too-slow",
    Delivery(keeps=_BEGINNING, pause_seconds=_LATE),
)
_BROKEN = (_RESET, _SILENT, _CUT_OFF)
_ALL = (*_BROKEN, _SLOW, _HALTING)

# By endpoint how its faults are called, what it is, in which flow they show, and how its answers travel. The person's browser gets those of
# the authorization endpoint; a revocation's answer has no body.
_PLACES = (
    (METADATA, "metadata", "the metadata", "discovery-flow", _ALL),
    ("jwks", "keys", "the key set", "keys-flow", _ALL),
    ("token", "token", "the token endpoint", _MACHINE, _ALL),
    ("userinfo", "userinfo", "the userinfo endpoint", "claims-flow", _ALL),
    (API, "api", "the API", "api-flow", _ALL),
    ("authorize", "authorization", "the authorization endpoint", FLOW, _BROKEN),
    ("pushed", "pushed", "the pushed authorization request endpoint", "pushed-flow", _BROKEN),
    ("device_authorization", "device", "the device authorization endpoint", "device-flow", _BROKEN),
    ("register", "registration", "the registration endpoint", "registration-flow", _BROKEN),
    ("introspect", "introspection", "the introspection endpoint", "introspection-flow", _BROKEN),
    ("revoke", "revocation", "the revocation endpoint", "revocation-flow", (_RESET, _SILENT)),
)


def _declare(place: str, name: str, what: str, flow: str, way: _Way) -> None:
    def travel(call: Call) -> Answer | None:
        state, response = call.answered()
        keeps = way.delivery.keeps
        return (replace(state, delivery=way.delivery), response) if keeps is None or keeps < len(response.body) else None

    travel.__name__, travel.__doc__ = f"{name}_{way.suffix}", way.title.format(what)
    fault(place, rule=_rule(place, way), flow=flow)(travel)


def _rule(place: str, way: _Way) -> str:
    if place == "authorize":
        # Whoever waits for a browser can't see what became of it.
        return "callback-never-came"
    return "key-set-unreachable" if place == "jwks" and way is not _CUT_OFF else way.rule


for _place, _name, _what, _flow, _ways in _PLACES:
    for _way in _ways:
        _declare(_place, _name, _what, _flow, _way)


@fault("token", rule="content-encoding-wrong", flow=_MACHINE)
def token_not_packed(call: Call) -> Answer | None:
    """The token answer says that it is packed with gzip, and is plain text."""
    state, response = call.answered()
    return state, replace(response, headers=response.headers.with_("Content-Encoding", "gzip"))


@fault("token", rule="content-encoding-wrong", flow=_MACHINE)
def token_packed_badly(call: Call) -> Answer | None:
    """The token answer is packed with gzip, and damaged in the middle."""
    state, response = call.answered()
    packed = gzip.compress(response.body, mtime=0)
    middle = len(packed) // 2
    damaged = packed[:middle] + bytes(octet ^ 0xFF for octet in packed[middle : middle + 8]) + packed[middle + 8 :]
    return state, replace(with_body(response, damaged), headers=response.headers.with_("Content-Encoding", "gzip"))


@fault("token", rule="answer-too-large", flow=_MACHINE)
def token_endless(call: Call) -> Answer | None:
    """The token answer is larger than anybody should read."""
    state, response = call.answered()
    return state, with_body(response, b'{"padding": "' + b"a" * 40_000_000 + b'"}')
