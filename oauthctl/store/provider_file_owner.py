"""Whether a file may be the practice provider's memory: it is, it is empty, or it is not there yet.

Here: looking at what is there, which changes nothing, not even a file beside it. Not here: opening it to write (`provider_file`).
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from oauthctl.errors import StoreError

APPLICATION_ID = 0x6F617468
"""What stands in the header of our databases: `oath`. Source: SQLite, "Database File Format", section 1.3.18."""
TABLE = "CREATE TABLE records (kind TEXT, key TEXT, value, PRIMARY KEY (kind, key))"

_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_ID_AT = slice(68, 72)
# Without O_NONBLOCK, opening a named pipe would wait for its other end.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def require_own(path: Path) -> None:
    """Raises: StoreError, for what is no regular file, for other files and for databases of other programs."""
    if path.is_symlink():
        raise _refused(path, "it is a symbolic link")
    try:
        # Opening a device may do something to it already.
        if not stat.S_ISREG(path.lstat().st_mode):
            raise _refused(path, "it is no regular file")
        header = _header(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error
    if not header:
        return
    if not header.startswith(_MAGIC) or len(header) < _HEADER:
        raise _refused(path, "it is no database")
    number = int.from_bytes(header[_ID_AT])
    if number != APPLICATION_ID and (number or not _is_ours_by_its_tables(path)):
        raise _refused(path, "it is a database of another program")


def _header(path: Path) -> bytes:
    with os.fdopen(os.open(path, _READ), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _refused(path, "it is no regular file")
        return file.read(_HEADER)


def _is_ours_by_its_tables(path: Path) -> bool:
    """Whether a database without an application's number has our table and no other, as ours had before they got the number."""
    try:
        # `immutable` keeps SQLite from making files beside it, and from mending what another program left half done.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            found = connection.execute("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    except sqlite3.Error as error:
        raise _refused(path, str(error)) from error
    return [sql for (sql,) in found] == [TABLE]


def _refused(path: Path, why: str) -> StoreError:
    return StoreError(f"`{path}` can't be opened: {why}", help="choose another file; it is made where there is none")
