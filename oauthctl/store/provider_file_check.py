"""Whether the records that a file held make a provider: each names others that are there, keys sign, moments have a time zone.

Here: what the records' types do not say. Not here: reading them (`provider_file`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from oauthctl.errors import ConfigError
from oauthctl.jose.algorithms import UnusableKey, key_object
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.sign import sign
from oauthctl.provider.state import ProviderState

_OF_A_GRANT = ("codes", "refresh_tokens", "access_tokens")
_PERHAPS_OF_A_GRANT = ("device_codes", "backchannel_requests")
_NAMED = {"clients": "id", "users": "username", "grants": "id"}
"""Records that hold the key under which they are kept, and where."""
_ITEM = ("id", "name", "collection")


def require_whole(state: ProviderState, kinds: Mapping[str, Any]) -> None:
    """Raises: ValueError, with a sentence on the first record that a provider would stumble over; it quotes none, which may be secret.

    `kinds` are the fields of the state with their records' types.
    """
    for problem in _problems(state, kinds):
        raise ValueError(problem)


def _problems(state: ProviderState, kinds: Mapping[str, Any]) -> Iterator[str]:
    if not state.keys:
        yield "there are no signing keys"
    if not all(map(_signs, state.keys)) or not all(map(_is_whole, state.encryption_keys)):
        yield "a key is not whole"
    for name, member in _NAMED.items():
        if any(getattr(record, member) != key for key, record in getattr(state, name).items()):
            yield f"one of the {name} is kept under another's name"
    for name in (*_OF_A_GRANT, *_PERHAPS_OF_A_GRANT):
        held = (record.grant_id for record in getattr(state, name).values())
        if any(grant not in state.grants for grant in held if grant or name in _OF_A_GRANT):
            yield f"the grant of one of the {name} is missing"
    if not state.registrations.keys() <= state.clients.keys():
        yield "the client of one of the registrations is missing"
    for name in (name for name, kind in kinds.items() if _moments_of(kind)):
        if any(_lacks_zone(record, _moments_of(kinds[name])) for record in getattr(state, name).values()):
            yield f"a moment of one of the {name} has no time zone"
    if state.keys_since is not None and state.keys_since.tzinfo is None:
        yield "the moment since when the keys sign has no time zone"
    if not all(isinstance(item.get(name), str) for item in state.items for name in _ITEM) or not all(
        str(item["id"]).isdecimal() for item in state.items
    ):
        yield "one of the items of the API is not whole"


def _signs(key: Jwk) -> bool:
    try:
        sign({}, key)
    except ConfigError:
        return False
    return True


def _is_whole(key: Jwk) -> bool:
    try:
        key_object(key.as_dict())
    except UnusableKey:
        return False
    return key.is_private


def _moments_of(kind: Any) -> tuple[str, ...]:
    """The members of such records that are moments."""
    return tuple(one.name for one in fields(kind) if "datetime" in str(one.type)) if is_dataclass(kind) else ()


def _lacks_zone(record: object, names: tuple[str, ...]) -> bool:
    moments = (getattr(record, name) for name in names)
    return any(isinstance(moment, datetime) and moment.tzinfo is None for moment in moments)
