"""Private files: whole at every moment, closed to others."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import oauthctl
from oauthctl.errors import StoreError
from oauthctl.store.files import STALE_SECONDS, create_private, delete, locked, read_private, set_aside, write_private

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
ENVIRON = os.environ | {"PYTHONPATH": str(Path(oauthctl.__file__).parents[1])}


def silent(text):
    raise AssertionError(f"unexpected warning: {text}")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "deep" / "er" / "file.json"
    write_private(path, b"one")
    write_private(path, b"two\r\n\x1a\0")
    assert read_private(path, warn=silent) == b"two\r\n\x1a\0"
    assert names(path.parent) == ["file.json"]


def test_a_missing_file_reads_as_none(tmp_path):
    assert read_private(tmp_path / "gone", warn=silent) is None
    assert read_private(tmp_path / "no" / "directory", warn=silent) is None


@posix
def test_files_are_0600_in_directories_that_are_0700(tmp_path):
    path = tmp_path / "state" / "tokens" / "a.json"
    write_private(path, b"x")
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)


@posix
def test_a_loose_directory_is_closed_before_anything_is_written_there(tmp_path):
    directory = tmp_path / "tokens"
    directory.mkdir(mode=0o755)
    write_private(directory / "a.json", b"x")
    assert mode(directory) == 0o700


@posix
def test_a_directory_that_the_person_chose_keeps_its_mode(tmp_path):
    directory = tmp_path / "config"
    directory.mkdir(mode=0o755)
    write_private(directory / "config.toml", b"x", mend_parent=False)
    assert (mode(directory), mode(directory / "config.toml")) == (0o755, 0o600)


@posix
@pytest.mark.parametrize("loose", [0o644, 0o660, 0o604, 0o777])
def test_loose_permissions_are_told_and_mended(tmp_path, loose):
    path = tmp_path / "s" / "a.json"
    write_private(path, b"x")
    path.chmod(loose)
    path.parent.chmod(0o755)
    warnings = []
    assert read_private(path, warn=warnings.append) == b"x"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert [f"{loose:04o}" in warnings[0], "0755" in warnings[1], len(warnings)] == [True, True, 2]
    assert read_private(path, warn=silent) == b"x"


@posix
def test_symbolic_links_are_not_followed(tmp_path):
    write_private(tmp_path / "real", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StoreError, match="is a symbolic link"):
        read_private(tmp_path / "link", warn=silent)


@posix
@pytest.mark.parametrize(
    "act",
    [
        lambda path: write_private(path, b"new"),
        create_private,
        lambda path: read_private(path, warn=silent),
        lambda path: locked(path, timeout_seconds=1).__enter__(),
    ],
    ids=["write", "create", "read", "lock"],
)
@pytest.mark.parametrize("exists", [True, False])
def test_a_directory_that_is_a_symbolic_link_is_refused(tmp_path, act, exists):
    elsewhere = tmp_path / "elsewhere"
    if exists:
        elsewhere.mkdir(mode=0o755)
        (elsewhere / "file").write_bytes(b"x")
    (tmp_path / "tokens").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(StoreError, match="is a symbolic link"):
        act(tmp_path / "tokens" / "file")
    assert elsewhere.exists() == exists
    if exists:
        assert [path.name for path in elsewhere.iterdir()] == ["file"]
        assert (mode(elsewhere), (elsewhere / "file").read_bytes()) == (0o755, b"x")


@posix
def test_directories_further_up_may_be_links(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    write_private(tmp_path / "state" / "tokens" / "file", b"x")
    assert read_private(tmp_path / "state" / "tokens" / "file", warn=silent) == b"x"


@posix
def test_a_link_in_a_configuration_is_the_persons_own(tmp_path):
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "profiles").symlink_to(tmp_path / "dotfiles", target_is_directory=True)
    write_private(tmp_path / "profiles" / "work.toml", b"x", mend_parent=False)
    assert (tmp_path / "dotfiles" / "work.toml").read_bytes() == b"x"


@posix
def test_writing_over_a_symbolic_link_leaves_its_target_alone(tmp_path):
    write_private(tmp_path / "real", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_private(tmp_path / "link", b"y")
    assert (tmp_path / "real").read_bytes() == b"x"
    assert not (tmp_path / "link").is_symlink()


def test_a_directory_in_the_files_place_is_an_error(tmp_path):
    (tmp_path / "d").mkdir()
    with pytest.raises(StoreError):
        read_private(tmp_path / "d", warn=silent)
    with pytest.raises(StoreError):
        write_private(tmp_path / "d", b"x")
    assert names(tmp_path) == ["d"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_an_error_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(StoreError, match="not a regular file"):
        read_private(tmp_path / "pipe", warn=silent)


def test_a_file_beyond_the_limit_is_not_read(tmp_path):
    write_private(tmp_path / "f", b"x" * 11)
    assert read_private(tmp_path / "f", warn=silent, limit=11) == b"x" * 11
    with pytest.raises(StoreError, match="larger than 10 bytes"):
        read_private(tmp_path / "f", warn=silent, limit=10)


def test_a_file_in_the_directorys_place_is_an_error(tmp_path):
    write_private(tmp_path / "file", b"x")
    with pytest.raises(StoreError, match="can't be written"):
        write_private(tmp_path / "file" / "below", b"y")


def test_only_stale_temporaries_are_swept(tmp_path):
    write_private(tmp_path / "a", b"x")
    for name in (".a.0011.tmp", ".b.2233.tmp", "kept.tmp", ".kept"):
        (tmp_path / name).write_bytes(b"half")
    old = (tmp_path / "a").stat().st_mtime - STALE_SECONDS - 60
    for name in (".a.0011.tmp", "kept.tmp", ".kept"):
        os.utime(tmp_path / name, (old, old))
    write_private(tmp_path / "a", b"y")
    assert names(tmp_path) == [".b.2233.tmp", ".kept", "a", "kept.tmp"]


def test_damaged_files_are_set_aside_with_their_content(tmp_path):
    aside = []
    for content in (b"{one", b"{two"):
        write_private(tmp_path / "a.json", content)
        aside.append(set_aside(tmp_path / "a.json"))
    assert [path.read_bytes() for path in aside] == [b"{one", b"{two"]
    assert all(path.name.startswith("a.json.damaged-2") for path in aside)
    assert not (tmp_path / "a.json").exists()


def test_deleting_tells_whether_there_was_a_file(tmp_path):
    write_private(tmp_path / "a", b"x")
    assert [delete(tmp_path / "a"), delete(tmp_path / "a")] == [True, False]


def test_a_held_lock_times_out_with_an_error(tmp_path):
    second = locked(tmp_path / "a", timeout_seconds=0.02)
    with locked(tmp_path / "a", timeout_seconds=5), pytest.raises(StoreError, match="locked by another process"), second:
        raise AssertionError("two hold the lock")
    with locked(tmp_path / "a", timeout_seconds=0):
        pass


def test_locks_are_scoped_to_one_file(tmp_path):
    with locked(tmp_path / "a", timeout_seconds=0), locked(tmp_path / "b", timeout_seconds=0):
        assert {"a.lock", "b.lock"} <= set(names(tmp_path))


def test_an_exception_frees_the_lock(tmp_path):
    with pytest.raises(KeyError), locked(tmp_path / "a", timeout_seconds=0):
        raise KeyError
    with locked(tmp_path / "a", timeout_seconds=0):
        pass


def test_threads_under_the_lock_lose_nothing(tmp_path):
    path = tmp_path / "count"
    write_private(path, b"0")

    def work():
        for _ in range(10):
            with locked(path, timeout_seconds=20):
                write_private(path, str(int(read_private(path, warn=silent)) + 1).encode())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() == b"40"


COUNTER = """
import sys
from pathlib import Path
from oauthctl.store.files import locked, read_private, write_private
path = Path(sys.argv[1])
for _ in range(25):
    with locked(path, timeout_seconds=30):
        write_private(path, str(int(read_private(path, warn=print)) + 1).encode())
"""


def test_processes_under_the_lock_lose_nothing(tmp_path):
    path = tmp_path / "count"
    write_private(path, b"0")
    workers = [subprocess.Popen([sys.executable, "-c", COUNTER, str(path)], env=ENVIRON) for _ in range(4)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0, 0]
    assert path.read_bytes() == b"100"


# Runs in an interpreter of its own, for forking is only safe where no thread runs. Each child writes generation after generation and tells
# each one that was written; the parent kills it at a random moment and looks at what is left.
KILLER = """
import json, os, random, select, signal, sys, warnings
from pathlib import Path
from oauthctl.store.files import write_private

path, kills = Path(sys.argv[1]), int(sys.argv[2])
dice = random.Random(20261121)

def content(generation):
    return json.dumps({"generation": generation, "filler": [generation] * 4000}).encode()

def write_forever(generation, told):
    while True:
        generation += 1
        write_private(path, content(generation))
        os.write(told, b"%d " % generation)

last = interrupted = 0
write_private(path, content(0))
for _ in range(kills):
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            write_forever(last, theirs)
        finally:
            os._exit(1)
    os.close(theirs)
    told = os.read(ours, 65536)
    select.select([], [], [], dice.random() * 0.004)
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    while more := os.read(ours, 65536):
        told += more
    os.close(ours)
    found = json.loads(path.read_bytes())
    assert found["filler"] == [found["generation"]] * 4000, "mixed generations"
    assert found["generation"] >= int(told.split()[-1]), "a written generation was lost"
    last = found["generation"]
    interrupted = len(list(path.parent.glob(".*.tmp")))
print(kills, interrupted, last)
"""


@posix
def test_a_writer_that_is_killed_200_times_leaves_a_whole_file(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path / "a.json"), "200"],
        env=ENVIRON,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kills, interrupted, generations = map(int, done.stdout.split())
    assert kills == 200
    assert interrupted >= 20, "hardly any kill hit a write"
    assert generations >= 200
