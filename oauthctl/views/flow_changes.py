"""What a flow changes of the plain code flow, for a person or a program.

Here: the lines, the JSON document. Not here: what differs (`record.flow_changes`), the flow's own diagram and messages (`explained_flow`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from oauthctl.record.flow_changes import Change, ChangedMessage, FlowChanges, Sign
from oauthctl.views.lines import Line, Span, Style, line, literals
from oauthctl.views.wrapped import wrapped

_MARKS: dict[Sign, tuple[str, Style]] = {Sign.ADDED: ("+", "success"), Sign.REMOVED: ("-", "error"), Sign.CHANGED: ("~", "warning")}
_NAMES = {"request.url": "address", "request.certificate": "TLS certificate", "request.method": "method"}
_ORDER = (Sign.REMOVED, Sign.CHANGED, Sign.ADDED)


def flow_changes_lines(changes: FlowChanges, *, flow: str, of: str, width: int = 0) -> tuple[Line, ...]:
    """Each message that comes, goes or differs, and in it each parameter, header and member; then what stays as it is."""
    lines: list[Line] = [line(Span(f"{flow} beside {of}", "bold"), Span("  + added, - gone, ~ changed", "dim"))]
    for message in changes.messages:
        lines += _message(message, width)
    if changes.unchanged:
        same = ", ".join(dict.fromkeys(changes.unchanged))
        lines += wrapped(line("  = ", Span(f"as before: {same}", "dim")), width, indent=4)
    return tuple(lines)


def flow_changes_document(changes: FlowChanges, *, of: str) -> dict[str, Any]:
    """`of`, `messages` (`change`, `message`, `request`, `number`, and what it carries or how it differs) and `unchanged`."""
    return {
        "of": of,
        "messages": [_message_document(one) for one in changes.messages],
        "unchanged": list(dict.fromkeys(changes.unchanged)),
    }


def _message(message: ChangedMessage, width: int) -> Iterator[Line]:
    mark, style = _MARKS[message.sign]
    place = "" if message.request in message.label else f"  {message.request}"
    yield from wrapped(line(Span(f"  {mark} ", style), Span(message.label, "bold"), Span(place, "dim")), width, indent=6)
    if message.sign is Sign.REMOVED:
        return
    if message.carries:
        yield from wrapped(line("      with ", *_names(message.carries)), width, indent=8)
    if message.refusal:
        yield from wrapped(line("      answered ", Span(message.refusal, "warning")), width, indent=8)
    elif message.brings:
        yield from wrapped(line("      answered with ", *_names(message.brings)), width, indent=8)
    for sign in _ORDER:
        of_sign = tuple(one for one in message.changes if one.sign is sign)
        together = tuple(one for one in of_sign if sign is Sign.REMOVED or one.is_moved)
        yield from _together(together, _MARKS[sign], width)
        yield from _told(tuple(one for one in of_sign if one not in together), width)


def _together(changes: tuple[Change, ...], mark: tuple[str, Style], width: int) -> Iterator[Line]:
    """What is gone, or stands elsewhere now: only from where and to where matters."""
    ways = tuple((_whose(one), _way(one)) for one in changes)
    for whose, way in dict.fromkeys(ways):
        names = tuple(one.name for one, own in zip(changes, ways, strict=True) if own == (whose, way))
        yield from wrapped(line(Span(f"      {mark[0]} ", mark[1]), whose, *_names(names), *literals(way)), width, indent=8)


def _way(change: Change) -> str:
    if change.is_moved:
        return f": from the {change.before} to the {change.after}"
    return f": now in {change.moved_to}" if change.moved_to else ""


def _told(changes: tuple[Change, ...], width: int) -> Iterator[Line]:
    for one in changes:
        mark, style = _MARKS[one.sign]
        section = f" ({one.section})" if one.section else ""
        name = _NAMES.get(one.place, one.name)
        values = _values(one)
        # What a parameter is stands with the messages; here it matters of those that are new.
        about = literals(one.about) if one.about and (one.sign is Sign.ADDED or not values) else ()
        parts = (*values, *((Span(": "), *about) if about else ()))
        yield from wrapped(
            line(Span(f"      {mark} ", style), _whose(one), Span(name, "literal"), *parts, Span(section, "dim")), width, indent=8
        )
        if one.contains:
            yield from wrapped(line("        a JWT with ", *_names(one.contains)), width, indent=10)
        elif one.is_encrypted:
            yield from wrapped(line("        an encrypted JWT: who has no key to it sees its header alone"), width, indent=10)


def _values(change: Change) -> Line:
    before, after = _value(change.before), _value(change.after)
    if isinstance(change.after, list):
        return line(": adds ", *_names(map(_value, change.after)))
    if change.sign is Sign.CHANGED and before and after:
        return line(": ", Span(before, "dim"), " -> ", Span(after, "literal"))
    return line(" = ", Span(after, "literal")) if after and change.place != "request.certificate" else ()


def _value(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _whose(change: Change) -> str:
    """Whose member it is, unless it is a parameter of the request, which is what most are."""
    side, *parts = change.place.split(".")
    match side, parts:
        case "request", ["headers", _]:
            return "header "
        case "request", _:
            return ""
        case _, ["headers", _]:
            return "answer's header "
        case _, ["body", token, _, *_]:
            return f"{token}'s "
        case _:
            return "answer's "


def _names(names: Iterable[str]) -> Line:
    spans: list[str | Span] = []
    for name in names:
        spans += [", "] if spans else []
        spans.append(Span(name, "literal"))
    return line(*spans)


def _message_document(message: ChangedMessage) -> dict[str, Any]:
    document: dict[str, Any] = {
        "change": message.sign.value,
        "message": message.label,
        "request": message.request,
        "number": message.number,
    }
    if message.sign is Sign.CHANGED:
        return document | {"differences": [_change_document(one) for one in message.changes]}
    refused = {"refusal": message.refusal} if message.refusal else {}
    return document | {"parameters": list(message.carries), "answer": list(message.brings), **refused}


def _change_document(one: Change) -> dict[str, Any]:
    section = str(one.section) if one.section else None
    document: dict[str, Any] = {"change": one.sign.value, "place": one.place, "meaning": one.about or None, "section": section}
    document |= {"before": one.before, "after": one.after}
    for name, value in (("contains", list(one.contains)), ("encrypted", one.is_encrypted), ("moved_to", one.moved_to.replace("`", ""))):
        if value:
            document[name] = value
    return document
