"""The clock by which a command looks at a token: now, or what `--at TIME` says.

Here: reading the option's value. Not here: judging times.
"""

from __future__ import annotations

from datetime import UTC, datetime

from oauthctl.errors import ConfigError


def clock(text: str) -> datetime:
    """The moment that was asked for, or now; aware, UTC. A time without an offset is UTC."""
    if not text:
        return datetime.now(UTC)
    try:
        if text.lstrip("-").replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(text), UTC)
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ConfigError(
            f"`--at` can't be `{text}`", help="give a time such as `2026-01-31T12:00:00Z`, a date, or seconds since 1970"
        ) from None
