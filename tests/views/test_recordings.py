from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from oauthctl.views.lines import plain
from oauthctl.views.recordings import Recorded, recordings_document, recordings_table

AT = datetime(2026, 3, 1, 13, 0, 0, tzinfo=timezone(timedelta(hours=1)))
NOW = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)


def test_a_recording_is_one_row_in_utc() -> None:
    (row,) = recordings_table((Recorded("8f3a", AT, "login", "https://op.example", 7, "done"),), now=NOW).rows
    assert [plain(cell) for cell in row] == ["8f3a", "login", "done", "2026-03-01 12:00:00", "7", "https://op.example"]


def test_line_breaks_and_control_characters_cannot_make_rows() -> None:
    (row,) = recordings_table((Recorded("a", AT.astimezone(UTC), "x\ny", "https://op.example/\x1b[2J\r\n"),), now=NOW).rows
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
                "name": "",
            }
        ]
    }


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (60, ("id", "age", "command", "outcome")),
        (80, ("id", "age", "command", "exchanges", "outcome")),
        (100, ("id", "age", "command", "issuer", "exchanges", "outcome")),
        (200, ("id", "age", "command", "issuer", "exchanges", "outcome")),
    ],
)
def test_a_terminal_gets_the_columns_that_it_has_room_for(width: int, columns: tuple[str, ...]) -> None:
    recorded = (Recorded("20260301-120000-8f3a", AT, "import", "https://op.example", 7, "state-mismatch", "works"),)
    table = recordings_table(recorded, width, now=NOW)
    assert table.columns == columns
    cells = dict(zip(columns, (plain(cell) for cell in table.rows[0]), strict=True))
    assert cells["id"] == recorded[0].id
    assert (cells["age"], cells["command"]) == ("3 d" if width == 60 else "3 days", "import works")
    assert cells["outcome"].startswith("state-mismatch"[: len(cells["outcome"]) - 1])
    assert sum(max(len(name), len(cell)) for name, cell in cells.items()) + 3 * (len(columns) - 1) <= width


def test_ids_stay_whole_and_long_texts_give_way() -> None:
    long = Recorded("20260301-120000-8f3a", AT, "import", "https://op.example/" + "x" * 90, 7, "y" * 90, "z" * 60)
    table = recordings_table((long,), 100, now=NOW)
    shown = [plain(cell) for cell in table.rows[0]]
    assert shown[0] == long.id
    assert [text.endswith("…") for text in shown] == [False, False, True, True, False, True]
    assert recordings_table((long,), now=NOW).rows[0][2][0].text == "y" * 90


def test_a_recording_from_the_future_has_no_negative_age() -> None:
    (row,) = recordings_table((Recorded("a", NOW + timedelta(hours=1)),), 80, now=NOW).rows
    assert plain(row[1]) == "0 seconds"


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("outcome", ["refresh-token-mangled", "the token endpoint refused: `invalid_client`", "interrupted"])
def test_how_it_ended_is_told_before_where_and_when(width: int, outcome: str) -> None:
    recorded = (Recorded("20260301-120000-8f3a", AT, "login", "https://a-long-name.of-an-issuer.example/realms/one", 15, outcome),)
    table = recordings_table(recorded, width, now=NOW)
    shown = dict(zip(table.columns, (plain(cell) for cell in table.rows[0]), strict=True))
    assert shown["outcome"] in (outcome, "invalid_client")
    assert shown["id"] == recorded[0].id
    assert sum(max(len(name), len(cell)) for name, cell in shown.items()) + 3 * (len(shown) - 1) <= width
