"""How much a client may say of itself: anybody may register, and all that is said is kept.

Here: lengths and numbers. Not here: what the members may be (`client_metadata`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from oauthctl.provider.answers import Denied

OCTETS = 64 * 1024
"""Of the whole JSON object."""
CHARACTERS = 2000
"""Of one text, be it a name, a URL or a scope: what browsers and servers take of a URL at the least."""
VALUES = 100
"""Of one array."""


def check_size(octets: bytes, what: str) -> None:
    """`Denied` for an object that is too long to be read at all."""
    if len(octets) > OCTETS:
        raise _bad(f"{what} is longer than {OCTETS} octets")


def check_lengths(given: Mapping[str, Any], names: Iterable[str]) -> None:
    """`Denied` for one of these members that is too long. Source: RFC 7591 section 3.2.2 for the error."""
    for name in names:
        value = given.get(name)
        values = value if isinstance(value, list) else [value]
        if len(values) > VALUES:
            raise _bad(f"{name} has more than {VALUES} values")
        if any(isinstance(one, str) and len(one) > CHARACTERS for one in values):
            raise _bad(f"{name} is longer than {CHARACTERS} characters")


def _bad(description: str) -> Denied:
    return Denied("invalid_client_metadata", description)
