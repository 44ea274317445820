"""Places in a TOML file, so that what is wrong is told with its line.

Here: the way to a value, and where it stands. Not here: reading TOML, which `tomllib` does without saying where anything was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from oauthctl.errors import ConfigError

_HEADER = re.compile(r"\s*\[(?P<listed>\[)?(?P<names>[^\[\]=]+)\]")
_LONGEST = 60

Way: TypeAlias = tuple[str | int, ...]
"""Names of tables and keys; behind a list of tables the number of the one that is meant, from 1."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value's place in a file; without a file, in what an option says."""

    path: str
    text: str = field(default="", repr=False)
    way: Way = ()

    def at(self, *steps: str | int) -> Place:
        """A place further in."""
        return replace(self, way=(*self.way, *steps))

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


def line_of(text: str, way: Way) -> int:
    """The line, from 1, where this place is set, or else the nearest one around it; 0 where nothing of it stands in the text."""
    counts: dict[tuple[str, ...], int] = {}
    here: Way = ()
    best, depth = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            names = tuple(_bare(name) for name in header["names"].split("."))
            if header["listed"]:
                # A new table of a list begins the lists in it anew.
                counts = {known: count for known, count in counts.items() if known[: len(names)] != names or known == names}
                counts[names] = counts.get(names, 0) + 1
            here = found = _way(names, counts)
        elif "=" in line:
            found = (*here, *(_bare(name) for name in line.partition("=")[0].split(".")))
        else:
            continue
        if way[: len(found)] == found and len(found) > depth:
            best, depth = number, len(found)
    return best


def _bare(name: str) -> str:
    return name.strip().strip("\"'")


def _way(names: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> Way:
    way: list[str | int] = []
    for end, name in enumerate(names, 1):
        way.append(name)
        if names[:end] in counts:
            way.append(counts[names[:end]])
    return tuple(way)
