"""The practice provider's memory in a file, so that it survives a restart, or a `kill -9`.

Here: which parts of the state are kept, and SQLite. Not here: whether a file is one of these (`provider_file_owner`), the state
(`provider.state`), when to write (`shell.serve`). What a request
has changed is on disk before its answer goes out: a code that was redeemed stays redeemed.
"""

from __future__ import annotations

import copy
import json
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from filelock import FileLock, Timeout

from oauthctl.errors import StoreError
from oauthctl.jose.jwk import Jwk
from oauthctl.provider.client import Client, User
from oauthctl.provider.records import (
    AccessToken,
    BackchannelRequest,
    BrowserSession,
    Code,
    DeviceCode,
    Grant,
    Pushed,
    RefreshToken,
    Registration,
)
from oauthctl.provider.remembered import Remembered, changes
from oauthctl.provider.state import ProviderState
from oauthctl.store.provider_file_check import require_whole
from oauthctl.store.provider_file_owner import APPLICATION_ID, TABLE, require_own

_VERSION = "1"
RECORDS: Mapping[str, Any] = {
    "clients": Client,
    "users": User,
    "registrations": Registration,
    "grants": Grant,
    "codes": Code,
    "refresh_tokens": RefreshToken,
    "access_tokens": AccessToken,
    "device_codes": DeviceCode,
    "backchannel_requests": BackchannelRequest,
    "pushed": Pushed,
    "posted": Pushed,
    "sessions": BrowserSession,
    "consents": frozenset[str],
    "proofs": float,
    "dpop_nonces": float,
    "assertions": float,
    "request_objects": float,
}
"""The records that are kept, by the state's field, each with its type."""
VALUES: Mapping[str, Any] = {
    "keys": tuple[Jwk, ...],
    "encryption_keys": tuple[Jwk, ...],
    "keys_since": datetime | None,
    "unsure_until": float,
    "pairwise_salt": bytes,
    "items": tuple[dict[str, Any], ...],
}
"""The single values likewise."""
_GIVEN = ("clients", "users")
"""Fields that a provider may be started with."""


class ProviderFile:
    """The file, held by one process from `with` to its end. `secret` is the practice clients', kept with them.

    Raises: StoreError, when another process has it, when it is no such file, or when it can't be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(f"{path}.lock")
        self._connection: sqlite3.Connection | None = None
        self._writing = threading.Lock()
        self._part = ""

    def part(self, name: str) -> Self:
        """The records of another provider in the same file; good as long as this one is open. The nameless part is the file itself."""
        other = copy.copy(self)
        other._part = f"{name} " if name else ""
        return other

    def __enter__(self) -> Self:
        # The lock would make missing folders, where a person more likely mistyped one.
        if not self._path.absolute().parent.is_dir():
            raise StoreError(f"`{self._path}` can't be opened: its folder is missing")
        require_own(self._path)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise StoreError(f"another provider has `{self._path}`", help="end that one, or choose another file") from None
        except OSError as error:
            raise StoreError(f"`{self._path}` can't be opened: {error.strerror or error}") from error
        try:
            _make_private(self._path)
            self._connection = self._opened()
        except (OSError, sqlite3.Error) as error:
            self._lock.release()
            raise StoreError(f"`{self._path}` can't be opened: {error}") from error
        except StoreError:
            self._lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._lock.release()

    @property
    def issuer(self) -> str:
        """Whose state it is; empty in a new file."""
        return self._meta("issuer")

    @property
    def secret(self) -> str:
        """The secret of the practice clients; empty in a new file."""
        return self._meta("secret")

    def loaded(self, state: ProviderState) -> ProviderState:
        """The state with what the file remembers; clients and users that the file does not know stay.

        Raises: StoreError, when a record can't be read, or lacks another that it names.
        """
        with self._reading():
            found = replace(state, **self._found(state))
            require_whole(found, RECORDS)
        return found

    def _found(self, state: ProviderState) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for field, kind in RECORDS.items():
            name = tuple[str, str] if field == "consents" else str
            found = {_read(key, name): _read(value, kind) for key, value in self._rows(field)}
            if found and field in _GIVEN:
                # Who is given at the start is given anew.
                changes[field] = {**found, **getattr(state, field)}
            elif found:
                changes[field] = Remembered(found) if isinstance(getattr(state, field), Remembered) else found
        for field, kind in VALUES.items():
            for _, value in self._rows(field):
                changes[field] = _read(value, kind)
        return changes

    def begin(self, state: ProviderState, *, secret: str) -> None:
        """Write the whole state, as the one from which changes are counted."""
        with self._change() as connection:
            for name, value in (("version", _VERSION), ("issuer", state.home or state.issuer), ("secret", secret)):
                connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (f"{self._part}meta", name, value))
            for field in RECORDS:
                self._write(connection, field, {}, getattr(state, field))
            for field in VALUES:
                self._write(connection, field, {}, {"": getattr(state, field)})

    def keep(self, before: ProviderState, after: ProviderState) -> None:
        """Write what differs, and return when it is on disk."""
        changed = [field for field in (*RECORDS, *VALUES) if getattr(before, field) is not getattr(after, field)]
        if not changed:
            return
        with self._change() as connection:
            for field in changed:
                old, new = getattr(before, field), getattr(after, field)
                self._write(connection, field, *((old, new) if field in RECORDS else ({"": old}, {"": new})))

    def _write(self, connection: sqlite3.Connection, field: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> None:
        kind = f"{self._part}{field}"
        differ = changes(before, after)
        made = [(kind, json.dumps(key), msgspec.json.encode(after[key])) for key in differ.made]
        connection.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", made)
        connection.executemany("DELETE FROM records WHERE kind = ? AND key = ?", [(kind, json.dumps(key)) for key in differ.gone])

    def _rows(self, field: str) -> list[tuple[object, object]]:
        return self._known().execute("SELECT key, value FROM records WHERE kind = ? ORDER BY rowid", (f"{self._part}{field}",)).fetchall()

    def _meta(self, name: str) -> str:
        with self._reading():
            found = self._known().execute("SELECT value FROM records WHERE kind = ? AND key = ?", (f"{self._part}meta", name)).fetchone()
            if found and not isinstance(found[0], str):
                raise ValueError(f"its {name} is no text")
        return found[0] if found else ""

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What goes wrong with a record as a StoreError."""
        try:
            yield
        except (ValueError, RecursionError, msgspec.MsgspecError, sqlite3.Error) as error:
            raise StoreError(f"`{self._path}` holds something that can't be read: {error}", help="choose another file") from error

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction, committed at its end and rolled back on an error. Several providers write to one file, one at a time."""
        try:
            with self._writing, self._known() as connection:
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"`{self._path}` can't be written: {error}") from error

    def _known(self) -> sqlite3.Connection:
        """The open file."""
        if self._connection is None:
            raise RuntimeError("the file is not open")
        return self._connection

    def _opened(self) -> sqlite3.Connection:
        # Requests come from the server's threads, one at a time.
        connection = sqlite3.connect(self._path, check_same_thread=False)
        try:
            # Before the journal: what says whose file it is stands in the file itself, whenever the process is killed.
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(TABLE.replace("TABLE", "TABLE IF NOT EXISTS"))
            connection.execute("PRAGMA journal_mode = WAL")
            # Enough for a process that is killed; a machine that loses its power may lose the last answers, never the file.
            connection.execute("PRAGMA synchronous = NORMAL")
            found = connection.execute("SELECT value FROM records WHERE kind = 'meta' AND key = 'version'").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        if found and found[0] != _VERSION:
            connection.close()
            raise StoreError(f"`{self._path}` was written by another version of oauthctl", help="choose another file")
        return connection


def _read(value: object, kind: Any) -> Any:
    if isinstance(value, bytes | str):
        return msgspec.json.decode(value, type=kind)
    raise ValueError("a record is empty or a number, where JSON is due")


def _make_private(path: Path) -> None:
    """See to it that the file is there and nobody else's to read: it holds keys."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if os.name == "posix" and stat.S_ISREG(mode := os.fstat(handle).st_mode) and stat.S_IMODE(mode) & 0o077:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
