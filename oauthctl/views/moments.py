"""Moments in words: `in 14 minutes`, `3 days ago`, and as dates.

Here: pure functions of two moments. Not here: the clock.
"""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = ((365 * 86400, "year"), (30 * 86400, "month"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def relative(moment: datetime, now: datetime) -> str:
    """How far a moment is from now, in one unit: `in 14 minutes`, `3 days ago`, `now`; cut, not rounded."""
    seconds = int((moment - now).total_seconds())
    if not seconds:
        return "now"
    length = duration(abs(seconds))
    return f"in {length}" if seconds > 0 else f"{length} ago"


def duration(seconds: float) -> str:
    """A length of time in one unit; up to two of a unit the smaller one is used: `90 minutes`, then `2 hours`."""
    whole = int(seconds)
    for size, unit in _UNITS:
        if whole >= 2 * size or (whole >= size and whole % size == 0) or size == 1:
            count = whole // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "0 seconds"


def dated(moment: datetime, now: datetime) -> str:
    """A moment as UTC date and time with the distance from now: `2026-03-01 12:00:00 UTC (in 14 minutes)`."""
    # strftime writes years before 1000 without their zeros on some systems; isoformat never does.
    written = moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    return f"{written} UTC ({relative(moment, now)})"
