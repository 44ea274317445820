"""`Param` and `Message`: each parameter is declared once, and everything that is known of it comes from that line.

Here: the descriptor, its readers, the base of all messages. Not here: any one message. Parsing never rejects: a value that can't be read
as its type reads as None and stays in `fields` as it came.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar, overload

from oauthctl.http import Params
from oauthctl.specs import Section

T = TypeVar("T")
Reader = Callable[[object], T | None]


def text(raw: object) -> str | None:
    """A string as it came; numbers and booleans as JSON writes them."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | float):
        return json.dumps(raw)
    return None


def string(raw: object) -> str | None:
    """A string alone: what goes back to its sender to the letter, and would be another value if it were written anew."""
    return raw if isinstance(raw, str) else None


def written(raw: object) -> str:
    """A string as it came, all else as JSON writes it: for names that are compared, where a value of a wrong type is not none."""
    return raw if isinstance(raw, str) else json.dumps(raw)


def words(raw: object) -> tuple[str, ...] | None:
    """A space-separated list (RFC 6749 section 3.3); an array of strings is taken too (Twitch)."""
    if isinstance(raw, str):
        return tuple(raw.split())
    return texts(raw)


def texts(raw: object) -> tuple[str, ...] | None:
    """An array of strings; a lone string is an array of one (RFC 7519 section 4.1.3)."""
    if isinstance(raw, str):
        return (raw,)
    if isinstance(raw, list | tuple):
        return tuple(item for item in raw if isinstance(item, str))
    return None


def number(raw: object) -> float | None:
    """A number; one in a string is taken too (PayPal). None for a boolean, NaN or infinity."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        try:
            raw = float(raw)
        except ValueError:
            return None
    if isinstance(raw, int | float) and -1e300 < raw < 1e300:
        return float(raw)
    return None


def moment(raw: object) -> datetime | None:
    """Seconds since the epoch as an aware UTC datetime; None when out of the calendar."""
    seconds = number(raw)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def boolean(raw: object) -> bool | None:
    """A boolean; the strings `true` and `false` are taken too."""
    if isinstance(raw, bool):
        return raw
    return {"true": True, "false": False}.get(raw.lower()) if isinstance(raw, str) else None


def anything(raw: object) -> object | None:
    """Whatever came."""
    return raw


def members(raw: object) -> Mapping[str, Any] | None:
    """A JSON object."""
    return raw if isinstance(raw, dict) else None


class Param(Generic[T]):
    """One parameter of a message: `state = Param(text, Section("RFC 6749", "4.1.1"), "opaque value, returned unchanged")`.

    `wire_name` is what the parameter is called in the message when that is no Python name. `secret` values are masked and redacted.
    """

    __slots__ = ("meaning", "name", "reader", "secret", "section")

    def __init__(self, reader: Reader[T], section: Section, meaning: str, *, secret: bool = False, wire_name: str = "") -> None:
        self.reader = reader
        self.section = section
        self.meaning = meaning
        self.secret = secret
        self.name = wire_name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    @overload
    def __get__(self, message: None, owner: type) -> Param[T]: ...
    @overload
    def __get__(self, message: Message, owner: type) -> T | None: ...
    def __get__(self, message: Message | None, owner: type) -> Param[T] | T | None:
        if message is None:
            return self
        raw = message.raw(self.name)
        return None if raw is None else self.reader(raw)


@dataclass(frozen=True, repr=False)
class Message:
    """Raw members of one message, and the id of the exchange that it came from (None when it came from nowhere).

    `fields` are ordered pairs of name and value: strings in a query or form, JSON values in a JSON document. Duplicates survive.
    """

    fields: tuple[tuple[str, Any], ...] = ()
    exchange: int | None = None

    title: ClassVar[str] = "message"

    @classmethod
    def params(cls) -> dict[str, Param[Any]]:
        """All declared parameters by their name in the message, bases first."""
        found: dict[str, Param[Any]] = {}
        for base in reversed(cls.__mro__):
            found.update({value.name: value for value in vars(base).values() if isinstance(value, Param)})
        return found

    def raw(self, name: str) -> Any:
        """The first value of this name as it came, or None."""
        return next((value for key, value in self.fields if key == name), None)

    def all(self, name: str) -> tuple[Any, ...]:
        """All values of this name."""
        return tuple(value for key, value in self.fields if key == name)

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.fields)

    def __repr__(self) -> str:
        # A repr ends up in tracebacks and test output: a value shows only where its parameter is known to be no secret.
        known = self.params()
        shown = (f"{name}={value!r}" if name in known and not known[name].secret else f"{name}=…" for name, value in self.fields)
        return f"{type(self).__name__}({', '.join((*shown, f'exchange={self.exchange}'))})"

    def unknown(self) -> tuple[str, ...]:
        """The names that the message's definition does not know."""
        known = self.params()
        return tuple(dict.fromkeys(name for name, _ in self.fields if name not in known))

    def duplicated(self) -> tuple[str, ...]:
        """The names that occur more than once."""
        return tuple(name for name, count in Counter(name for name, _ in self.fields).items() if count > 1)

    def as_params(self) -> Params:
        """The fields as a query or form; values that are no strings are written as JSON."""
        return Params(tuple((name, value if isinstance(value, str) else json.dumps(value)) for name, value in self.fields))


def fields_of(values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    """Ordered pairs from a mapping or pairs; those whose value is None are left out."""
    items = values.items() if isinstance(values, Mapping) else values
    return tuple((name, value) for name, value in items if value is not None)


def secret_names(*messages: type[Message]) -> frozenset[str]:
    """The names of all parameters that these messages declare as secret."""
    return frozenset(name for message in messages for name, param in message.params().items() if param.secret)
