"""Differences of clocks that are those of time zones: somebody takes local time for UTC.

Here: the hint. Not here: which clock is wrong (`token_time`, `assertion_times`, `dpop`).
"""

from __future__ import annotations

# Zones differ from UTC by half hours and up to 14 hours; a clock that is otherwise right is off by no more than this.
_STEP, _LARGEST, _SLACK = 1800, 14 * 3600, 120


def zone_hint(off: float) -> str:
    """A sentence to append where two clocks differ by `off` seconds, which is a time zone's difference; else nothing."""
    steps = round(abs(off) / _STEP)
    if steps < 2 or steps * _STEP > _LARGEST or abs(abs(off) - steps * _STEP) > _SLACK:
        return ""
    hours = f"{steps / 2:g}"
    unit = "hour" if hours == "1" else "hours"
    return f" The difference is {hours} {unit} almost to the second: perhaps one side takes its local time for UTC (a wrong time zone)."
