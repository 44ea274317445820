"""Private files that are whole at every moment: a reader sees the old content or the new, never a part.

Here: writing, reading, setting aside, deleting and locking one file. Not here: what is in it. Imports stay cheap: `token` comes by here.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from oauthctl.errors import StoreError

Warn = Callable[[str], None]

STALE_SECONDS = 600
"""A temporary file that is older belongs to a process that was killed."""
LIMIT = 64 * 1024 * 1024

_POSIX = os.name == "posix"
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
# Without O_NONBLOCK, opening a named pipe that lies in the file's place would wait for a writer.
_READ = os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY


def write_private(path: Path, data: bytes, *, mend_parent: bool = True) -> None:
    """Replaces the file by these bytes at once: all of them are on the disk when this returns, or the old ones stay.

    Missing directories are made 0700. `mend_parent=False` leaves the mode of a directory that is there as it is, for directories that the
    person chose. Temporary files that killed processes left behind are swept away. Raises `StoreError`.
    """
    _write_whole(path, data, mode=0o600, mend_parent=mend_parent)


def write_public(path: Path, data: bytes) -> None:
    """The same for what everybody may read, in a directory that the person chose. Raises `StoreError`."""
    _write_whole(path, data, mode=0o644, mend_parent=False)


def _write_whole(path: Path, data: bytes, *, mode: int, mend_parent: bool) -> None:
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}.tmp")
    try:
        if mend_parent:
            refuse_link(path.parent)
        _make_directory(path.parent)
        if mend_parent:
            _mend(path.parent, 0o700)
        try:
            _write_new(temporary, data, mode)
            _replace(temporary, path)
        except BaseException:  # whatever it is goes on, an interrupt too; no half-written file stays
            temporary.unlink(missing_ok=True)
            raise
        _sync_directory(path.parent)
        _sweep(path.parent)
    except OSError as error:
        raise _store_error(path, "written", error) from error


def make_public_directory(directory: Path) -> None:
    """Make a directory that everybody may enter, where there is none; one that is there stays as it is. Raises `StoreError`."""
    try:
        if directory.is_dir():
            return
        _make_directory(directory.parent)
        directory.mkdir(mode=0o755)
        if _POSIX:
            # Whatever the process takes from what it makes.
            directory.chmod(0o755)
    except FileExistsError as error:
        # Another process may have made it meanwhile.
        if not directory.is_dir():
            raise StoreError(f"`{directory}` is no directory") from error
    except OSError as error:
        raise _store_error(directory, "made", error) from error


def create_private(path: Path) -> bool:
    """Whether this call made the file, empty; false when there was one. Of many that try at once, one gets true."""
    try:
        refuse_link(path.parent)
        _make_directory(path.parent)
        _mend(path.parent, 0o700)
        os.close(os.open(path, _CREATE, 0o600))
    except FileExistsError:
        return False
    except OSError as error:
        raise _store_error(path, "written", error) from error
    return True


def read_private(path: Path, *, warn: Warn, limit: int = LIMIT, mend_parent: bool = True) -> bytes | None:
    """The file's bytes, or None when there is none; loose permissions of it and of its directory are told to `warn` and mended.

    `mend_parent=False` leaves the directory as it is.
    Raises `StoreError` for a symbolic link, in the directory's place too, for anything that is no file, and for more than `limit` bytes.
    """
    try:
        refuse_link(path.parent)
        # Windows knows no O_NOFOLLOW, and POSIX systems differ in the error that it gives.
        if path.is_symlink():
            raise StoreError(f"`{path}` is a symbolic link", notes=("a private file is never read through a link",))
        with os.fdopen(os.open(path, _READ), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise StoreError(f"`{path}` is not a regular file")
            _mend_and_warn(path, status.st_mode, 0o600, warn)
            if mend_parent:
                _mend_and_warn(path.parent, path.parent.stat().st_mode, 0o700, warn)
            data = file.read(limit + 1)
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise StoreError(f"`{path}` is not a regular file") from error
    except OSError as error:
        raise _store_error(path, "read", error) from error
    if len(data) > limit:
        raise StoreError(f"`{path}` is larger than {limit} bytes")
    return data


def refuse_link(directory: Path) -> None:
    """Raises `StoreError` where a directory of private files is a symbolic link: whoever made it says where secrets are written.

    Directories above it may be links; a person who keeps everything elsewhere links those, or names them in the environment.
    """
    if directory.is_symlink():
        raise StoreError(
            f"`{directory}` is a symbolic link",
            notes=("private files are never kept behind a link",),
            help="remove the link; `OAUTHCTL_STATE_DIR` moves the whole directory",
        )


def set_aside(path: Path) -> Path:
    """Renames a damaged file to `<name>.damaged-<UTC timestamp>`, its content kept, and returns the new path."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    count = 1
    try:
        while True:
            target = path.with_name(f"{path.name}.damaged-{stamp}{f'-{count}' if count > 1 else ''}")
            # The name is taken first: a rename alone would overwrite what was set aside in the same second.
            if create_private(target):
                break
            count += 1
        _replace(path, target)
        _sync_directory(path.parent)
    except OSError as error:
        raise _store_error(path, "set aside", error) from error
    return target


def delete(path: Path) -> bool:
    """Whether there was such a file; there is none any more."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _store_error(path, "deleted", error) from error
    return True


@contextmanager
def locked(path: Path, *, timeout_seconds: float) -> Iterator[None]:
    """Holds the lock of this one file, among threads and processes; it frees itself when the process dies.

    Not reentrant. Reading and writing do not take it: hold it around a read and the write that depends on it. Raises `StoreError` when
    somebody else still holds it after `timeout_seconds`.
    """
    import filelock

    lock_path = path.with_name(f"{path.name}.lock")
    try:
        refuse_link(path.parent)
        _make_directory(path.parent)
        lock = filelock.FileLock(lock_path, mode=0o600)
        lock.acquire(timeout=timeout_seconds, poll_interval=0.01)
    except filelock.Timeout as error:
        raise StoreError(
            f"`{path}` is locked by another process",
            notes=(f"waited {timeout_seconds:g} seconds for `{lock_path}`",),
            help="wait until the other oauthctl is done, or end it",
        ) from error
    except OSError as error:
        raise _store_error(lock_path, "locked", error) from error
    try:
        yield
    finally:
        lock.release()


def _write_new(path: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, _CREATE, 0o600), "wb") as file:
        if _POSIX and mode != 0o600:
            # Whatever the process takes from the files that it makes: this one is to be read.
            os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _replace(source: Path, target: Path) -> None:
    """Renames over the target; Windows refuses as long as a reader has it open, so there it is tried for half a second."""
    for _ in range(0 if _POSIX else 50):
        with suppress(PermissionError):
            source.replace(target)
            return
        time.sleep(0.01)  # nothing tells when a reader on Windows lets go
    source.replace(target)


def _sync_directory(directory: Path) -> None:
    """Makes a rename survive a power cut, where directories can be opened."""
    if not _POSIX:
        return
    descriptor = os.open(directory, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        # Some network file systems can't sync a directory; the rename has happened all the same.
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(directory: Path) -> None:
    """Deletes what killed writers left behind."""
    oldest = time.time() - STALE_SECONDS
    with os.scandir(directory) as entries:
        stale = [entry.path for entry in entries if entry.name.startswith(".") and entry.name.endswith(".tmp")]
    for name in stale:
        # Another process may sweep at the same time.
        with suppress(OSError):
            if os.lstat(name).st_mtime < oldest:
                os.unlink(name)  # noqa: PTH108 - pathlib would only wrap the name again


def _make_directory(directory: Path) -> None:
    # `Path.mkdir(parents=True, mode=…)` gives the mode to the last directory alone.
    if not directory.is_dir():
        _make_directory(directory.parent)
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700)


def _mend(path: Path, mode: int) -> None:
    if _POSIX and stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(mode)


def _mend_and_warn(path: Path, found: int, mode: int, warn: Warn) -> None:
    loose = stat.S_IMODE(found)
    if not _POSIX or not loose & 0o077:
        return
    try:
        path.chmod(mode)
    except OSError as error:
        warn(f"`{path}` is open to others (mode {loose:04o}) and can't be made private: {reason_of(error)}")
    else:
        warn(f"`{path}` was open to others (mode {loose:04o}); it is {mode:04o} now")


def reason_of(error: OSError) -> str:
    """What the system says, for the end of a sentence."""
    return (error.strerror or type(error).__name__).lower()


def _store_error(path: Path, verb: str, error: OSError) -> StoreError:
    return StoreError(f"`{path}` can't be {verb}: {reason_of(error)}")
