"""Two recordings, tokens or metadata documents compared, for a person or a program.

Here: the lines, the JSON document. Not here: what differs (`record.difference_recordings` and its neighbours).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oauthctl.findings import Finding, Severity
from oauthctl.record.difference import Comparison, Difference, Kind, Lone, MessagePair, Weight
from oauthctl.record.difference_telling import is_sent_alike
from oauthctl.views.canvas import cells, cut, one_line
from oauthctl.views.lines import Line, Span, Style, line, literals
from oauthctl.views.wrapped import wrapped

_STYLES: dict[Severity, Style] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "dim"}
_SIDE_BY_SIDE = 110
_LEAD = 12
"""Characters before the first difference that are shown of two long values."""
_MOST_FINDINGS = 3


@dataclass(frozen=True, slots=True)
class Sides:
    """What A and B are, in words; the findings that each has alone."""

    a: str
    b: str
    findings_a: tuple[Finding, ...] = ()
    findings_b: tuple[Finding, ...] = ()


def comparison_lines(compared: Comparison, sides: Sides, width: int = 0) -> tuple[Line, ...]:
    """What says most first, then every message that differs, then those that one side alone has. With the width 0 nothing is cut."""
    return tuple(_comparison(compared, sides, width))


def difference_lines(differences: Iterable[Difference], sides: Sides, width: int = 0) -> tuple[Line, ...]:
    """What differs between two tokens or documents."""
    return (*_heads(sides, width), *(one for found in differences for one in ((), *_difference(found, width, indent=0))))


def comparison_document(compared: Comparison, sides: Sides) -> dict[str, Any]:
    """`messages`, `only_a`, `only_b`, `telling` (the difference that says most), `findings` of each side alone, `verdict`."""
    telling = compared.telling
    return {
        "verdict": "different" if not compared.is_equal else "equal" if compared.is_whole else "incomplete",
        "telling": {"key": telling[0].key, **difference_document(telling[1])} if telling else None,
        "messages": [
            {"key": pair.key, "a": pair.a, "b": pair.b, "differences": [difference_document(one) for one in pair.differences]}
            for pair in compared.messages
        ],
        "only_a": [_lone_document(one) for one in compared.only_a],
        "only_b": [_lone_document(one) for one in compared.only_b],
        "findings_only_a": [one.rule for one in sides.findings_a],
        "findings_only_b": [one.rule for one in sides.findings_b],
    }


def differences_document(differences: Iterable[Difference]) -> dict[str, Any]:
    """`differences` and `verdict` of two tokens or documents."""
    found = [difference_document(one) for one in differences]
    return {"verdict": "different" if found else "equal", "differences": found}


def difference_document(found: Difference) -> dict[str, Any]:
    """One difference; `again` is there when an earlier message told the same."""
    document: dict[str, Any] = {
        "place": found.place,
        "a": found.a,
        "b": found.b,
        "kind": found.kind.value,
        "meaning": found.meaning,
        "section": str(found.section) if found.section else None,
    }
    return document | ({"again": True} if found.is_again else {})


def unseen_notes(compared: Comparison) -> tuple[str, ...]:
    """Which answers could not be compared, a sentence for each side."""
    return tuple(
        f"the answer{'s' if len(ids) > 1 else ''} of message{'s' if len(ids) > 1 else ''} {', '.join(map(str, ids))} "
        f"{'were' if len(ids) > 1 else 'was'} not saved on side {name}: not compared"
        for name, ids in (("A", compared.unseen_a), ("B", compared.unseen_b))
        if ids
    )


def summary(compared: Comparison) -> str:
    """How much differs, in a few words."""
    if compared.is_equal and not compared.is_whole:
        return f"nothing of what was saved of {_count(len(compared.messages), 'message')} differs; the rest can't be compared"
    if compared.is_equal:
        return f"nothing differs in {_count(len(compared.messages), 'message')} but what is new in each run"
    said = [_count(compared.count, "difference")] if compared.count else []
    alone = len(compared.only_a) + len(compared.only_b)
    said += [f"{_count(alone, 'message')} that one side lacks"] if alone else []
    alike = sum(not pair.differences for pair in compared.messages)
    return ", ".join(said) + (f"; {alike} of {_count(len(compared.messages), 'common message')} alike" if compared.messages else "")


def _comparison(compared: Comparison, sides: Sides, width: int) -> Iterator[Line]:
    yield from _heads(sides, width)
    if compared.is_equal:
        return
    yield ()
    yield from _telling(compared, width)
    for name, findings in (("A", sides.findings_a), ("B", sides.findings_b)):
        for finding in findings[:_MOST_FINDINGS]:
            head = (Span(f"{finding.severity.value}[{finding.rule}]", _STYLES[finding.severity]), Span(f" in {name} alone: "))
            yield from wrapped((*head, *literals(one_line(finding.message))), width, indent=2)
    for pair in compared.messages:
        yield from _pair(pair, width)
    for name, lones in (("A", compared.only_a), ("B", compared.only_b)):
        if lones:
            yield ()
            yield line(Span(f"{name} alone has", "bold"))
            for lone in lones:
                why = (Span(": "), *literals(lone.why)) if lone.why else ()
                yield from wrapped((Span(f"  exchange {lone.exchange}, {one_line(lone.key)}"), *why), width, indent=4)


def _heads(sides: Sides, width: int) -> Iterator[Line]:
    for name, words in (("A", sides.a), ("B", sides.b)):
        yield line(Span(f"{name}  ", "bold"), cut(one_line(words), max(width - 3, 8)) if width else one_line(words))


def _telling(compared: Comparison, width: int) -> Iterator[Line]:
    """The one sentence that a reader in a hurry needs."""
    lone = next((("A", one) for one in compared.only_a if one.why), None) or next((("B", one) for one in compared.only_b if one.why), None)
    telling = compared.telling
    if lone is not None and (telling is None or telling[1].weight > Weight.METADATA):
        name, message = lone
        said = literals(f"{name} alone has exchange {message.exchange}, {one_line(message.key)}: {message.why}")
        yield from wrapped((Span("most telling: ", "bold"), *said), width, indent=2)
        return
    if telling is None:
        said = literals("every message that both have is alike; one side has more of them")
        yield from wrapped((Span("most telling: ", "bold"), *said), width, indent=2)
        return
    pair, one = telling
    where = f"{one_line(pair.key)} (exchange {pair.a} in A, {pair.b} in B): "
    yield from wrapped((Span("most telling: ", "bold"), Span(where), *literals(one_line(one.meaning))), width, indent=2)
    yield from _values(one, width, indent=2)
    if compared.has_failure and compared.is_whole and one.weight >= Weight.ANSWER and is_sent_alike(compared):
        said = literals("what was sent is alike, as far as it shows: the cause lies in a hidden value, at the server, or in the moment")
        yield from wrapped((Span("  "), *said), width, indent=2)


def _pair(pair: MessagePair, width: int) -> Iterator[Line]:
    shown = [one for one in pair.differences if not one.is_again]
    again = len(pair.differences) - len(shown)
    if not pair.differences:
        return
    yield ()
    told = f"; {again} more as above" if again and shown else "; as above" if again else ""
    yield line(Span(one_line(pair.key), "bold"), Span(f"  exchange {pair.a} in A, {pair.b} in B{told}", "dim"))
    for one in shown:
        yield from _difference(one, width, indent=2)


def _difference(found: Difference, width: int, *, indent: int) -> Iterator[Line]:
    margin = " " * indent
    yield line(Span(f"{margin}{one_line(found.place)}", "bold"), Span(f"  {found.kind.value}", "warning"))
    yield from _values(found, width, indent=indent + 2)
    section = f" ({found.section})" if found.section else ""
    words = literals(one_line(found.meaning), "dim")
    yield from wrapped((Span(f"{margin}  "), *words, Span(section, "dim")), width, indent=indent + 2)


def _values(found: Difference, width: int, *, indent: int) -> Iterator[Line]:
    unit = " s" if found.kind is Kind.TIMING else ""
    a, b = f"{_text(found.a)}{unit}", f"{_text(found.b)}{unit}"
    if found.a is None and found.b is None:
        return
    margin = " " * indent
    half = (width - indent - 8) // 2
    if width >= _SIDE_BY_SIDE:
        a, b = _windows(a, b, half)
        padding = " " * (half - cells(a) + 2)
        yield line(margin, Span("A ", "dim"), *_value(found.a, a), padding, Span("B ", "dim"), *_value(found.b, b))
        return
    if width:
        a, b = _windows(a, b, max(width - indent - 3, 12))
    for name, value, text in (("A", found.a, a), ("B", found.b, b)):
        yield line(margin, Span(f"{name} ", "dim"), *_value(value, text))


def _value(value: object, text: str) -> Line:
    return line(Span(text, "dim" if value is None else "literal"))


def _windows(a: str, b: str, room: int) -> tuple[str, str]:
    """Both texts cut to the room, from shortly before the place where they part ways."""
    if cells(a) <= room and cells(b) <= room:
        return a, b
    same = next((at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))
    start = max(same - _LEAD, 0)
    if start <= 1 or max(cells(a[:same]), cells(b[:same])) + _LEAD <= room:
        return cut(a, room), cut(b, room)
    return cut("…" + a[start:], room), cut("…" + b[start:], room)


def _text(value: object) -> str:
    match value:
        case None:
            return "(none)"
        case "":
            return "(empty)"
        case str():
            return one_line(value)
        case list() if all(isinstance(item, str) for item in value):
            return one_line(", ".join(value) or "(none)")
        case _:
            return one_line(json.dumps(value, ensure_ascii=False, default=str))


def _lone_document(one: Lone) -> Mapping[str, Any]:
    return {"key": one.key, "exchange": one.exchange, "why": one.why or None}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
