"""Runs one command line in-process, as a shell would."""

from __future__ import annotations

import io
from dataclasses import dataclass

from oauthctl.cli.main import main
from oauthctl.cli.terminal import Terminal


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def oauthctl(*argv: str, stdin: str | None = "", columns: int = 0, environ: dict[str, str] | None = None) -> Ran:
    """What a command line printed and returned. `stdin` None is a terminal at which nobody types; `columns` makes stdout a terminal."""
    stdout = Screen() if columns else io.StringIO()
    stderr = io.StringIO()
    typed = Screen() if stdin is None else io.StringIO(stdin)
    given = {"COLUMNS": str(columns), "NO_COLOR": "1"} | (environ or {})
    code = main(list(argv), Terminal(typed, stdout, stderr, given))
    return Ran(code, stdout.getvalue(), stderr.getvalue())
