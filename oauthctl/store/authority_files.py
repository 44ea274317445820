"""The authority of a folder, in two files: its certificate for everybody, and its key with the certificate for its owner alone.

Here: making them once, keeping them, renewing them. Not here: what an authority is (`jose.practice_certificates`), what it signs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from oauthctl.errors import ConfigError, StoreError
from oauthctl.jose.client_certificate import as_pem
from oauthctl.jose.practice_certificates import DAYS, Authority, authority_from, is_of_key, new_authority
from oauthctl.store.files import Warn, locked, make_public_directory, read_private, write_private, write_public

CERTIFICATE = "ca.pem"
KEY = "ca-key.pem"
_LOCK_SECONDS = 10
_LEFT = timedelta(days=2 * DAYS)
"""What it signs is never good for longer than the authority is."""
_LARGEST = 64 * 1024


def authority_of(folder: Path, hosts: Iterable[str], *, now: datetime, warn: Warn = lambda _: None) -> Authority:
    """The folder's authority, which may sign for these hosts; made where there is none, and renewed with its key before it ends.

    Several processes that ask at the same time get the same one. Raises: StoreError, where a file is another program's, another user's or
    a symbolic link, or where the authority was made for other hosts.
    """
    wanted = tuple(hosts)
    if folder.is_symlink():
        raise StoreError(
            f"`{folder}` is a symbolic link", notes=("a private key is never kept behind a link",), help="name the directory itself"
        )
    # Whoever is to trust the certificate may be another user: a browser in a container, a service.
    make_public_directory(folder)
    # A folder that is refused gets nothing, not even a lock.
    _found(folder, wanted, warn)
    with locked(folder / KEY, timeout_seconds=_LOCK_SECONDS):
        kept, before = _found(folder, wanted, warn)
        if kept is None:
            made = new_authority(now=now, hosts=wanted)
        else:
            # The names that it has, however they came.
            made = kept if now + _LEFT < kept.ends_at else new_authority(now=now, hosts=kept.names, key=kept.key)
        if made is not kept:
            write_private(folder / KEY, made.opened(), mend_parent=False)
        # The other file follows the first one, which is there whole or not at all.
        if before != as_pem(made.certificate):
            write_public(folder / CERTIFICATE, as_pem(made.certificate))
        return made


def _found(folder: Path, wanted: Iterable[str], warn: Warn) -> tuple[Authority | None, bytes | None]:
    """What the folder has of an authority for these hosts: with its key, and as its certificate's file is. Raises: StoreError."""
    # In this order: another process writes the key first, so that no certificate of ours is ever seen without one.
    before = _public(folder / CERTIFICATE)
    kept = _kept(folder / KEY, warn)
    if before is not None and (kept is None or not is_of_key(before, kept)):
        raise _foreign(folder / CERTIFICATE)
    if kept is not None:
        _require_for(kept, wanted, folder)
    return kept, before


def _kept(path: Path, warn: Warn) -> Authority | None:
    content = read_private(path, warn=warn, limit=_LARGEST, mend_parent=False)
    if content is None:
        return None
    if os.name == "posix" and path.lstat().st_uid != os.geteuid():
        # Whoever wrote it knows the key.
        raise StoreError(f"`{path}` belongs to another user", help="name another directory")
    try:
        return authority_from(content)
    except ConfigError:
        raise _foreign(path) from None


def _public(path: Path) -> bytes | None:
    """The certificate's file; None where there is none."""
    if path.is_symlink():
        raise StoreError(f"`{path}` is a symbolic link", help="name another directory")
    if path.exists() and not path.is_file():
        raise _foreign(path)
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"`{path}` can't be read: {(error.strerror or 'unknown reason').lower()}") from error


def _require_for(authority: Authority, hosts: Iterable[str], folder: Path) -> None:
    other = next((host for host in hosts if not authority.is_for(host)), None)
    if other is not None:
        raise StoreError(
            f"the authority in `{folder}` is not for `{other}`",
            notes=(f"it is for {', '.join(authority.names)}",),
            help=f"name another directory, or delete `{CERTIFICATE}` and `{KEY}` there and trust the authority that is made then",
        )


def _foreign(path: Path) -> StoreError:
    return StoreError(
        f"`{path}` is of another program, or of an authority whose key is gone",
        notes=("it is left as it is",),
        help="name another directory, or delete it where nobody needs it",
    )
