"""The time stamp of a log's line: when what the line tells of happened.

Here: the forms in which servers and libraries write it, where a line begins. Not here: times that a line speaks of, what a line tells
(`log_text`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from oauthctl.jose.jwt import Token

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,]\d{1,9})?"
_ZONE = r"(?: ?(?P<zone>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d))?"
# What stands before it: nothing, a bracket, one word for the level, the client of an access log, or the name of a structured log's field.
_BEFORE = (
    r"^\s{0,8}(?:[\[(\"'{]{1,3}|\[?[A-Z]{4,8}\]?[:\s]\s{0,8}\[?|\S{1,64} \S{1,64} \S{1,64} \["
    r"|.{0,200}?[\"']?(?<![\w.])@?(?:time|timestamp|ts|asctime|datetime)(?:[\"']\s?:\s?|=)[\"']?)?"
)
_FORMS = tuple(
    re.compile(_BEFORE + form + _ZONE, re.IGNORECASE if "month>[a-z]" in form else 0)
    for form in (
        rf"(?P<year>\d{{4}})[-/](?P<month>\d\d)[-/](?P<day>\d\d)[T ]{_CLOCK}",
        rf"(?P<day>\d\d)/(?P<month>[a-z]{{3}})/(?P<year>\d{{4}}):{_CLOCK}",
        rf"(?:[a-z]{{3}}, )?(?P<day>\d\d?)[ -](?P<month>[a-z]{{3}})[ -](?P<year>\d{{4}}) {_CLOCK}",
        rf"[a-z]{{3}} (?P<month>[a-z]{{3}}) +(?P<day>\d\d?) {_CLOCK} (?P<year>\d{{4}})",
        rf"(?P<month>[a-z]{{3}}) (?P<day>\d\d?), (?P<year>\d{{4}}),? {_CLOCK}(?: (?P<half>[AP]M))?",
    )
)
_LONGEST = 400
# Zones differ from UTC by no more.
_WIDEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp, aware; one that names no zone is taken for UTC."""

    moment: datetime
    names_zone: bool


def stamp_of(line: str) -> Stamp | None:
    """The time stamp that the line begins with; None when it has none, or none with a year."""
    head = line[:_LONGEST]
    for form in _FORMS:
        if match := form.match(head):
            return _stamp(match)
    return None


def moment_for(stamp: Stamp, tokens: Iterable[Token]) -> datetime:
    """The moment at which these tokens were shown: later than a stamp without a zone says, where they were only made some hours later."""
    issued = [_time(token, name) for token in tokens for name in ("iat", "nbf")]
    later = [moment for moment in issued if moment is not None and stamp.moment < moment <= stamp.moment + _WIDEST]
    return stamp.moment if stamp.names_zone else max(later, default=stamp.moment)


def _time(token: Token, name: str) -> datetime | None:
    value = (token.claims or {}).get(name)
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and 0 < value < 1 << 34 else None


def _stamp(match: re.Match[str]) -> Stamp | None:
    part = match.groupdict()
    month = part["month"] or ""
    number = int(month) if month.isdigit() else _MONTHS.index(month.lower()) + 1 if month.lower() in _MONTHS else 0
    hour = int(part["hour"])
    if half := (part.get("half") or "").lower():
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        there = datetime(
            int(part["year"]), number, int(part["day"]), hour, int(part["minute"]), int(part["second"]), tzinfo=_zone(part["zone"])
        )
        return Stamp(there.astimezone(UTC), bool(part["zone"]))
    except (ValueError, OverflowError):
        return None


def _zone(written: str | None) -> timezone:
    if not written or written[0] not in "+-":
        return UTC
    away = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return timezone(-away if written[0] == "-" else away)
