from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oauthctl.store.locations import locations
from oauthctl.store.recordings import save
from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl

DAYS = (90, 40, 8, 1)


def trace(folder: Path, *argv: str) -> Ran:
    return oauthctl("trace", *argv, environ=isolated(folder))


@pytest.fixture
def ids(tmp_path: Path) -> list[str]:
    """Four recordings, the oldest first."""
    now = datetime.now(UTC)
    document: dict[str, Any] = {"log": {"entries": []}}
    where = locations(isolated(tmp_path))
    return [save(where, document, command="login", started_at=now - timedelta(days=days), name=f"d{days}") for days in DAYS]


def left(folder: Path) -> list[str]:
    return sorted(row.split("\t")[0] for row in trace(folder, "list").out.splitlines())


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        (("--keep", "3"), 1),
        (("--keep", "0"), 4),
        (("--keep", "9"), 0),
        (("--older-than", "7"), 3),
        (("--older-than", "0.5"), 4),
        (("--keep", "3", "--older-than", "7"), 1),
        (("--keep", "1", "--older-than", "30"), 2),
    ],
)
def test_prune_takes_the_oldest_and_says_before_which(tmp_path: Path, ids: list[str], options: tuple[str, ...], gone: int) -> None:
    told = trace(tmp_path, "prune", *options, "--dry-run")
    assert told.out.splitlines() == ids[:gone]
    assert "would be deleted" in told.err
    assert left(tmp_path) == ids
    done = trace(tmp_path, "prune", *options)
    assert (done.code, done.out) == (0, told.out)
    assert left(tmp_path) == ids[gone:]


def test_prune_asks_which(tmp_path: Path, ids: list[str]) -> None:
    ran = trace(tmp_path, "prune")
    assert (ran.code, ran.out) == (2, "")
    assert "`--older-than DAYS`" in ran.err
    assert left(tmp_path) == ids


def test_several_are_deleted_by_id_name_and_last(tmp_path: Path, ids: list[str]) -> None:
    ran = trace(tmp_path, "delete", ids[0], "d40", "last", "d1")
    assert (ran.code, ran.out.splitlines()) == (0, [ids[0], ids[1], ids[3]])
    assert "3 recordings deleted" in ran.err
    assert left(tmp_path) == [ids[2]]
    assert sorted(path.stem for path in (tmp_path / "state" / "recordings").iterdir()) == [ids[2]] * 2


def test_one_that_is_not_there_keeps_all(tmp_path: Path, ids: list[str]) -> None:
    ran = trace(tmp_path, "delete", ids[0], "zzz")
    assert (ran.code, ran.out) == (2, "")
    assert "no recording `zzz`" in ran.err
    assert left(tmp_path) == ids
