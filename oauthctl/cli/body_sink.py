"""Where an answer's body goes as it streams: stdout or a file.

Here: opening it when the answer's head is there. Not here: when a body is streamed at all (`shell.driver`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from oauthctl.errors import StoreError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.http import Response

_MODE = 0o644
"""Of a file that is new, less what the umask forbids: an answer may hold secrets, and nobody else is to change it, whatever the umask."""


def sink_for(out: Output, output: str, *, include: bool) -> Callable[[Response], Callable[[bytes], None]]:
    """A function from an answer's head to what takes its chunks; the head itself is printed first where that is wanted.

    A file is made anew at the head and appended to chunk by chunk, so that nothing has to be closed. Raises `StoreError` when it can't be.
    """

    def open_sink(head: Response) -> Callable[[bytes], None]:
        write = out.raw if output == "-" else _file_sink(output)
        if include:
            lines = [
                f"{head.http_version or 'HTTP'} {head.status} {head.reason}".rstrip(),
                *(f"{name}: {value}" for name, value in head.headers),
                "",
                "",
            ]
            write("\n".join(lines).encode())
        return write

    return open_sink


def check_place(output: str) -> None:
    """Raises `StoreError` where no such file can be, before anything is sent: an answer that can't be kept may not come twice."""
    from pathlib import Path

    path = Path(output)
    if output != "-" and (path.is_dir() or not path.parent.is_dir()):
        why = "it is a directory" if path.is_dir() else f"there is no directory `{path.parent}`"
        raise StoreError(f"`{output}` can't be written: {why}")


def _file_sink(output: str) -> Callable[[bytes], None]:
    from pathlib import Path

    path = Path(output)

    def append(chunk: bytes) -> None:
        try:
            with path.open("ab") as file:
                file.write(chunk)
        except OSError as error:
            raise StoreError(f"`{output}` can't be written: {(error.strerror or str(error)).lower()}") from error

    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE))
    except OSError as error:
        raise StoreError(f"`{output}` can't be written: {(error.strerror or str(error)).lower()}") from error
    return append
