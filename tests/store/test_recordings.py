"""Recordings that are kept."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import oauthctl
from oauthctl.errors import StoreError
from oauthctl.store import recordings
from oauthctl.store.files import STALE_SECONDS
from oauthctl.store.locations import Locations
from oauthctl.store.recordings import Summary

START = datetime(2026, 11, 21, 8, 45, 12, 246700, tzinfo=UTC)


@pytest.fixture
def where(tmp_path):
    return Locations(tmp_path / "config", tmp_path / "state")


def silent(text):
    raise AssertionError(f"unexpected warning: {text}")


def har(number=0, entries=3):
    ours = {"issuer": "https://op.example", "command": f"login {number}"}
    return {"log": {"version": "1.2", "entries": [{"n": number}] * entries, "_oauthctl": ours}}


def keep(where, *, seconds=0.0, number=0, command="login"):
    return recordings.save(where, har(number), command=command, started_at=START + timedelta(seconds=seconds), outcome="done")


def ids(where):
    return [summary.id for summary in recordings.summaries(where, warn=silent)]


def test_a_recording_is_loaded_as_it_was_saved(where):
    id_ = keep(where, number=7)
    assert id_ == "20261121-084512-3f27"
    assert recordings.load(where, id_, warn=silent) == har(7)


def test_an_id_is_in_utc(where):
    east = timezone(timedelta(hours=2))
    assert recordings.save(where, har(), command="x", started_at=START.astimezone(east)) == "20261121-084512-3f27"
    assert recordings.summaries(where, warn=silent)[0].started_at == START


def test_ids_sort_by_time_and_stay_distinct(where):
    seconds = [0, 0, 0, 0.0001, 0.5, 0.7533, 1, 60]
    made = [keep(where, seconds=second) for second in seconds]
    assert made == sorted(set(made))
    assert made[:3] == ["20261121-084512-3f27", "20261121-084512-3f28", "20261121-084512-3f29"]


def test_an_id_at_the_end_of_a_second_moves_to_the_next(where):
    made = [recordings.save(where, har(), command="x", started_at=START.replace(microsecond=999_999)) for _ in range(2)]
    assert made == ["20261121-084512-ffff", "20261121-084513-0000"]


def test_summaries_tell_the_newest_first(where):
    older, newer = keep(where), keep(where, seconds=5, command="refresh")
    assert recordings.summaries(where, warn=silent) == (
        Summary(newer, "refresh", START + timedelta(seconds=5), "https://op.example", 3, "done"),
        Summary(older, "login", START, "https://op.example", 3, "done"),
    )


def test_without_recordings_there_are_no_summaries(where):
    assert recordings.summaries(where, warn=silent) == ()
    with pytest.raises(StoreError, match="no recordings yet"):
        recordings.load(where, "last", warn=silent)


@pytest.mark.parametrize("wanted", ["20261121-084513-3f27", "20261121-084513", "4513-3f27", "last"])
def test_a_recording_is_found_by_what_fits_no_other(where, wanted):
    keep(where)
    newest = keep(where, seconds=1)
    assert recordings.find(where, wanted) == newest


@pytest.mark.parametrize(
    ("wanted", "said"), [("2026", "fits 2 recordings"), ("2027", "no recording `2027`"), ("", "no recording"), ("../x", "no")]
)
def test_what_fits_none_or_several_is_an_error(where, wanted, said):
    keep(where), keep(where, seconds=1)
    with pytest.raises(StoreError, match=said):
        recordings.load(where, wanted, warn=silent)


def test_the_last_hundred_are_kept(where):
    made = [keep(where, seconds=second, number=second) for second in range(105)]
    assert ids(where) == made[:4:-1]
    assert len(list((where.state / "recordings").iterdir())) == 200
    assert recordings.load(where, made[5], warn=silent) == har(5)


def test_a_recording_made_after_the_clock_was_set_back_is_kept(where):
    for second in range(100):
        keep(where, seconds=second)
    early = keep(where, seconds=-3600)
    assert early in ids(where)
    assert len(ids(where)) == 100


def test_a_deleted_recording_is_gone(where):
    first, second = keep(where), keep(where, seconds=1)
    assert recordings.delete(where, "last") == second
    assert ids(where) == [first]
    assert sorted(path.name for path in (where.state / "recordings").iterdir()) == [f"{first}.har", f"{first}.json"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_recordings_are_private(where):
    keep(where)
    directory = where.state / "recordings"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


@pytest.mark.skipif(os.name != "posix", reason="Windows makes links for administrators alone")
def test_recordings_behind_a_link_are_not_touched(where):
    keep(where)
    directory = where.state / "recordings"
    directory.rename(where.state / "elsewhere")
    directory.symlink_to(where.state / "elsewhere", target_is_directory=True)
    for act in (lambda: keep(where), lambda: recordings.summaries(where, warn=silent), lambda: recordings.load(where, "last", warn=silent)):
        with pytest.raises(StoreError, match="is a symbolic link"):
            act()
    assert len(list((where.state / "elsewhere").iterdir())) == 2


@pytest.mark.skipif(os.name != "posix", reason="Windows makes links for administrators alone")
def test_a_summary_that_is_a_link_is_not_read(where, tmp_path):
    id_ = keep(where, number=9)
    path = where.state / "recordings" / f"{id_}.json"
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    (found,) = recordings.summaries(where, warn=silent)
    assert found.id == id_
    assert not path.is_symlink()


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"started_at": "x"}', b'{"started_at": "2026-11-21T00:00:00Z", "odd": 1}'])
def test_a_summary_that_is_missing_or_damaged_is_made_again(where, content):
    id_ = keep(where, number=9)
    path = where.state / "recordings" / f"{id_}.json"
    path.unlink() if content is None else path.write_bytes(content)
    (again,) = recordings.summaries(where, warn=silent)
    assert (again.id, again.command, again.issuer, again.exchange_count) == (id_, "login 9", "https://op.example", 3)
    assert abs(again.started_at - START) < timedelta(milliseconds=1)
    assert json.loads(path.read_bytes())["command"] == "login 9"


def test_summaries_do_not_read_the_recordings(where):
    id_ = keep(where)
    (where.state / "recordings" / f"{id_}.har").write_bytes(b"{")
    assert ids(where) == [id_]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100000])
def test_a_damaged_recording_is_set_aside(where, content):
    id_ = keep(where)
    path = where.state / "recordings" / f"{id_}.har"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged") as caught:
        recordings.load(where, id_, warn=silent)
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == content
    assert str(aside) in caught.value.notes[0]
    assert ids(where) == []


def test_a_damaged_recording_without_summary_is_told_and_left_out(where):
    id_, good = keep(where), keep(where, seconds=1)
    (where.state / "recordings" / f"{id_}.har").write_bytes(b"{")
    (where.state / "recordings" / f"{id_}.json").unlink()
    warnings = []
    assert [summary.id for summary in recordings.summaries(where, warn=warnings.append)] == [good]
    assert warnings == [f"recording `{id_}` can't be read: it is damaged"]


def test_only_old_ids_without_recording_are_dropped(where):
    directory = where.state / "recordings"
    keep(where)
    old, young, foreign = directory / "20200101-000000-0000.json", directory / "20200101-000000-0001.json", directory / "notes.json"
    for path in (old, young, foreign):
        path.write_bytes(b"")
    long_ago = directory.stat().st_mtime - STALE_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    os.utime(foreign, (long_ago, long_ago))
    keep(where, seconds=1)
    assert [old.exists(), young.exists(), foreign.exists()] == [False, True, True]


def test_what_json_does_not_know_leaves_nothing_behind(where):
    with pytest.raises(TypeError):
        recordings.save(where, {"log": object()}, command="x", started_at=START)
    assert list((where.state / "recordings").iterdir()) == []


def test_a_lone_surrogate_in_a_recording_survives(where):
    document = {"log": {"entries": ["\ud800 ü"]}}
    id_ = recordings.save(where, document, command="x", started_at=START)
    assert recordings.load(where, id_, warn=silent) == document


SAVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from oauthctl.store import recordings
from oauthctl.store.locations import Locations
where = Locations(Path(sys.argv[1]), Path(sys.argv[1]))
document = {"log": {"entries": [], "by": sys.argv[2]}}
for number in range(20):
    print(recordings.save(where, document, command="x", started_at=datetime(2026, 11, 21, tzinfo=UTC)))
"""


def test_writers_that_begin_at_the_same_moment_lose_nothing(where):
    environ = os.environ | {"PYTHONPATH": str(Path(oauthctl.__file__).parents[1])}
    savers = [
        subprocess.Popen([sys.executable, "-c", SAVER, str(where.state), str(number)], env=environ, stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    printed = [saver.communicate(timeout=60)[0].split() for saver in savers]
    assert [saver.returncode for saver in savers] == [0, 0, 0, 0]
    assert sorted(id_ for made in printed for id_ in made) == sorted(ids(where))
    assert len(ids(where)) == 80
    for number, made in enumerate(printed):
        assert {recordings.load(where, id_, warn=silent)["log"]["by"] for id_ in made} == {str(number)}


def test_a_recording_is_found_by_its_name_the_newest_first(where):
    recordings.save(where, har(1), command="import", started_at=START, name="works")
    newest = recordings.save(where, har(2), command="import", started_at=START + timedelta(seconds=1), name="works")
    recordings.save(where, har(3), command="import", started_at=START + timedelta(seconds=2), name="3f27")
    assert recordings.find(where, "works") == newest
    # A name goes before a part of an id.
    assert recordings.load(where, "3f27", warn=silent) == har(3)
    with pytest.raises(StoreError, match="no recording `work`"):
        recordings.find(where, "work")


@pytest.mark.parametrize("text", ["", "last", "a.har", "a/b", "-x", "é", "x" * 65, "20261121-084512-3f27"])
def test_what_could_be_taken_for_something_else_is_no_name(text):
    assert not recordings.is_name(text)


def test_only_what_is_neither_new_nor_recent_may_go(where):
    kept = [keep(where, seconds=seconds) for seconds in (0, 10, 20, 30)]
    at = START + timedelta(seconds=15)
    assert recordings.prunable(where) == tuple(kept)
    assert recordings.prunable(where, keep=1) == tuple(kept[:3])
    assert recordings.prunable(where, before=at) == tuple(kept[:2])
    assert recordings.prunable(where, keep=3, before=at) == tuple(kept[:1])
