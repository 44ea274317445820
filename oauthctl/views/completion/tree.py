"""The tree of commands as plain values, and what all shells' scripts say alike.

Here: `Command`, `Option`, `Argument`, `Value`, and walking them. Not here: a shell's language, reading the app (`cli.completions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What can be offered for a value."""

    TEXT = "text"
    """Nothing: a URL, a number, a name that only the person knows."""
    CHOICES = "choices"
    FILE = "file"
    DIRECTORY = "directory"
    AT_FILE = "at-file"
    """A file after `@`; anything else is text."""
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Value:
    """What an option or an argument takes."""

    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    metavar: str = "VALUE"


@dataclass(frozen=True, slots=True)
class Option:
    """An option by all its names; a flag has no value."""

    names: tuple[str, ...]
    help: str = ""
    value: Value | None = None
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """A word that stands by its position."""

    value: Value
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or a group of them. `path` is empty for the program itself."""

    path: tuple[str, ...]
    help: str = ""
    options: tuple[Option, ...] = ()
    arguments: tuple[Argument, ...] = ()
    commands: tuple[Command, ...] = ()

    @property
    def name(self) -> str:
        """The last word of the path."""
        return self.path[-1] if self.path else "oauthctl"

    @property
    def key(self) -> str:
        """The path as one string, words parted by a space."""
        return " ".join(self.path)


def walk(root: Command) -> Iterator[Command]:
    """The command and all commands below it."""
    yield root
    for command in root.commands:
        yield from walk(command)


_HEAD = """oauthctl: completion for {shell}. Made by `oauthctl completions {name}`; changes are lost when it is made again.

Install:
{install}

Profile names are the files of oauthctl's configuration directory; Python is not started."""


def head(shell: str, name: str, *, install: str) -> str:
    """The comment at the top of a script."""
    text = _HEAD.format(shell=shell, name=name, install="\n".join(f"  {line}" for line in install.splitlines()))
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())
