"""Claims of a token that nobody vouches for, read and shown: moments, lengths of time, values on one line.

Here: what every judge of claims needs. Not here: the verdicts (`id_token`, `access_token`), parameters' readers (`param`).
"""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from typing import Any

from oauthctl.messages.param import moment, number

LAST_SECOND = 253402300799
"""The end of the year 9999, which some write for `never`. A larger number counts milliseconds: this many of them were over in 1978."""
_FINER = (("milliseconds", 1e14), ("microseconds", 1e17), ("nanoseconds", 1e20))
"""Each ends in the year 5138. So many microseconds were over in 1973, so many nanoseconds as well."""


def seconds_of(claims: dict[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2): a number of seconds, and nothing else."""
    seconds = None if isinstance(claims.get(name), str) else number(claims.get(name))
    return None if seconds is None or seconds > LAST_SECOND else seconds


def missing(claims: dict[str, Any], name: str) -> str:
    """Why a NumericDate could not be read."""
    if name not in claims:
        return f"there is no `{name}`"
    count = None if isinstance(claims[name], str) else number(claims[name])
    return f"`{name}` is no number" if count is None else f"`{name}` counts {unit_of(count)}, and must count seconds"


def unit_of(count: float) -> str:
    """What a time that is too large for seconds counts instead: `milliseconds` and smaller, or `no known unit`."""
    return next((unit for unit, most in _FINER if abs(count) <= most), "no known unit")


def in_seconds(count: float) -> float:
    """A time in seconds, also when it counts something smaller."""
    if abs(count) <= LAST_SECOND:
        return count
    return count / {"milliseconds": 1e3, "microseconds": 1e6}.get(unit_of(count), 1e9)


def same(left: str, right: str) -> bool:
    """Whether two texts are the same, in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def time_text(seconds: float) -> str:
    """A NumericDate as a date; as the number that it is where there is no such date."""
    at = moment(seconds)
    return utc_text(at) if at else f"{seconds:g}"


def utc_text(at: datetime) -> str:
    """A moment as every JSON document of oauthctl has it: `2026-11-21T07:20:00Z`; fractions of a second are cut off."""
    # strftime writes years before 1000 without their zeros on some systems; isoformat never does.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def length(seconds: float) -> str:
    """A length of time in one unit: `45 seconds`, `14 minutes`, `3 days`."""
    for size, unit in ((365 * 86400, "year"), (86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}s"
    return f"{int(seconds)} second{'' if int(seconds) == 1 else 's'}"


def shown(value: object) -> str:
    """A claim as one printable line."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
