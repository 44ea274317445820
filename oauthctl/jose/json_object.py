"""Reading JSON that nobody vouches for.

Here: a reader that never raises, and names what a strict reader would trip over; and such a strict reader. Not here: what the members mean.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 64
_MAX_DIGITS = 400
_MAX_NAMED = 10
_UNCLEAR = {
    "duplicate-member": "a member of {} occurs more than once",
    "too-deep": "{} is nested too deeply",
    "not-a-number": "{} has NaN or Infinity, which JSON does not know",
    "huge-number": "{} has a number that no program can hold",
    "lone-surrogate": "{} has half a surrogate pair, which is no text",
    "not-utf-8": "{} is not UTF-8",
}
"""Flaws of what is JSON to some readers, or to none that is careful, and what to say of them."""
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the form of a token: a slug (`duplicate-member`) and a sentence."""

    slug: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: `value` is None when it is no JSON at all."""

    value: Any
    flaws: tuple[Flaw, ...] = ()


def read_json(octets: bytes, subject: str) -> Read:
    """The JSON value of some octets; never raises. `subject` names them in the flaws: `the header`.

    The value can always be written as JSON again: NaN, infinities and numbers of many hundred digits are kept as the text that stood there.
    """
    flaws: list[Flaw] = []
    try:
        content = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        content = octets.decode("utf-8", errors="replace")
        flaws.append(Flaw("not-utf-8", f"{subject} is not UTF-8 (byte {error.start})"))
    content = content.removeprefix("\ufeff")
    depth = _depth(content)
    if depth > MAX_DEPTH:
        return Read(None, (*flaws, Flaw("too-deep", f"{subject} is nested {depth} levels deep, more than {MAX_DEPTH}: it was not read")))
    try:
        value = _decode(content, subject, flaws)
    except json.JSONDecodeError as error:
        return Read(None, (*flaws, _not_json(content, error.pos, subject)))
    if _SURROGATE_ESCAPE.search(content) and (whole := _without_surrogates(value)) != value:
        flaws.append(Flaw("lone-surrogate", f"{subject} has half a surrogate pair, which no UTF-8 can hold: U+FFFD is shown"))
        value = whole
    return Read(value, tuple(dict.fromkeys(flaws)))


def read_strictly(text: str | bytes, subject: str) -> Any:
    """The JSON value of what all readers read alike; `subject` names it in the errors.

    Source: RFC 8259; RFC 7493 section 2 (no lone surrogates, no name twice).
    Raises: ValueError with a sentence: for no JSON, and for a name that occurs twice, too many levels, a number that is none or too large.
    """
    read = read_json(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text, subject)
    if read.flaws:
        raise ValueError(unclear(read.flaws, subject) or f"{subject} is no JSON")
    return read.value


def unclear(flaws: tuple[Flaw, ...], subject: str) -> str:
    """Why another reader could read another thing, or nothing; empty when all read the same."""
    slugs = {flaw.slug for flaw in flaws}
    return next((said.format(subject) for slug, said in _UNCLEAR.items() if slug in slugs), "")


def _decode(content: str, subject: str, flaws: list[Flaw]) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(found)
        if len(members) < len(found):
            again = [(name, count) for name, count in Counter(name for name, _ in found).items() if count > 1]
            for name, count in again[:_MAX_NAMED]:
                flaws.append(Flaw("duplicate-member", f"{subject} has the member `{name[:80]}` {count} times; the last one is shown"))
        return members

    def constant(word: str) -> str:
        flaws.append(Flaw("not-a-number", f"{subject} has the number `{word}`, which JSON does not know"))
        return word

    def integer(digits: str) -> int | str:
        return int(digits) if len(digits) <= _MAX_DIGITS else huge(digits)

    def real(digits: str) -> float | str:
        value = float(digits)
        return value if math.isfinite(value) else huge(digits)

    def huge(digits: str) -> str:
        flaws.append(Flaw("huge-number", f"{subject} has a number of {len(digits)} characters that no program can hold: kept as text"))
        return digits

    return json.loads(content, object_pairs_hook=pairs, parse_constant=constant, parse_int=integer, parse_float=real)


def _depth(content: str) -> int:
    """How deep arrays and objects are nested."""
    if content.count("[") + content.count("{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for match in _STRUCTURE.finditer(content):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def _not_json(content: str, position: int, subject: str) -> Flaw:
    if content.lstrip()[:1] in {"{", "["} and position >= len(content.rstrip()) - 1:
        return Flaw("cut-off", f"{subject} ends in the middle of its JSON: the token was cut off")
    if content.lstrip()[:1] == "{" and '"' in content and content.rstrip()[-1:] != "}" and _ends_in_string(content):
        return Flaw("cut-off", f"{subject} ends in the middle of its JSON: the token was cut off")
    return Flaw("not-json", f"{subject} is not JSON (character {position})")


def _ends_in_string(content: str) -> bool:
    last = ""
    for match in _STRUCTURE.finditer(content):
        last = match[0]
    return last.startswith('"') and (len(last) == 1 or not last.endswith('"')) and content.endswith(last)


def _without_surrogates(value: Any) -> Any:
    """The value with U+FFFD for lone surrogates, which no UTF-8 output can hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(item) for name, item in value.items()}
    return value
