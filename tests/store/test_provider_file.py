"""The provider's memory, over restarts and kills."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.errors import StoreError
from oauthctl.http import Params, Request, Response
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import Pushed
from oauthctl.provider.state import ProviderState
from oauthctl.store.provider_file import RECORDS, VALUES, ProviderFile
from oauthctl.store.provider_file_owner import TABLE
from tests.provider.world import START, World, document, keys, practice_state

KEPT = (*RECORDS, *VALUES)


class Kept(World):
    """A world whose provider keeps what it knows in a file."""

    def __init__(self, file: ProviderFile, state: ProviderState | None = None) -> None:
        super().__init__(state)
        file.begin(self.state, secret="the-secret")
        self.file = file

    def handled(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        after, response = super().handled(state, request, moment)
        self.file.keep(state, after)
        return after, response


def _same(left: ProviderState, right: ProviderState) -> bool:
    return all(_plain(getattr(left, field)) == _plain(getattr(right, field)) for field in KEPT)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


def test_what_a_sign_in_left_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "provider.db"
    with ProviderFile(path) as file:
        world = Kept(file)
        tokens = world.tokens()
        world.refresh(tokens["refresh_token"])
        world.post("/register", {})
    with ProviderFile(path) as again:
        assert (again.issuer, again.secret) == (world.state.issuer, "the-secret")
        assert _same(again.loaded(practice_state()), world.state)


def test_a_code_is_good_once_even_if_the_provider_ends_in_between(tmp_path: Path) -> None:
    path = tmp_path / "provider.db"
    with ProviderFile(path) as file:
        world = Kept(file)
        code = world.code()
        assert world.redeem(code).status == 200
    with ProviderFile(path) as file:
        later = Kept(file, file.loaded(practice_state()))
        assert "used before" in document(later.redeem(code))["error_description"]


def test_old_tokens_are_signed_by_keys_that_are_still_published(tmp_path: Path) -> None:
    path = tmp_path / "provider.db"
    with ProviderFile(path) as file:
        Kept(file)
    with ProviderFile(path) as file:
        assert file.loaded(replace(practice_state(), keys=())).keys == keys()


def test_every_kind_of_record_comes_back_as_it_was(tmp_path: Path) -> None:
    state = practice_state(
        pushed={"p": Pushed("public", Params.of({"scope": "openid", "state": "s"}), START)},
        consents={("alice", "web"): frozenset({"openid", "items.read"})},
        proofs={"a": 1.5},
        pairwise_salt=b"\x00salt",
        keys_since=START,
        items=({"id": "3", "name": "A lamp", "collection": "items"},),
    )
    with ProviderFile(tmp_path / "provider.db") as file:
        file.begin(state, secret="s")
        assert _same(file.loaded(practice_state()), state)


def test_what_is_forgotten_goes_from_the_file(tmp_path: Path) -> None:
    with ProviderFile(tmp_path / "provider.db") as file:
        world = Kept(file)
        code = world.code()
        before, world.state = world.state, replace(world.state, codes={})
        file.keep(before, world.state)
        assert digest(code) in before.codes
        assert dict(file.loaded(practice_state()).codes) == {}


def test_clients_that_are_given_at_the_start_are_not_those_of_last_time(tmp_path: Path) -> None:
    with ProviderFile(tmp_path / "provider.db") as file:
        state = practice_state()
        file.begin(replace(state, clients={**state.clients, "public": replace(state.clients["public"], name="Old")}), secret="s")
        assert file.loaded(state).clients["public"].name == state.clients["public"].name


def test_the_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    path = tmp_path / "provider.db"
    path.touch(0o644)
    with ProviderFile(path) as file:
        Kept(file)
        assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.glob("provider.db*") if one.suffix != ".lock"} == {0o600}


def test_one_provider_has_it_at_a_time(tmp_path: Path) -> None:
    with (
        ProviderFile(tmp_path / "provider.db"),
        pytest.raises(StoreError, match="another provider"),
        ProviderFile(tmp_path / "provider.db"),
    ):
        pass


def _database(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


_FOREIGN: Mapping[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_bytes(b"not a database at all, but long enough to be taken for one" * 50),
    "damaged": lambda path: path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4000),
    "cut off": lambda path: path.write_bytes(b"SQLite format 3\x00"),
    "other tables": lambda path: _database(path, "CREATE TABLE bookmarks (url TEXT)"),
    "a table of the same name": lambda path: _database(path, "CREATE TABLE records (artist TEXT, title TEXT)"),
    "tables beside ours": lambda path: _database(path, TABLE, "CREATE TABLE bookmarks (url TEXT)"),
    "another number": lambda path: _database(path, "PRAGMA application_id = 7", TABLE),
    "everything in the journal": lambda path: _database(path, "PRAGMA journal_mode = WAL"),
    "folder": lambda path: path.mkdir(),
    **({"pipe": os.mkfifo} if os.name == "posix" else {}),
}


@pytest.mark.parametrize("kind", _FOREIGN)
def test_what_is_another_programs_is_refused_and_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "notes.txt"
    _FOREIGN[kind](path)
    path.chmod(0o755)
    content, before = path.read_bytes() if path.is_file() else b"", path.stat()
    with pytest.raises(StoreError, match="can't be opened: .*regular file" if kind in ("folder", "pipe") else "can't be opened"):
        ProviderFile(path).__enter__()
    after = path.stat()
    assert (after.st_mode, after.st_ino, after.st_mtime_ns) == (before.st_mode, before.st_ino, before.st_mtime_ns)
    assert (path.read_bytes() if path.is_file() else b"") == content
    assert [one.name for one in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_from_before_they_were_numbered_is_still_ours(tmp_path: Path) -> None:
    path = tmp_path / "provider.db"
    _database(path, TABLE, "INSERT INTO records VALUES ('meta', 'secret', 'of last time')")
    with ProviderFile(path) as file:
        assert file.secret == "of last time"
    _database(path, "CREATE TABLE beside (ours TEXT)")
    with ProviderFile(path) as file:
        assert file.secret == "of last time"


_PUT = "INSERT OR REPLACE INTO records VALUES (?, ?, ?)"


def _damaged(path: Path, sql: str, *values: object) -> None:
    with ProviderFile(path) as file:
        world = Kept(file)
        world.tokens()
        world.post("/register", {})
        headers = {"Content-Type": "application/json"}
        assert world.send("POST", "/register", headers=headers, body=b'{"redirect_uris": ["https://app.example/cb"]}').status == 201
    with sqlite3.connect(path) as connection:
        assert connection.execute(sql, values).rowcount
    connection.close()


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        *((_PUT, ("codes", '"x"', value)) for value in (b'{"grant_id": 5}', b"", b"{", b"\xff", b"null", None, 5, 5.5, "x", "[" * 100_000)),
        *((_PUT, ("codes", key, b"{}")) for key in (None, 7, "x", "[[]]", "{}", "")),
        *((_PUT, ("consents", key, b"[]")) for key in ("[[]]", '["a"]', '{"a": 1}', '"a"', "[1, 2]", None)),
        *((_PUT, ("keys", "", value)) for value in (None, b"[]", b'[{"members": [["kty", "RSA"]]}]', b'[{"members": []}]', b"{}", 1)),
        *((_PUT, ("encryption_keys", "", value)) for value in (None, b'[{"members": [["kty", "EC"]]}]')),
        *((_PUT, ("keys_since", "", value)) for value in (b'"2026-05-01T12:00:00"', b'"yesterday"', None)),
        *((_PUT, ("items", "", value)) for value in (b"[{}]", b'[{"id": "x", "name": "a", "collection": "items"}]', b"[5]")),
        *((_PUT, ("meta", "secret", value)) for value in (None, 5, b"\xff")),
        (_PUT, ("proofs", '"x"', b"NaN")),
        (_PUT, ("pairwise_salt", "", b'"!"')),
        ("UPDATE records SET value = replace(value, 'Z\"', '\"') WHERE kind = ?", ("codes",)),
        ("DELETE FROM records WHERE kind = ?", ("grants",)),
        ("UPDATE records SET key = '\"other\"' WHERE kind = ?", ("grants",)),
        (
            "UPDATE records SET key = '\"other\"' WHERE kind = ? AND rowid = (SELECT max(rowid) FROM records WHERE kind = 'clients')",
            ("clients",),
        ),
        ("UPDATE records SET key = '\"other\"' WHERE kind = ?", ("registrations",)),
        ("UPDATE records SET kind = ? WHERE kind = 'users'", ("grants",)),
    ],
)
def test_any_damage_is_told(tmp_path: Path, sql: str, values: tuple[object, ...]) -> None:
    path = tmp_path / "provider.db"
    _damaged(path, sql, *values)
    with ProviderFile(path) as file, pytest.raises(StoreError, match="can't be read"):
        assert (file.secret, file.loaded(practice_state())) is None


def test_what_can_not_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "provider.db"
    with ProviderFile(path) as file:
        world = Kept(file)
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TABLE records")
        connection.close()
        with pytest.raises(StoreError, match="can't be written"):
            world.tokens()


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "provider.db"
    with ProviderFile(path) as file:
        Kept(file)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE records SET value = '99' WHERE kind = 'meta' AND key = 'version'")
    connection.close()
    with pytest.raises(StoreError, match="another version"), ProviderFile(path):
        pass


@pytest.mark.skipif(os.name != "posix", reason="needs a link that the system refuses to follow")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"")
    (tmp_path / "provider.db").symlink_to(tmp_path / "victim")
    with pytest.raises(StoreError, match="can't be opened"), ProviderFile(tmp_path / "provider.db"):
        pass


_WRITER = """
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from oauthctl.jose.jwk import generate
from oauthctl.provider.remembered import with_item
from oauthctl.provider.state import ProviderState
from oauthctl.store.provider_file import ProviderFile
with ProviderFile(Path(sys.argv[1])) as file:
    state = file.loaded(ProviderState("http://127.0.0.1:9000", {}, {}, (generate("ES256"),)))
    file.begin(state, secret="s")
    number = len(state.proofs)
    while True:
        after = replace(state, proofs=with_item(state.proofs, str(number), float(number)))
        file.keep(state, after)
        state, number = after, number + 1
        print(number, flush=True)
"""


def test_nothing_that_was_answered_is_lost_when_the_provider_is_killed(tmp_path: Path) -> None:
    path, answered = tmp_path / "provider.db", 0
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(1 + answered % 7):
                answered = int(writer.stdout.readline())
            writer.kill()
            answered = max([answered, *(int(line) for line in writer.stdout.read().splitlines() if line)])
        with ProviderFile(path) as file:
            kept = file.loaded(ProviderState("http://127.0.0.1:9000", {}, {}, keys())).proofs
        assert answered <= len(kept) <= answered + 1
        answered = len(kept)
