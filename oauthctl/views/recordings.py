"""The list of recordings, as a table and as JSON.

Here: one row a recording. Not here: what is in a recording (`sequence`, `annotated`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oauthctl.messages.claim_values import utc_text
from oauthctl.views.canvas import one_line
from oauthctl.views.lines import Span, Table, line

_ROOM_FOR_ALL = 110


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording: its id, when it was made, by which command, at which issuer, with how many exchanges, how it ended."""

    id: str
    at: datetime
    command: str = ""
    issuer: str = ""
    exchanges: int = 0
    outcome: str = ""


def recordings_table(recorded: Sequence[Recorded], width: int = 0) -> Table:
    """The recordings in the order in which they are given; times are UTC.

    A narrow terminal gets three columns, since the id holds the time. The width 0 is a pipe, which gets all.
    """
    rows = tuple(
        (
            line(Span(one_line(one.id), "literal")),
            line(one_line(one.command)),
            line(one_line(one.outcome)),
            line(f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
            line(str(one.exchanges)),
            line(one_line(one.issuer)),
        )
        for one in recorded
    )
    columns = ("id", "command", "outcome", "recorded (UTC)", "exchanges", "issuer")
    shown = len(columns) if not width or width >= _ROOM_FOR_ALL else 3
    return Table(columns[:shown], tuple(row[:shown] for row in rows))


def recordings_document(recorded: Sequence[Recorded]) -> dict[str, Any]:
    """`{"recordings": [{"id", "recorded_at", "command", "exchanges", "outcome", "issuer"}]}`."""
    return {
        "recordings": [
            {
                "id": one.id,
                "recorded_at": utc_text(one.at),
                "command": one.command,
                "exchanges": one.exchanges,
                "outcome": one.outcome,
                "issuer": one.issuer,
            }
            for one in recorded
        ]
    }
