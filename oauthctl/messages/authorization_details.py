"""Authorization in detail: the objects of `authorization_details`, and how those that were granted differ from those asked for.

Here: RFC 9396's form. Not here: what a type's own members mean, which its API alone knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Granted:
    """One object: as it was asked for, as it was granted; either may be missing. `changed` are the members that differ, by name."""

    asked: Detail | None
    granted: Detail | None
    changed: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """Its type."""
        return str((self.asked or self.granted or {}).get("type", ""))


def problem_of(text: str) -> str:
    """What is wrong with the form of the parameter; empty when nothing is. Source: RFC 9396 section 2."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "it is no JSON"
    if not isinstance(found, list):
        return "it is no JSON array: one object, too, stands in an array"
    if not all(isinstance(one, dict) and isinstance(one.get("type"), str) for one in found):
        return "an entry is no object with a `type`"
    return ""


def details_of(raw: object) -> tuple[Detail, ...]:
    """The objects of a request's text or of an answer's array; what is no object is left out, and so is a text that is no array."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            return ()
    return tuple(one for one in raw if isinstance(one, dict)) if isinstance(raw, list) else ()


def compared(asked: Sequence[Detail], granted: Sequence[Detail]) -> tuple[Granted, ...]:
    """Each object that was asked for with the one granted that is closest to it, then those that nobody asked for.

    Source: RFC 9396 section 7.1: a server may enrich what was asked for, and section 7: narrow it.
    """
    left = list(granted)
    found: list[Granted] = []
    # Those that are the same go first, so that none of them is taken for a changed form of another.
    exact = {index: left.pop(left.index(one)) for index, one in enumerate(asked) if one in left}
    for index, one in enumerate(asked):
        same_type = [other for other in left if other.get("type") == one.get("type")]
        if index in exact:
            found.append(Granted(one, one))
        elif not same_type:
            found.append(Granted(one, None))
        else:
            closest = min(same_type, key=lambda other: len(_changed(one, other)))
            left.remove(closest)
            found.append(Granted(one, closest, _changed(one, closest)))
    return (*found, *(Granted(None, one) for one in left))


def _changed(one: Detail, other: Detail) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys((*one, *other)) if (name in one, one.get(name)) != (name in other, other.get(name)))
