"""Where an answer's body goes as it streams: stdout or a file.

Here: opening it when the answer's head is there, and putting a whole file in the old one's place. Not here: when a body is streamed at all
(`shell.driver`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from oauthctl.errors import OauthctlError, StoreError

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.http import Response

_MODE = 0o644
"""Of a file that is new, less what the umask forbids: an answer may hold secrets, and nobody else is to change it, whatever the umask."""


class BodySink:
    """Called with an answer's head it gives what takes the body's chunks; the head itself is printed first where that is wanted.

    A file `o` is written as `o.part`, chunk by chunk so that nothing has to be closed, and takes its name when `done` says that all is
    there: an answer that breaks off leaves the old file as it was. What is no plain file (`/dev/null`, a pipe) is written to directly.

    Raises `StoreError` where no such file can be, before anything is sent: an answer that can't be kept may not come twice.
    """

    def __init__(self, out: Output, output: str, *, include: bool) -> None:
        self._out = out
        self._output = output
        self._include = include
        self._path = Path(output)
        self._part: Path | None = None
        if output != "-":
            self._check_place()

    def __call__(self, head: Response) -> Callable[[bytes], None]:
        write = self._out.raw if self._output == "-" else self._open()
        if self._include:
            lines = [
                f"{head.http_version or 'HTTP'} {head.status} {head.reason}".rstrip(),
                *(f"{name}: {value}" for name, value in head.headers),
                "",
                "",
            ]
            write("\n".join(lines).encode())
        return write

    def done(self) -> None:
        """The body is complete: the file takes the old one's place."""
        part, self._part = self._part, None
        if part is not None:
            self._tried(lambda: part.replace(self._path))

    @contextmanager
    def kept_on_error(self) -> Iterator[None]:
        """An error in the block says where that lies which came of the body."""
        try:
            yield
        except OauthctlError as error:
            if self._part is not None:
                still = f"; `{self._output}` is as it was before" if self._path.exists() else ""
                error.notes = (*error.notes, f"what came of the body is in `{self._output}.part`{still}")
            raise

    def _check_place(self) -> None:
        path, folder = self._path, self._path.parent
        why = ""
        if path.is_dir():
            why = "it is a directory"
        elif not folder.is_dir():
            why = f"there is no directory `{folder}`"
        elif self._is_plain and not os.access(folder, os.W_OK):
            why = f"no file can be made in `{folder}`, and a body is written beside the old file until it is complete"
        elif path.exists() and not os.access(path, os.W_OK):
            why = "permission denied"
        if why:
            raise StoreError(f"`{self._output}` can't be written: {why}")

    @property
    def _is_plain(self) -> bool:
        return not self._path.exists() or self._path.is_file()

    def _open(self) -> Callable[[bytes], None]:
        target = self._path
        if self._is_plain:
            # A link stays a link, and leads to the new file.
            self._path = target.resolve()
            target = self._part = self._path.with_name(f"{self._path.name}.part")
            self._tried(lambda: self._make(target))

        def append(chunk: bytes) -> None:
            def write() -> None:
                with target.open("ab") as file:
                    file.write(chunk)

            self._tried(write)

        return append

    def _make(self, part: Path) -> None:
        # Anew and exclusively: a name that can be foretold may be a link that somebody else has put there.
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE))
        if self._path.exists():
            part.chmod(stat.S_IMODE(self._path.stat().st_mode))

    def _tried(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:
            raise StoreError(f"`{self._output}` can't be written: {(error.strerror or str(error)).lower()}") from error
