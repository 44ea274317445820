"""Reading the body of an answer: JSON or form, leniently and honestly.

Here: from bytes to ordered members, with every departure from the rules named. Not here: what the members mean.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from oauthctl.http import FORM, Params, Response

Fields = tuple[tuple[str, Any], ...]

SIZE_LIMIT = 2 * 1024 * 1024
"""Bytes of a protocol message that are read at most."""

# What is nested deeper than this, or a number that is longer, would break whoever reads or writes it next.
_DEPTH_LIMIT = 64
_DIGITS_LIMIT = 400
# A hostile answer can depart from the rules a hundred thousand times; nobody reads that.
_DEPARTURES_LIMIT = 20

_FORM_START = re.compile(r"[\w.~%+\[\]-]+=")
_NO_FORM = re.compile(r"[\s<>{}\"]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Answer:
    """The members of an answer's body; or a `problem`, a phrase such as `an HTML page`, when there are none to be had.

    `departures` are sentences on what the server did against the rules although it could be read.
    """

    fields: Fields = ()
    problem: str = ""
    departures: tuple[str, ...] = ()


def read_answer(response: Response) -> Answer:
    """The members of a JSON object, or of a form where the server sent one. Duplicates survive. Never raises.

    Source: RFC 6749 section 5.1, which asks for `application/json`.
    """
    body, kind = response.body, response.content_type
    if len(body) > SIZE_LIMIT:
        return Answer(problem=f"an answer of {len(body)} bytes, more than is read")
    text = body.decode("utf-8-sig", "replace").strip()
    if not text:
        return Answer(problem="an empty body")
    if text[0] == "{":
        answer = _read_object(text, kind)
        return answer if answer.problem else Answer(answer.fields, departures=(*_coding_departures(body), *answer.departures))
    if text[0] == "<":
        return Answer(problem="an HTML page" if _is_html(text, kind) else "an XML document")
    if _FORM_START.match(text) and (kind == FORM or not _NO_FORM.search(text)):
        said = f"is labelled `{kind}`, yet" if kind and kind != FORM else "is"
        return Answer(Params.parse(text).pairs, departures=(f"the body {said} form-encoded, where JSON is due",))
    if text[0] in '["-' or text in ("null", "true", "false") or text[0].isdigit():
        return Answer(problem="JSON that is no object")
    return Answer(problem=f"text of the type `{kind[:80] or 'none'}` that is neither JSON nor a form")


def _is_html(text: str, kind: str) -> bool:
    start = text[:200].lower()
    return kind in ("text/html", "application/xhtml+xml") or "<!doctype html" in start or "<html" in start or "<h1" in start


def _coding_departures(body: bytes) -> tuple[str, ...]:
    if body.startswith(b"\xef\xbb\xbf"):
        return ("the body begins with a byte order mark, which JSON must not (RFC 8259 section 8.1)",)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return ("the body is not UTF-8, which JSON must be (RFC 8259 section 8.1)",)
    return ()


def _read_object(text: str, kind: str) -> Answer:
    departures: list[str] = []
    if kind != "application/json" and not kind.endswith("+json"):
        departures.append(f"JSON is labelled `{kind or 'nothing'}`")
    try:
        pairs = _decode(text, departures)
        fields = tuple((_whole(name), _unpair(value)) for name, value in pairs)
    except RecursionError:
        return Answer(problem="JSON that is nested too deeply")
    except json.JSONDecodeError as error:
        return Answer(problem=f"broken JSON ({error.msg.lower()})")
    return Answer(fields, departures=tuple(dict.fromkeys(departures))[:_DEPARTURES_LIMIT])


def _decode(text: str, departures: list[str]) -> Any:
    def members(found: list[tuple[str, Any]]) -> _Pairs:
        counted = Counter(name for name, _ in found)
        departures.extend(f"the member `{_whole(name[:80])}` occurs {count} times" for name, count in counted.items() if count > 1)
        return _Pairs(found)

    def no_number(word: str) -> str:
        departures.append(f"the number `{word[:80]}` is one that JSON does not know or no program can hold: it is kept as text")
        return word

    def integer(digits: str) -> int | str:
        return int(digits) if len(digits) <= _DIGITS_LIMIT else no_number(digits)

    def real(digits: str) -> float | str:
        value = float(digits)
        return value if math.isfinite(value) else no_number(digits)

    return json.loads(text, object_pairs_hook=members, parse_constant=no_number, parse_int=integer, parse_float=real)


class _Pairs(list[tuple[str, Any]]):
    """The members of one JSON object in order, told apart from an array."""


def _unpair(value: Any, depth: int = 1) -> Any:
    if depth > _DEPTH_LIMIT:
        raise RecursionError
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, _Pairs):
        return {_whole(name): _unpair(inner, depth + 1) for name, inner in value}
    if isinstance(value, list):
        return [_unpair(inner, depth + 1) for inner in value]
    return value


def _whole(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which JSON can spell and no UTF-8 output can hold."""
    return _SURROGATE.sub("\ufffd", text)
