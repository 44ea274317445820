"""Provider metadata as a person reads it.

Here: the table, the attempts, what is missing. Not here: the JSON document, which is the metadata itself.
"""

from __future__ import annotations

import json
from typing import Any

from oauthctl.findings import Finding, Severity
from oauthctl.flows.discovery import Discovered
from oauthctl.messages.param import Param, text
from oauthctl.views.lines import Line, Span, Style, Table, line

_ROOM_FOR_ALL = 140
STYLES: dict[Severity, Style] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "dim"}


def attempt_lines(found: Discovered) -> tuple[Line, ...]:
    """Which places were asked, and what each answered."""
    return tuple(
        line(
            "  ", Span("✓", "success") if one.result.startswith("answered") else Span("–", "dim"), f" {one.url}  ", Span(one.result, "dim")
        )
        for one in found.attempts
    )


def metadata_table(found: Discovered, width: int = 0) -> Table:
    """Every member with its value and meaning, in the order of the definition; unknown members last.

    A narrow terminal gets no meanings, since the names are long. The width 0 is a pipe, which gets all.
    """
    metadata = found.metadata
    known = metadata.params()
    rows = [_row(name, _of_type(metadata.raw(name), param), param.meaning) for name, param in known.items() if name in metadata]
    rows += [_row(name, metadata.raw(name), "not a member that the standards know") for name in metadata.unknown()]
    shown = 3 if not width or width >= _ROOM_FOR_ALL else 2
    return Table(("MEMBER", "VALUE", "MEANING")[:shown], tuple(row[:shown] for row in rows))


def finding_lines(findings: tuple[Finding, ...]) -> tuple[Line, ...]:
    """Each finding in a line, with its clause."""
    return tuple(
        line(Span(one.severity.value, STYLES[one.severity]), f": {one.message}  ", Span(", ".join(map(str, one.sections)), "dim"))
        for one in findings
    )


def _row(name: str, value: object, meaning: str) -> tuple[Line, ...]:
    return line(Span(name, "bold")), line(Span(_text(value), "literal")), line(Span(meaning, "dim"))


def _of_type(value: object, param: Param[Any]) -> object:
    """The value; a list or an object in the place of a text as JSON, so that it does not pass for one."""
    return json.dumps(value, ensure_ascii=False) if param.reader is text and isinstance(value, list | dict) else value


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            items = [_text(item) for item in value]
            # A response type may consist of several words.
            return (", " if any(" " in item for item in items) else " ").join(items) or "(none)"
        case dict():
            return " ".join(f"{key}={_text(inner)}" for key, inner in value.items())
        case _:
            return str(value)
