"""Reading the body of an answer: JSON or form, leniently and honestly.

Here: from bytes to ordered members, with every departure from the rules named. Not here: what the members mean.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from oauthctl.http import FORM, Params, Response

Fields = tuple[tuple[str, Any], ...]

SIZE_LIMIT = 2 * 1024 * 1024
"""Bytes of a protocol message that are read at most."""


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
        return _read_object(text, kind)
    if text[0] == "<":
        return Answer(problem="an HTML page" if _is_html(text, kind) else "an XML document")
    if kind in (FORM, "text/plain", "text/html", "") and "=" in text and "\n" not in text and " " not in text:
        said = f"is labelled `{kind}`, yet" if kind and kind != FORM else "is"
        return Answer(Params.parse(text).pairs, departures=(f"the body {said} form-encoded, where JSON is due",))
    if text[0] in '["' or text in ("null", "true", "false") or text[0].isdigit():
        return Answer(problem="JSON that is no object")
    return Answer(problem=f"text of the type `{kind or 'none'}` that is neither JSON nor a form")


def _is_html(text: str, kind: str) -> bool:
    start = text[:200].lower()
    return kind in ("text/html", "application/xhtml+xml") or "<!doctype html" in start or "<html" in start or "<h1" in start


def _read_object(text: str, kind: str) -> Answer:
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except RecursionError:
        return Answer(problem="JSON that is nested too deeply")
    except ValueError as error:
        return Answer(problem=f"broken JSON ({str(error).partition(':')[0].lower()})")
    names = [name for name, _ in pairs]
    departures = tuple(f"the member `{name}` occurs {names.count(name)} times" for name in dict.fromkeys(names) if names.count(name) > 1)
    if kind != "application/json" and not kind.endswith("+json"):
        departures = (f"JSON is labelled `{kind or 'nothing'}`", *departures)
    return Answer(tuple((name, _unpair(value)) for name, value in pairs), departures=departures)


class _Pairs(list[tuple[str, Any]]):
    """The members of one JSON object in order, told apart from an array."""


def _unpair(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return {name: _unpair(inner) for name, inner in value}
    if isinstance(value, list):
        return [_unpair(inner) for inner in value]
    return value
