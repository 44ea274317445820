from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oauthctl.views.moments import dated, duration, relative

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (0.4, "now"),
        (1, "in 1 second"),
        (-1, "1 second ago"),
        (14 * 60, "in 14 minutes"),
        (14 * 60 + 59, "in 14 minutes"),
        (60, "in 1 minute"),
        (90, "in 90 seconds"),
        (90 * 60, "in 90 minutes"),
        (3600, "in 1 hour"),
        (-7300, "2 hours ago"),
        (-3 * 86400, "3 days ago"),
        (45 * 86400, "in 45 days"),
        (60 * 86400, "in 2 months"),
        (-800 * 86400, "2 years ago"),
    ],
)
def test_a_distance_is_told_in_one_unit(seconds: float, words: str) -> None:
    assert relative(NOW + timedelta(seconds=seconds), NOW) == words


def test_a_duration_of_nothing_is_no_seconds() -> None:
    assert duration(0.2) == "0 seconds"


def test_a_moment_is_dated_in_utc() -> None:
    there = datetime.fromisoformat("2026-03-01T14:14:00+02:00")
    assert dated(there, NOW) == "2026-03-01 12:14:00 UTC (in 14 minutes)"


def test_the_ends_of_the_calendar_can_be_told() -> None:
    assert relative(datetime.max.replace(tzinfo=UTC), NOW) == "in 7979 years"
    assert dated(datetime.min.replace(tzinfo=UTC), NOW).startswith("0001-01-01 00:00:00 UTC (20")
