"""Profiles as a list, and one of them in full.

Here: rows, lines and JSON members made of plain values. Not here: reading files (`store`), secrets, which never come by here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oauthctl.messages.claim_values import utc_text
from oauthctl.views.canvas import one_line
from oauthctl.views.lines import Line, Span, Style, Table, line
from oauthctl.views.moments import dated, duration

_ROOM_FOR_ALL = 100
_STYLES: dict[str, Style] = {"good": "success", "expired": "warning", "misfit": "warning", "unreadable": "error", "none": "dim"}


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a profile's tokens, without them. `status` is `good`, `expired`, `misfit`, `unreadable` or `none`.

    A misfit was obtained for what the profile said before; `why` tells the difference, or why the file can't be read.
    """

    status: str = "none"
    expires_at: datetime | None = None
    obtained_at: datetime | None = None
    is_refreshable: bool = False
    subject: str = ""
    scope: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A profile, what it holds, and where its client secret comes from. `problem` says why its file can't be understood."""

    name: str
    is_current: bool = False
    members: dict[str, Any] = field(default_factory=dict)
    client_secret: str = ""
    held: Held = field(default_factory=Held)
    problem: str = ""

    def text(self, name: str) -> str:
        """A member as one line of text; empty when the profile says nothing."""
        return one_line(_text(self.members.get(name, "")))


def token_state(held: Held, now: datetime) -> str:
    """The tokens in a few words: `good for 12 minutes`, `expired, refreshable`, `none`."""
    match held.status:
        case "good":
            left = (held.expires_at - now).total_seconds() if held.expires_at else None
            return "good, no expiry known" if left is None else f"good for {duration(left)}"
        case "expired" if held.is_refreshable:
            return "expired, refreshable"
        case "misfit":
            return "don't fit the profile any more"
        case _:
            return held.status


def profiles_table(listed: Sequence[Listed], now: datetime, width: int = 0) -> Table:
    """One row a profile, the current one marked with `*` in front; a narrow terminal gets the first columns; width 0 is a pipe."""
    rows = tuple(
        (
            line(Span("*" if one.is_current else "", "success")),
            line(Span(one.name, "bold" if one.is_current else "")),
            line(Span(one.text("issuer"), "literal")) if not one.problem else line(Span("can't be read", "error")),
            line(Span(token_state(one.held, now), _STYLES[one.held.status])),
            line(one.text("client_id")),
            line(one.text("scope")),
        )
        for one in listed
    )
    columns = ("", "profile", "issuer", "tokens", "client", "scopes")
    shown = len(columns) if not width or width >= _ROOM_FOR_ALL else 4
    return Table(columns[:shown], tuple(row[:shown] for row in rows))


def profile_lines(one: Listed, now: datetime, *, files: Sequence[tuple[str, str]] = ()) -> tuple[Line, ...]:
    """Everything about one profile but its secrets."""
    held = one.held
    rows = [(name, one.text(name)) for name in one.members if one.text(name)]
    rows.append(("client secret", one.client_secret or "none"))
    tokens = [("state", token_state(held, now))]
    if held.why:
        tokens.append(("", held.why))
    tokens += [
        (name, value)
        for name, value in (
            ("expires", dated(held.expires_at, now) if held.expires_at else ""),
            ("obtained", dated(held.obtained_at, now) if held.obtained_at else ""),
            ("refresh token", ("yes" if held.is_refreshable else "no") if held.obtained_at else ""),
            ("subject", held.subject),
            ("scopes", " ".join(held.scope)),
        )
        if value
    ]
    head = line(Span(one.name, "bold"), "  (the current one)") if one.is_current else line(Span(one.name, "bold"))
    return (head, *_rows(rows), (), line(Span("Tokens", "bold")), *_rows(tokens), (), line(Span("Files", "bold")), *_rows(files))


def profile_document(one: Listed, now: datetime) -> dict[str, Any]:
    """The profile as JSON members; `tokens` is null when there are none."""
    held = one.held
    tokens = {
        "status": held.status,
        "expires_at": _moment(held.expires_at),
        "expires_in_seconds": (held.expires_at - now).total_seconds() if held.expires_at else None,
        "obtained_at": _moment(held.obtained_at),
        "refreshable": held.is_refreshable,
        "subject": held.subject or None,
        "scope": list(held.scope),
        "problem": held.why or None,
    }
    return {
        "name": one.name,
        "current": one.is_current,
        **{name: _json(value) for name, value in one.members.items()},
        "client_secret": one.client_secret or None,
        "tokens": None if held.status == "none" else tokens,
        "problem": one.problem or None,
    }


def _rows(rows: Sequence[tuple[str, str]]) -> tuple[Line, ...]:
    width = max((len(name) for name, _ in rows), default=0)
    return tuple(line("  ", Span(name.ljust(width), "dim"), "  ", Span(one_line(value), "literal")) for name, value in rows)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join("=".join(item) if isinstance(item, tuple) else str(item) for item in value)
    return str(value)


def _json(value: Any) -> Any:
    """Pairs become lists of two, since a name may occur twice; what a profile leaves open is null."""
    if isinstance(value, tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    return value or None


def _moment(at: datetime | None) -> str | None:
    return utc_text(at) if at else None
