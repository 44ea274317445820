"""The file that `--output` names, for what may hold something private.

Here: that it is not what is read, nor somewhere else than it says, and that it is whole and its owner's alone. Not here: an API's answer
as it streams (`body_sink`), the text (`views`).
"""

from __future__ import annotations

import os
from pathlib import Path

from oauthctl.errors import ConfigError


def check_output(output: str, *sources: str) -> None:
    """Raises `ConfigError` for a file that is one of those that are read, by whatever name, and for a symbolic link.

    A link can have been put there by somebody else, and would let them choose what is overwritten. `-` is no file.
    """
    if output == "-":
        return
    target = Path(output)
    for source in sources:
        if source and source != "-" and _is_same(Path(source), target):
            raise ConfigError("`--output` is the capture itself, which would be lost", help="name another file")
    if target.is_symlink() and _is_plain(target):
        raise ConfigError(
            f"`{output}` is a symbolic link, to `{_leads_to(target)}`",
            slug="output-is-a-link",
            notes=("what may be private is not written through a link",),
            help="name the file itself, or another one",
        )


def write_output(output: str, text: str) -> str:
    """Write the text there, all of it or nothing; what is said of it, such as who can read it.

    A plain file gets the mode 0600. Devices and pipes are written to as they are.
    """
    data = (text if text.endswith("\n") else f"{text}\n").encode("utf-8", "backslashreplace")
    path = Path(output)
    try:
        if not _is_plain(path):
            path.write_bytes(data)
            return f"wrote `{output}`"
        if not path.parent.is_dir():
            raise ConfigError(f"`{output}` can't be written: no such file or directory", notes=(f"there is no directory `{path.parent}`",))
        if path.is_dir():
            raise ConfigError(f"`{output}` can't be written: it is a directory")
    except OSError as error:
        raise ConfigError(f"`{output}` can't be written: {(error.strerror or 'unknown').lower()}") from None
    from oauthctl.store.files import write_private

    write_private(path, data, mend_parent=False)
    return f"wrote `{output}`, for you alone to read" if os.name == "posix" else f"wrote `{output}`"


def _is_plain(path: Path) -> bool:
    """Whether there is a plain file, or none yet; not so for `/dev/stdout` and pipes."""
    return not path.exists() or path.is_file() or path.is_dir()


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()


def _leads_to(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return "another place"
