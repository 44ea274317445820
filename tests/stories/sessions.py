"""Console sessions as text: what a person types and sees, run in-process and compared word for word.

    $ oauthctl decode --json < token.txt
    {"where": …}                 stdout
    2> nothing was verified      stderr
    [1]                          exit code, left out when it is 0

Here: reading and playing such a text. Not here: the sessions (`*.console` beside this file).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.cli.running import oauthctl


@dataclass(frozen=True)
class Command:
    line: str
    expected: str


def commands(text: str) -> tuple[Command, ...]:
    """The commands of a session, each with what follows it up to the next one; lines before the first are its title."""
    found: list[Command] = []
    for block in ("\n" + text).split("\n$ ")[1:]:
        line, _, expected = block.partition("\n")
        found.append(Command(line, expected.strip("\n")))
    return tuple(found)


def play(command: Command, folder: Path, *, environ: dict[str, str] | None = None, columns: int = 0) -> str:
    """What the command prints, in the form of a session. Files are those of the folder."""
    words = shlex.split(command.line)
    assert words[0] == "oauthctl", command.line
    stdin = ""
    if "<" in words:
        at = words.index("<")
        stdin = (folder / words[at + 1]).read_text()
        words = words[:at] + words[at + 2 :]
    ran = oauthctl(*words[1:], stdin=stdin, environ=environ, columns=columns)
    lines = [line.rstrip() for line in ran.out.splitlines()]
    lines += [f"2> {line}".rstrip() for line in ran.err.splitlines()]
    lines += [f"[{ran.code}]"] if ran.code else []
    return "\n".join(lines).strip("\n")
