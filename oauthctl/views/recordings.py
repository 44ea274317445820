"""The list of recordings, as a table and as JSON.

Here: one row a recording. Not here: what is in a recording (`sequence`, `annotated`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oauthctl.messages.claim_values import utc_text
from oauthctl.views.canvas import cells, cut, one_line
from oauthctl.views.lines import Line, Span, Style, Table, line
from oauthctl.views.moments import duration

_ROOM_FOR_COUNTS = 72
_ROOM_FOR_ALL = 100
_GAP = 3
_NARROWEST = 8
# As much of an issuer or a command tells it from others.
_READABLE = 14
_FLEXIBLE = ("command", "issuer", "outcome")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording: its id, when it was made, by which command, at which issuer, with how many exchanges, how it ended.

    `name` is what a person calls it.
    """

    id: str
    at: datetime
    command: str = ""
    issuer: str = ""
    exchanges: int = 0
    outcome: str = ""
    name: str = ""


def recordings_table(recorded: Sequence[Recorded], width: int = 0, *, now: datetime) -> Table:
    """The recordings in the order in which they are given.

    A terminal gets their age, and of the columns those that it has room for. The width 0 is a pipe, which gets all, with the time in UTC.
    """
    if not width:
        rows = tuple(
            (_id(one), _cell(_what(one)), _cell(one.outcome), _cell(_time(one)), _count(one), _cell(one.issuer)) for one in recorded
        )
        return Table(("id", "command", "outcome", "recorded (UTC)", "exchanges", "issuer"), rows)
    texts = {"id": [one_line(one.id) for one in recorded], "age": [_age(one, now, width) for one in recorded]}
    texts["command"] = [one_line(_what(one)) for one in recorded]
    if width >= _ROOM_FOR_ALL:
        texts["issuer"] = [one_line(one.issuer).removeprefix("https://") for one in recorded]
    if width >= _ROOM_FOR_COUNTS:
        texts["exchanges"] = [str(one.exchanges) for one in recorded]
    texts["outcome"] = [one_line(one.outcome) for one in recorded]
    texts, widths = _chosen(texts, width)
    styles: dict[str, list[Style]] = {"id": ["literal" for _ in recorded], "outcome": [_outcome_style(one) for one in recorded]}
    shown = tuple(
        tuple(line(Span(cut(texts[name][at], widths[name]), styles[name][at] if name in styles else "")) for name in texts)
        for at in range(len(recorded))
    )
    return Table(tuple(texts), shown)


def _chosen(texts: dict[str, list[str]], room: int) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The columns that are shown, and their widths: how it ended is what one looks for, hence others go before that is cut."""
    for short in (False, True):
        told = {**texts, "outcome": [_in_short(text) for text in texts["outcome"]]} if short else texts
        for left_out in ((), ("exchanges",), ("exchanges", "age")):
            kept = {name: column for name, column in told.items() if name not in left_out}
            widths = _fitted({name: max(cells(text) for text in (name, *column)) for name, column in kept.items()}, room)
            if widths["outcome"] >= max(map(cells, kept["outcome"]), default=0):
                return kept, widths
    return texts, _fitted({name: max(cells(text) for text in (name, *column)) for name, column in texts.items()}, room)


def _in_short(outcome: str) -> str:
    """Of a sentence that quotes a server's word that word."""
    quoted = outcome.split("`")
    return quoted[-2] if len(quoted) > 2 else outcome


def _fitted(widths: dict[str, int], room: int) -> dict[str, int]:
    """The columns' widths, where need be smaller: an id that is cut or broken can't be copied, so others give way, the outcome last."""
    fitted = dict(widths)
    for names in (("issuer",), ("command", "issuer"), _FLEXIBLE):
        while sum(fitted.values()) + _GAP * (len(fitted) - 1) > room:
            widest = max((name for name in names if name in fitted), key=lambda name: fitted[name], default="")
            if not widest or fitted[widest] <= (_NARROWEST if names is _FLEXIBLE else _READABLE):
                break
            fitted[widest] -= 1
    return fitted


def _age(one: Recorded, now: datetime, width: int) -> str:
    words = duration(max(0.0, (now - one.at).total_seconds()))
    if width >= _ROOM_FOR_COUNTS:
        return words
    number, _, unit = words.partition(" ")
    return f"{number} {'mo' if unit.startswith('month') else unit[:1]}"


def _id(one: Recorded) -> Line:
    return line(Span(one_line(one.id), "literal"))


def _what(one: Recorded) -> str:
    return f"{one.command} {one.name}".strip()


def _time(one: Recorded) -> str:
    return f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _count(one: Recorded) -> Line:
    return line(str(one.exchanges))


def _outcome_style(one: Recorded) -> Style:
    return "success" if one.outcome == "done" else "error"


def _cell(text: str) -> Line:
    return line(one_line(text))


def recordings_document(recorded: Sequence[Recorded]) -> dict[str, Any]:
    """`{"recordings": [{"id", "recorded_at", "command", "exchanges", "outcome", "issuer", "name"}]}`."""
    return {
        "recordings": [
            {
                "id": one.id,
                "recorded_at": utc_text(one.at),
                "command": one.command,
                "exchanges": one.exchanges,
                "outcome": one.outcome,
                "issuer": one.issuer,
                "name": one.name,
            }
            for one in recorded
        ]
    }
