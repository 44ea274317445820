"""The list of recordings, as a table and as JSON.

Here: one row a recording. Not here: what is in a recording (`sequence`, `annotated`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oauthctl.views.canvas import one_line
from oauthctl.views.lines import Span, Table, line


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording: its id, when it was made, by which command, at which issuer, with how many exchanges, how it ended."""

    id: str
    at: datetime
    command: str = ""
    issuer: str = ""
    exchanges: int = 0
    outcome: str = ""


def recordings_table(recorded: Sequence[Recorded]) -> Table:
    """The recordings in the order in which they are given; times are UTC."""
    rows = tuple(
        (
            line(Span(one_line(one.id), "literal")),
            line(f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
            line(one_line(one.command)),
            line(str(one.exchanges)),
            line(one_line(one.outcome)),
            line(one_line(one.issuer)),
        )
        for one in recorded
    )
    return Table(("id", "recorded (UTC)", "command", "exchanges", "outcome", "issuer"), rows)


def recordings_document(recorded: Sequence[Recorded]) -> dict[str, Any]:
    """`{"recordings": [{"id", "recorded_at", "command", "exchanges", "outcome", "issuer"}]}`."""
    return {
        "recordings": [
            {
                "id": one.id,
                "recorded_at": one.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "command": one.command,
                "exchanges": one.exchanges,
                "outcome": one.outcome,
                "issuer": one.issuer,
            }
            for one in recorded
        ]
    }
