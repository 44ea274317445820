"""The parameters of two messages: which are missing, which differ, in what.

Here: names and values as pairs, JSON members to any depth. Not here: where the pairs come from (`difference_messages`,
`difference_tokens`, `difference_metadata`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from oauthctl.messages.answer import Fields
from oauthctl.messages.param import Param, number
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_nature import Nature, form_of, length_class, nature_of
from oauthctl.record.difference_values import (
    Told,
    canonical,
    difference_of_lists,
    difference_of_prose,
    difference_of_texts,
    difference_of_words,
    type_name,
)

_NONE: Mapping[str, Param[Any]] = {}
_DEEPEST = 6
# Compared letter by letter: two tenants have two issuers, and that is worth a line.
_ISSUERS = frozenset(("iss", "issuer"))
_HASHED = 43
"""Characters of a SHA-256 hash in base64url, as `code_challenge` is. Source: RFC 7636 section 4.2."""
_LEAST_SPAN = 5
_SHIFT = 0.1


@dataclass(frozen=True, slots=True)
class FieldsComparer:
    """Compares two messages' parameters. `places` are the beginnings of A's and B's place (`request.query`)."""

    ground: Ground
    place: str
    declared: Mapping[str, Param[Any]] = field(default_factory=lambda: _NONE)
    weight: int = Weight.REQUEST

    def differences(self, a: Fields, b: Fields) -> Iterator[Difference]:
        """Each parameter that differs, A's in their order first."""
        for name in dict.fromkeys((*(name for name, _ in a), *(name for name, _ in b))):
            yield from self.of_parameter(
                name, tuple(value for key, value in a if key == name), tuple(value for key, value in b if key == name)
            )

    def of_parameter(self, name: str, a: tuple[Any, ...], b: tuple[Any, ...], *, place: str = "") -> Iterator[Difference]:
        """One parameter by all its values on both sides."""
        place = place or f"{self.place}.{name}"
        if not a or not b:
            yield self.told(
                name, Told(Kind.EXTRA if not a else Kind.MISSING, "B alone has it" if not a else "B lacks it"), a, b, place=place
            )
            return
        if len(a) != len(b):
            said = f"it stands {_times(len(a))} in A and {_times(len(b))} in B; a parameter may stand once"
            yield self.told(name, Told(Kind.REPEATED, said), a, b, place=place)
            return
        for one, other in zip(a, b, strict=True):
            yield from self._values(name, one, other, place)

    def told(self, name: str, told: Told, a: tuple[Any, ...], b: tuple[Any, ...], *, place: str) -> Difference:
        """The difference with what the parameter means."""
        param = self.declared.get(name)
        label = f"`{name}` ({param.meaning})" if param else f"`{name}`"
        weight = Weight.SPELLING if told.kind is Kind.ORDER else self.weight
        return Difference(
            place,
            told.kind,
            f"{label}: {told.words}",
            a[0] if len(a) == 1 else (list(a) or None),
            b[0] if len(b) == 1 else (list(b) or None),
            param.section if param else None,
            weight,
            about=param.meaning if param else "",
        )

    def _values(self, name: str, a: Any, b: Any, place: str, depth: int = 0) -> Iterator[Difference]:
        if isinstance(a, dict) and isinstance(b, dict) and depth < _DEEPEST and name.lower() not in ("jwk", "cnf", "sub_jwk", "epk"):
            yield from self._members(a, b, place, depth)
            return
        found = self._difference(name, a, b)
        if found is not None:
            yield self.told(name, found, (a,), (b,), place=place)

    def _members(self, a: dict[str, Any], b: dict[str, Any], place: str, depth: int) -> Iterator[Difference]:
        for name in dict.fromkeys((*a, *b)):
            if name in a and name in b:
                yield from self._values(name, a[name], b[name], f"{place}.{name}", depth + 1)
            else:
                values = ((a[name],) if name in a else (), (b[name],) if name in b else ())
                yield from self.of_parameter(name, *values, place=f"{place}.{name}")

    def _difference(self, name: str, a: Any, b: Any) -> Told | None:
        nature = nature_of(name, is_declared=name in self.declared, values=(a, b))
        if isinstance(a, list) != isinstance(b, list) and not isinstance(a, dict) and not isinstance(b, dict):
            same = Told(Kind.TYPE, f"an array in {'A' if isinstance(a, list) else 'B'}, a lone value in the other; both mean the same")
            return difference_of_lists(_as_list(a), _as_list(b)) or same
        if type_name(a) != type_name(b):
            return Told(Kind.TYPE, f"{_a(type_name(a))} in A, {_a(type_name(b))} in B")
        match nature:
            case Nature.SECRET:
                return self._emptiness(a, b)
            case Nature.LASTING_SECRET:
                return self._lasting(a, b)
            case Nature.RANDOM:
                return _random(name, a, b)
            case Nature.MOMENT:
                return _moments(a, b)
            case Nature.SPAN:
                return difference_of_spans(number(a), number(b))
            case _:
                return self._plain(name, a, b, nature)

    def _plain(self, name: str, a: Any, b: Any, nature: Nature) -> Told | None:
        if isinstance(a, list):
            return None if self._is_same_list(a, b) else difference_of_lists(a, b)
        if not isinstance(a, str):
            return Told(Kind.VALUE, "another value") if canonical(a) != canonical(b) else None
        if nature is Nature.WORDS:
            return difference_of_words(a, b)
        if nature is Nature.PROSE:
            return difference_of_prose(a, b)
        if name in _ISSUERS:
            return difference_of_texts(a, b, Ground().is_same)
        return difference_of_texts(a, b, self.ground.is_same)

    def _is_same_list(self, a: list[Any], b: list[Any]) -> bool:
        """Whether each item has its equal on the other side: the audiences of two tenants."""

        def is_same(one: Any, other: Any) -> bool:
            return canonical(one) == canonical(other) or (
                isinstance(one, str) and isinstance(other, str) and self.ground.is_same(one, other)
            )

        return len(a) == len(b) <= 50 and all(any(is_same(one, other) for other in b) for one in a)

    @staticmethod
    def _emptiness(a: Any, b: Any) -> Told | None:
        if bool(a) == bool(b):
            return None
        return Told(Kind.VALUE, f"it is empty in {'A' if not a else 'B'}")

    def _lasting(self, a: Any, b: Any) -> Told | None:
        if not a or not b:
            return self._emptiness(a, b)
        # The kind in a fingerprint is where the secret was met first, which may differ.
        return Told(Kind.VALUE, "another secret") if self.ground.has_common_salt and str(a)[-8:] != str(b)[-8:] and a != b else None


def difference_of_spans(a: float | None, b: float | None, what: str = "it lasts") -> Told | None:
    """How two spans of time in seconds differ; a tenth is chance."""
    if a is None or b is None:
        return None
    if abs(a - b) <= _LEAST_SPAN or abs(a - b) <= _SHIFT * max(abs(a), abs(b)):
        return None
    return Told(Kind.LIFETIME, f"{what} {a:g} s in A, {b:g} s in B")


def _random(name: str, a: Any, b: Any) -> Told | None:
    if not isinstance(a, str):
        return None
    forms = form_of(a), form_of(b)
    if forms[0] != forms[1]:
        return Told(Kind.FORM, f"another form: {forms[0]} in A, {forms[1]} in B")
    if name == "code_challenge" and len(a) != len(b) and _HASHED in (len(a), len(b)):
        return Told(Kind.FORM, f"{len(a)} characters in A, {len(b)} in B; a SHA-256 hash in base64url has 43")
    if length_class(a) != length_class(b):
        return Told(Kind.FORM, f"{len(a)} characters in A, {len(b)} in B; a short value can be guessed")
    return None


def _moments(a: Any, b: Any) -> Told | None:
    first, second = number(a), number(b)
    if first is None or second is None:
        return Told(Kind.FORM, "a number of seconds in one alone") if (first is None) != (second is None) else None
    if (first > 1e11) != (second > 1e11):
        return Told(Kind.FORM, f"it counts milliseconds in {'A' if first > 1e11 else 'B'}, seconds in the other")
    if (first == 0) != (second == 0):
        return Told(Kind.VALUE, f"it is 0 in {'A' if first == 0 else 'B'}")
    return None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}" if noun != "null" else noun
