"""From material to a `Scene`: facts are worked out, then the secrets go.

Here: the order of these two, which makes a shared, redacted recording tell the same as the one that it was made from, and keeps secrets
out of whatever a rule says. Not here: reading files (`record.har`, `record.pasted`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from oauthctl.http import Headers, Request
from oauthctl.jose.jwk import Jwk, parse_key_set
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts import facts
from oauthctl.record.facts.token import KeyFinder, facts_of_token
from oauthctl.record.material import Material
from oauthctl.record.redact import redact
from oauthctl.record.secret_names import is_secret_name
from oauthctl.record.tokens import HeldToken
from oauthctl.record.transaction import KeySet, response_message
from oauthctl.rules.given import Given
from oauthctl.rules.registered_here import with_registration
from oauthctl.rules.scene import Scene

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def scene_of(
    material: Material, *, now: datetime | None, salt: bytes, given: Mapping[str, Any] | None = None, keys: tuple[Jwk, ...] = ()
) -> Scene:
    """The scene that rules may look at. `now` None is the recording's own time; `keys` go before the key sets that were recorded.

    `salt` is fresh randomness: `record.redact.redact` says why.
    """
    recording = material.recording
    own = {"local_error": recording.error} if recording.error else {}
    members = {**own, **material.known, **(given or {})}
    finder = key_finder(recording, keys)
    known = material.facts if material.facts is not None else facts(recording, given=members, keys=finder)
    pasted_facts = tuple(facts_of_token(held, finder, members) for held in material.tokens)
    hidden, tokens, shown = _without_secrets(material, members, salt=salt)
    return Scene(hidden, now or moment_of(recording), with_registration(Given(shown), hidden), known, tokens, pasted_facts)


def moment_of(recording: Recording) -> datetime:
    """The recording's own time: when its last exchange ended by the sender's clock; the epoch when nobody knows."""
    return max((exchange.started_at for exchange in recording.exchanges), default=_EPOCH)


def key_finder(recording: Recording, keys: tuple[Jwk, ...]) -> KeyFinder:
    """The keys for any token: those that are given; else the recorded key sets, the last of them first, what was fetched again once."""
    documents = [response_message(exchange) for exchange in recording.exchanges]
    sets = [document.raw("keys") for document in reversed(documents) if isinstance(document, KeySet)]
    different = {json.dumps(one, sort_keys=True): one for one in sets}
    published = tuple(key for one in different.values() for key in parse_key_set({"keys": one}))

    def find(token: Token) -> tuple[Jwk, ...]:
        del token
        return keys or published

    return find


def _without_secrets(
    material: Material, members: Mapping[str, Any], *, salt: bytes
) -> tuple[Recording, tuple[HeldToken, ...], dict[str, Any]]:
    """All three redacted at once, so that the same secret keeps the same fingerprint: what has no exchange travels in one more.

    With them go the secrets that are known by name, to be found in any of them.
    """
    recording, tokens = material.recording, material.tokens
    leaves: list[tuple[str, str]] = []
    packed = _packed(dict(members), "given", leaves)
    pasted = [(held.role.value, held.token.compact) for held in tokens]
    # Strings alone: a fingerprint in the place of a number would be no JSON.
    body = json.dumps([{name: text} for name, text in (*leaves, *pasted, *material.named)]).encode("utf-8")
    carrier = Exchange(recording.next_id, "", Channel.WIRE, Request("POST", "about:given", Headers(), body), _EPOCH)
    hidden = redact(replace(recording, exchanges=(*recording.exchanges, carrier)), salt=salt)
    texts = [next(iter(one.values())) for one in json.loads(hidden.exchanges[-1].request.body)]
    without = tuple(
        replace(held, token=take_apart(text)) for held, text in zip(tokens, texts[len(leaves) : len(leaves) + len(pasted)], strict=True)
    )
    return replace(hidden, exchanges=hidden.exchanges[:-1]), without, _unpacked(packed, texts)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a string stood: its number among all of them."""

    number: int


def _packed(value: Any, name: str, leaves: list[tuple[str, str]]) -> Any:
    """The value with places for its strings, which are put into `leaves` with the name of the member that they stand in."""
    if isinstance(value, dict):
        return {key: _packed(inner, str(key), leaves) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(inner, name, leaves) for inner in value]
    if isinstance(value, str) or (is_secret_name(name) and value is not None):
        leaves.append((name, str(value)))
        return _Place(len(leaves) - 1)
    return value


def _unpacked(value: Any, texts: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _unpacked(inner, texts) for key, inner in value.items()}
    if isinstance(value, list):
        return [_unpacked(inner, texts) for inner in value]
    return texts[value.number] if isinstance(value, _Place) else value
