"""What a standard demands and what a server says to it, as a table.

Here: one row for each demand. Not here: the demands (`messages.standards`).
"""

from __future__ import annotations

from typing import Any

from oauthctl.messages.standards import Judged, Met, Standard
from oauthctl.views.lines import Line, Span, Style, line, literals

_MARKS: dict[Met, tuple[str, Style]] = {Met.OK: ("✓", "success"), Met.LACKS: ("✗", "error"), Met.UNTOLD: ("?", "warning")}


def standard_lines(standard: Standard, found: tuple[Judged, ...]) -> tuple[Line, ...]:
    """Requirement, clause, what the server says, and ok, lacks or not told."""
    whats = max(len(one.demand.what) for one in found)
    clauses = max(len(str(one.demand.section)) for one in found)
    rows = []
    for one in found:
        mark, style = _MARKS[one.met]
        word = one.met.value if one.demand.is_must or one.met is Met.OK else "should"
        head = f"{mark} {word}".ljust(11)
        rows.append(
            line(
                Span(head, style),
                one.demand.what.ljust(whats + 2),
                Span(str(one.demand.section).ljust(clauses + 2), "dim"),
                *literals(one.said),
            )
        )
    return (line(Span(standard.title, "bold"), ": what it demands of the server, and what the metadata says"), *rows)


def standard_document(standard: Standard, found: tuple[Judged, ...]) -> dict[str, Any]:
    """The same as JSON members."""
    return {
        "standard": standard.name,
        "demands": [
            {
                "what": one.demand.what,
                "section": str(one.demand.section),
                "said": one.said,
                "met": one.met.value,
                "must": one.demand.is_must,
            }
            for one in found
        ],
    }
