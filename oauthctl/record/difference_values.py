"""Two values: whether they differ, and in what.

Here: texts, URLs, lists of words, JSON. Not here: which values are not to be compared as they are (`difference_nature`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from oauthctl.http import is_loopback_host
from oauthctl.record.difference import Kind

# Ports from here on are drawn by the system for listeners that ask for any.
_FIRST_EPHEMERAL_PORT = 32768
_SEPARATORS = re.compile(r"[\s,;|+]+")
_QUOTES = "\"'"
# What servers put into words for people so that an incident can be found again.
_INCIDENT = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|redacted-[a-z_]+-[0-9a-f]{7,8}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?|\b[0-9a-fA-F]{12,}\b|\b\d{8,}\b"
)
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Told:
    """In what two values differ, and that in words about A and B."""

    kind: Kind
    words: str


def difference_of_texts(a: str, b: str, same: Callable[[str, str], bool] = str.__eq__) -> Told | None:
    """How two texts differ, the smallest difference first; None when they are the same. `same` knows what counts as equal beyond that."""
    if a == b or same(a, b):
        return None
    if not a or not b:
        return Told(Kind.VALUE, f"it is empty in {'A' if not a else 'B'}")
    return (
        _spelling(a, b) or (_urls(a, b) if _is_url(a) and _is_url(b) else None) or _scheme_alone(a, b) or Told(Kind.VALUE, "another value")
    )


def difference_of_words(a: str, b: str) -> Told | None:
    """How two lists of words differ whose order means nothing."""
    if a == b:
        return None
    words = a.split(), b.split()
    if words[0] == words[1]:
        return Told(Kind.BLANKS, "the same words with other blanks between them")
    if sorted(words[0]) == sorted(words[1]):
        return Told(Kind.ORDER, "the same words in another order, which means nothing to most servers")
    if set(words[0]) == set(words[1]):
        return Told(Kind.REPEATED, f"a word stands twice in {'A' if len(words[0]) > len(words[1]) else 'B'}")
    parts = {part for part in _SEPARATORS.split(unquote(a)) if part}, {part for part in _SEPARATORS.split(unquote(b)) if part}
    if parts[0] == parts[1]:
        if unquote(a) != a or unquote(b) != b:
            return Told(Kind.ENCODING, f"the words are percent-encoded once more in {'A' if unquote(a) != a else 'B'}")
        return Told(Kind.SEPARATOR, "the same words, parted by something else than a space")
    return difference_of_lists(words[0], words[1])


def difference_of_lists(a: list[Any], b: list[Any]) -> Told | None:
    """How two lists differ whose order means nothing."""
    texts = {canonical(item): item for item in (*a, *b)}
    in_a, in_b = {canonical(item) for item in a}, {canonical(item) for item in b}
    if in_a == in_b:
        return None
    lower = {key.lower() for key in in_a}, {key.lower() for key in in_b}
    if lower[0] == lower[1]:
        return Told(Kind.CASE, "the same words with other capitals")
    only_a = [_short(texts[key]) for key in texts if key in in_a - in_b]
    only_b = [_short(texts[key]) for key in texts if key in in_b - in_a]
    said = [f"A alone has {_listed(only_a)}" if only_a else "", f"B alone has {_listed(only_b)}" if only_b else ""]
    return Told(Kind.WORDS, ", ".join(one for one in said if one))


def difference_of_prose(a: str, b: str) -> Told | None:
    """How two sentences differ, the numbers of incidents left out."""
    return None if without_incidents(a) == without_incidents(b) else Told(Kind.VALUE, "the words differ")


def without_incidents(text: str) -> str:
    """The text without what is another each time: trace ids, moments, fingerprints."""
    return _INCIDENT.sub("…", text)


def canonical(value: Any) -> str:
    """The value as JSON in which the order of members means nothing, nor how a number is written: `1` and `1.0`."""
    return json.dumps(_with_plain_numbers(value), sort_keys=True, ensure_ascii=False, default=str)


def _with_plain_numbers(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_with_plain_numbers(one) for one in value]
        case dict():
            return {name: _with_plain_numbers(one) for name, one in value.items()}
        case _:
            return value


def type_name(value: Any) -> str:
    """What JSON calls the value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def _spelling(a: str, b: str) -> Told | None:
    """Differences that a person overlooks."""
    if a.strip() == b.strip():
        return Told(Kind.BLANKS, f"there is a blank around it in {'A' if a != a.strip() else 'B'}")
    if a.strip(_QUOTES) == b.strip(_QUOTES):
        return Told(Kind.BLANKS, f"there are quotation marks around it in {'A' if a != a.strip(_QUOTES) else 'B'}")
    if a.rstrip("/") == b.rstrip("/"):
        return Told(
            Kind.SLASH, f"only a `/` at the end differs: {'A' if a.endswith('/') else 'B'} has it, and servers compare letter by letter"
        )
    if unquote(a) == unquote(b) or unquote(unquote(a)) == unquote(unquote(b)):
        escaped = "A" if a.count("%") > b.count("%") else "B"
        return Told(Kind.ENCODING, f"the same but for its encoding: it is percent-encoded once more in {escaped}")
    return _case(a, b)


def _case(a: str, b: str) -> Told | None:
    if a.lower() != b.lower():
        return None
    return Told(Kind.CASE, "only capitals differ, and they are compared letter by letter")


def _is_url(text: str) -> bool:
    return "://" in text[:40] and parts_of(text) is not None


def parts_of(url: str) -> SplitResult | None:
    """The URL's parts; None for one that can't be taken apart."""
    try:
        parts = urlsplit(url)
        # Asked for since a port that is no number shows only then.
        return parts if parts.port is None or parts.port >= 0 else None
    except ValueError:
        return None


def _urls(a: str, b: str) -> Told | None:
    first, second = parts_of(a), parts_of(b)
    if first is None or second is None:
        return None
    differing = [kind for kind, one, other in _compared_parts(first, second) if one != other]
    if not differing:
        return None
    if len(differing) > 1:
        names = " and ".join((", ".join(_NAMES[kind] for kind in differing[:-1]), _NAMES[differing[-1]]))
        return Told(Kind.HOST if Kind.HOST in differing else Kind.VALUE, f"{names} differ")
    return _one_part(differing[0], first, second)


_NAMES = {Kind.SCHEME: "scheme", Kind.HOST: "host", Kind.PORT: "port", Kind.PATH: "path", Kind.VALUE: "query or fragment"}


def _compared_parts(a: SplitResult, b: SplitResult) -> tuple[tuple[Kind, object, object], ...]:
    return (
        (Kind.SCHEME, a.scheme, b.scheme),
        (Kind.HOST, (a.hostname or "").lower(), (b.hostname or "").lower()),
        (Kind.PORT, a.port, b.port),
        (Kind.PATH, a.path, b.path),
        (Kind.VALUE, (a.query, a.fragment), (b.query, b.fragment)),
    )


def _one_part(kind: Kind, a: SplitResult, b: SplitResult) -> Told:
    match kind:
        case Kind.SCHEME:
            return Told(kind, f"only the scheme differs: `{a.scheme}` in A, `{b.scheme}` in B")
        case Kind.HOST:
            return Told(kind, f"only the host differs: `{a.hostname}` in A, `{b.hostname}` in B")
        case Kind.PORT:
            return Told(kind, f"only the port differs: {_port(a)} in A, {_port(b)} in B")
        case Kind.PATH if a.path.rstrip("/") == b.path.rstrip("/"):
            with_slash = "A" if a.path.endswith("/") else "B"
            return Told(Kind.SLASH, f"only a `/` at the end of the path differs: {with_slash} has it, and servers compare letter by letter")
        case Kind.PATH if a.path.lower() == b.path.lower():
            return Told(Kind.CASE, "only capitals in the path differ, and they are compared letter by letter")
        case Kind.PATH:
            return Told(kind, "only the path differs")
        case _:
            return Told(kind, "only what follows the path differs")


def _port(parts: SplitResult) -> str:
    return str(parts.port) if parts.port is not None else "none"


def _scheme_alone(a: str, b: str) -> Told | None:
    """`Bearer x` and `x`, `https://h` and `h`: a beginning that one lacks."""
    for shorter, longer, name in ((a, b, "A"), (b, a, "B")):
        if len(shorter) >= 4 and longer.endswith(shorter):
            return Told(Kind.VALUE, f"{name} lacks the beginning `{_short(longer[: -len(shorter)])}`")
        if len(shorter) >= 4 and longer.startswith(shorter):
            return Told(Kind.VALUE, f"{name} lacks the end `{_short(longer[len(shorter) :])}`")
    return None


def is_same_listener(a: str, b: str) -> bool:
    """Whether both are URLs of this machine that differ in a port which the system drew. Source: RFC 8252 section 7.3."""
    first, second = parts_of(a), parts_of(b)
    if first is None or second is None or not is_loopback_host(first.hostname or ""):
        return False
    if min(first.port or 0, second.port or 0) < _FIRST_EPHEMERAL_PORT or first.hostname != second.hostname:
        return False
    return first._replace(netloc="") == second._replace(netloc="")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _listed(words: list[str]) -> str:
    shown = ", ".join(f"`{word}`" for word in words[:_MOST_WORDS])
    return shown if len(words) <= _MOST_WORDS else f"{shown} and {len(words) - _MOST_WORDS} more"
