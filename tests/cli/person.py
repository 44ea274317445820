"""A person at the terminal: reads the URL that `login` prints, signs in on the real pages, delivers the callback like a browser.

Here: running `oauthctl` in-process with such a person beside it. Not here: the servers.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal
from tests.cli.running import Ran
from tests.interop.forms import Button, Form, Recipe
from tests.interop.pages import Page, browse

ALICE: Recipe = (Form({"username": "alice", "password": "alice"}), Form(button=Button("decision", "allow")))


class Person(io.StringIO):
    """A stderr at which somebody sits: each URL that stands alone on a line is visited, once."""

    def __init__(self, sign_in: Callable[[str], Page]) -> None:
        super().__init__()
        self.pages: list[Page] = []
        self.threads: list[Thread] = []
        self._sign_in = sign_in

    def write(self, text: str) -> int:
        for word in text.splitlines():
            if word.startswith(("http://", "https://")) and " " not in word:
                self.threads.append(Thread(target=self._visit, args=(word,)))
                self.threads[-1].start()
        return super().write(text)

    def _visit(self, url: str) -> None:
        self.pages.append(self._sign_in(url))

    def done(self) -> None:
        """Wait until the last page was read."""
        for thread in self.threads:
            thread.join(20)


def oauthctl_with(
    sign_in: Callable[[str], Page] | Recipe, *argv: str, folder: Path, stdin: str = "", environ: dict[str, str] | None = None
) -> tuple[Ran, list[Page]]:
    """What a command line printed and returned, and the last page that the person saw; `folder` holds its profiles and tokens."""
    act = sign_in if callable(sign_in) else (lambda url: browse(url, sign_in))
    person, stdout = Person(act), io.StringIO()
    code = main(list(argv), Terminal(io.StringIO(stdin), stdout, person, isolated(folder) | (environ or {})))
    person.done()
    return Ran(code, stdout.getvalue(), person.getvalue()), person.pages


def isolated(folder: Path) -> dict[str, str]:
    """An environment of its own: nothing of the developer's is read or written, no browser opens. Bytecode stays where it is kept."""
    return {name: os.environ[name] for name in ("PYTHONPYCACHEPREFIX",) if name in os.environ} | {
        "OAUTHCTL_CONFIG_DIR": str(folder / "config"),
        "OAUTHCTL_STATE_DIR": str(folder / "state"),
        "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22",
        "NO_COLOR": "1",
    }
