"""Places in a TOML file, so that what is wrong is told with its line.

Here: the way to a value, and where it stands. Not here: reading TOML, which `tomllib` does without saying where anything was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from oauthctl.cli.toml_lines import Way, line_of
from oauthctl.errors import ConfigError

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A value's place in a file; without a file, in what an option says."""

    path: str
    text: str = field(default="", repr=False)
    way: Way = ()
    spelled: Mapping[str, str] = field(default_factory=dict)
    """How the file writes the keys here that it writes otherwise than they are called."""

    def at(self, *steps: str | int) -> Place:
        """A place further in."""
        first = tuple(self.spelled.get(step, step) if isinstance(step, str) else step for step in steps[:1])
        return replace(self, way=(*self.way, *first, *steps[1:]), spelled={})

    @property
    def name(self) -> str:
        """The way as a person reads it: `issuer 2.client 1.redirect`."""
        told = ""
        for step in self.way:
            told += f" {step}" if isinstance(step, int) else f".{step[:_LONGEST]}"
        return told.removeprefix(".")

    @property
    def where(self) -> str:
        """The file and the line; empty without a file."""
        line = line_of(self.text, self.way)
        return f"{self.path}, line {line}" if line else self.path if self.text else ""

    def wrong(self, problem: str, *, got: str = "", help_: str = "") -> ConfigError:
        """The error about this value."""
        message = f"`{self.name}` {problem}" if self.name else f"`{self.path}` {problem}"
        return ConfigError(message, slug="serve-config-unusable", where=self.where, got=got, help=help_)


@contextmanager
def placed(place: Place) -> Iterator[None]:
    """Has errors say where in the file their cause stands, unless they know better."""
    try:
        yield
    except ConfigError as error:
        error.where = error.where or place.where
        raise
