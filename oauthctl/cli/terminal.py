"""`Terminal`: the streams and the environment that one run has, given by hand so that tests can give others.

Here: what is asked of them (is it a terminal, may we ask, which colours). Not here: printing (`output`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Terminal:
    """Streams, environment and the switches that every command has."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    no_input: bool = False
    json_errors: bool = False

    @property
    def can_ask(self) -> bool:
        """Whether a person can be asked: stdin is a terminal and neither `--no-input` nor CI forbids it."""
        return not self.no_input and not self.in_ci and self.stdin.isatty()

    @property
    def in_ci(self) -> bool:
        """Whether a build machine runs us."""
        return self.environ.get("CI", "").lower() not in ("", "0", "false")

    def colors(self, stream: TextIO) -> bool:
        """Whether this stream gets colours: `--color` > `NO_COLOR` > `FORCE_COLOR` > a terminal that is not dumb."""
        if self.color != "auto":
            return self.color == "always"
        if self.environ.get("NO_COLOR"):
            return False
        if self.environ.get("FORCE_COLOR"):
            return True
        return stream.isatty() and self.environ.get("TERM") != "dumb"
