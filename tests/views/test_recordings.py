from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from oauthctl.views.lines import plain
from oauthctl.views.recordings import Recorded, recordings_document, recordings_table

AT = datetime(2026, 3, 1, 13, 0, 0, tzinfo=timezone(timedelta(hours=1)))


def test_a_recording_is_one_row_in_utc() -> None:
    (row,) = recordings_table((Recorded("8f3a", AT, "login", "https://op.example", 7, "done"),)).rows
    assert [plain(cell) for cell in row] == ["8f3a", "login", "done", "2026-03-01 12:00:00", "7", "https://op.example"]


def test_line_breaks_and_control_characters_cannot_make_rows() -> None:
    (row,) = recordings_table((Recorded("a", AT.astimezone(UTC), "x\ny", "https://op.example/\x1b[2J\r\n"),)).rows
    assert not any(character in "".join(plain(cell) for cell in row) for character in "\x1b\r\n")


def test_the_document_has_utc_times() -> None:
    assert recordings_document((Recorded("8f3a", AT, "login", "https://op.example", 7, "done"),)) == {
        "recordings": [
            {
                "id": "8f3a",
                "recorded_at": "2026-03-01T12:00:00Z",
                "command": "login",
                "exchanges": 7,
                "outcome": "done",
                "issuer": "https://op.example",
            }
        ]
    }


def test_a_narrow_terminal_gets_what_matters() -> None:
    recorded = (Recorded("8f3a", AT, "login", "https://op.example", 7, "done"),)
    assert recordings_table(recorded, 80).columns == ("id", "command", "outcome")
    assert recordings_table(recorded, 160).columns[-1] == "issuer"
