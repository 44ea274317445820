"""Claims read and shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from oauthctl.messages.claim_values import length, seconds_of, time_text, utc_text


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 21, 7, 20, tzinfo=UTC), "2026-11-21T07:20:00Z"),
        (datetime(2026, 11, 21, 7, 20, 0, 999999, tzinfo=UTC), "2026-11-21T07:20:00Z"),
        (datetime(2026, 11, 21, 9, 20, tzinfo=timezone(timedelta(hours=2))), "2026-11-21T07:20:00Z"),
        (datetime(33, 4, 3, tzinfo=UTC), "0033-04-03T00:00:00Z"),
    ],
)
def test_a_moment_has_one_form(at: datetime, expected: str) -> None:
    assert utc_text(at) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(0, "1970-01-01T00:00:00Z"), (1e300, "1e+300"), (-1e15, "-1e+15")])
def test_a_number_that_is_no_date_stays_a_number(seconds: float, expected: str) -> None:
    assert time_text(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (3 * 86400, "3 days"), (20454 * 86400, "56 years")]
)
def test_a_length_of_time_has_one_unit(seconds: float, expected: str) -> None:
    assert length(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3.0), (3.5, 3.5), ("3", None), (253402300799, 253402300799.0), (1767226500000, None), (True, None), (None, None), ([], None)],
)
def test_only_a_number_is_a_numeric_date(value: object, expected: float | None) -> None:
    assert seconds_of({"exp": value}, "exp") == expected
