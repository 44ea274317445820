from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from oauthctl.record.log_lines import LINES_LIMIT, telling
from oauthctl.record.pasted import read_pasted

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
QUIET = "2026-11-02T09:14:00Z INFO GET /health 200 in 3 ms\n"
TOLD = "2026-11-02T09:14:00Z WARN oauth: AADSTS50011 from the provider\n"


def test_a_short_log_is_read_whole() -> None:
    assert telling(QUIET * 3 + TOLD) == ([*[QUIET.strip()] * 3, TOLD.strip(), ""], ())


@pytest.mark.parametrize("before", [0, 5_000, 40_000])
def test_the_line_that_tells_is_found_in_a_long_log_with_its_neighbours(before: int) -> None:
    lines, notes = telling(QUIET * before + "stack above\n" + TOLD + "  at Login.java:7\n" + QUIET * (40_000 - before))
    assert lines.index("stack above") + 1 == lines.index(TOLD.strip())
    assert "  at Login.java:7" in lines
    assert len(lines) < 10
    assert notes


def test_codes_go_before_other_complaints() -> None:
    lines, _ = telling("an error of the cache\n" * 50_000 + TOLD + "an error of the cache\n" * 50_000)
    assert TOLD.strip() in lines
    assert len(lines) == 5


def test_of_too_many_both_ends_are_read() -> None:
    lines, _ = telling("".join(f"error {number}: invalid_grant\n" for number in range(50_000)))
    assert lines[0] == "error 0: invalid_grant"
    assert lines[-1] in ("error 49999: invalid_grant", "")
    assert len(lines) <= LINES_LIMIT


def test_a_log_without_trouble_is_read_from_its_beginning() -> None:
    lines, notes = telling("nothing\n" * 5_000)
    assert len(lines) == LINES_LIMIT
    assert notes


def test_the_end_of_a_long_log_is_diagnosed() -> None:
    found = read_pasted(QUIET * 60_000 + 'ERROR token request failed: {"error":"invalid_grant"}\n', now=NOW)
    assert "invalid_grant" in str(found.known)
    assert any("lines" in note for note in found.notes)


@pytest.mark.parametrize(
    "part", ["a: b\n", "\n", "error\n", "Cookie: a=b; c=d\n", "* Connected\n", "[1,\n", "&a=b", "{", "error code= invalid_grant "]
)
def test_a_megabyte_of_anything_is_read_in_a_moment(part: str) -> None:
    began = time.process_time()
    read_pasted(part * (1024 * 1024 // len(part)), now=NOW)
    assert time.process_time() - began < 5
