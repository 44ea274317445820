"""Somebody's desk: one folder of profiles and tokens, at which one command is typed after the other.

Here: running them, and a server's clock that can be put forward. Not here: what is typed (the scenarios).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cli.person import ALICE, oauthctl_with
from tests.cli.running import Ran
from tests.interop.pages import Page


@dataclass
class Clock:
    """The servers' time; ours stays what it is."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, **by: float) -> None:
        """Let time pass for the servers."""
        self.ahead += timedelta(**by)


@dataclass
class Desk:
    """Commands, and the pages on which the person's sign-ins ended."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)

    def types(self, line: str, *, by: Any = ALICE, stdin: str = "", **environ: str) -> Ran:
        """What a command line says; whoever is to sign in does so as `by` does."""
        words = shlex.split(line)
        assert words[0] == "oauthctl"
        ran, pages = oauthctl_with(by, *words[1:], folder=self.folder, stdin=stdin, environ=self.environ | environ)
        self.pages += pages
        assert "Traceback" not in ran.err
        return ran
