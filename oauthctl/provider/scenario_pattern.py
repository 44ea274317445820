"""Patterns of scenarios: regular expressions that any text is compared with in bounded time.

Here: their language, a part of Python's, and following all ways through one at once (Thompson 1968; Pike's virtual machine), so that no
text makes it go back and try again: clients write the text, and while it is compared nothing else is answered. Python's `re` sees single
characters alone. Not here: what is compared (`scenario`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

_LONGEST_PATTERN = 200
_LONGEST_TEXT = 8192
_DEEPEST = 20
_LARGEST = 2000
_MOST_STEPS = 2_000_000
"""Characters of the text times instructions: about a second."""

_TOKEN = re.compile(
    r"""(?P<one> \[\^?\]?(?:\\.|[^\]\\])*\] | \\(?:[dDwWsSnrt]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^0-9a-zA-Z]) | [^\\\[()|^$*+?{] )
    | (?P<repeat> (?:[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})\?? )
    | (?P<open> \((?:\?:|\?P<\w+>)? (?!\?) )
    | (?P<close> \) ) | (?P<either> \| ) | (?P<start> \^ ) | (?P<end> \$ ) | (?P<brace> \{ )""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Either:
    ways: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: _Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Edge:
    """The beginning of the text, or its end."""

    is_start: bool


_Node = _Sequence | _Either | _Repeat | _Edge | re.Pattern[str]


class _Split(NamedTuple):
    """Goes on at each of these instructions."""

    to: tuple[int, ...]


_Instruction = _Split | _Edge | re.Pattern[str]


class Pattern:
    """What a whole text must match.

    Raises: ValueError, which says what is wrong with it, for an expression that is none, is too large, or needs going back: look-arounds,
    back-references, flags, possessive repeats.
    """

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST_PATTERN:
            raise ValueError(f"is longer than {_LONGEST_PATTERN} characters")
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"is no regular expression: {error}") from error
        self.text = text
        self._program = _Program(_Reader(text).read()).instructions
        self._longest = min(_LONGEST_TEXT, _MOST_STEPS // max(1, len(self._program)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def matches(self, value: str) -> bool:
        """Whether all of the text is as the pattern says; one that is longer than what is compared is not."""
        if len(value) > self._longest:
            return False
        at = self._reached({0}, 0, len(value))
        for position, character in enumerate(value, 1):
            following = {number + 1 for number in at if _takes(self._program, number, character)}
            if not following:
                return False
            at = self._reached(following, position, len(value))
        return len(self._program) in at

    def _reached(self, begun: Iterable[int], position: int, length: int) -> set[int]:
        """The instructions that are come to from these without taking a character; the one behind the last means a match."""
        found, waiting = set[int](), list(begun)
        while waiting:
            number = waiting.pop()
            if number in found:
                continue
            found.add(number)
            instruction = self._program[number] if number < len(self._program) else None
            if isinstance(instruction, _Split):
                waiting.extend(instruction.to)
            elif isinstance(instruction, _Edge) and position == (0 if instruction.is_start else length):
                waiting.append(number + 1)
        return found


def _takes(program: tuple[_Instruction, ...], number: int, character: str) -> bool:
    instruction = program[number] if number < len(program) else None
    return isinstance(instruction, re.Pattern) and instruction.fullmatch(character) is not None


class _Reader:
    """From the text to its tree."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def read(self) -> _Node:
        node = self._either()
        if self._at < len(self._text):
            raise self._refused()
        return node

    def _either(self) -> _Node:
        ways = [self._sequence()]
        while self._next("either"):
            ways.append(self._sequence())
        return ways[0] if len(ways) == 1 else _Either(tuple(ways))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while (part := self._part()) is not None:
            repeat = self._next("repeat")
            parts.append(_repeated(part, repeat) if repeat else part)
        return _Sequence(tuple(parts))

    def _part(self) -> _Node | None:
        if one := self._next("one") or self._next("brace"):
            return re.compile(one if one != "{" else r"\{")
        if self._next("start"):
            return _Edge(is_start=True)
        if self._next("end"):
            return _Edge(is_start=False)
        if not self._next("open"):
            return None
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"has more than {_DEEPEST} groups in one another")
        node = self._either()
        self._depth -= 1
        if not self._next("close"):
            raise self._refused()
        return node

    def _next(self, kind: str) -> str:
        """The text of the next token if it is of this kind, which is then behind us; else nothing."""
        found = _TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup != kind:
            return ""
        self._at = found.end()
        return found[0]

    def _refused(self) -> ValueError:
        return ValueError(f"has something at character {self._at + 1} that scenarios do without: `{self._text[self._at : self._at + 10]}`")


def _repeated(part: _Node, repeat: str) -> _Repeat:
    simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}
    if repeat[0] in simple:
        return _Repeat(part, *simple[repeat[0]])
    least, comma, most = repeat.rstrip("?").strip("{}").partition(",")
    return _Repeat(part, int(least or 0), (int(most) if most else None) if comma else int(least))


class _Program:
    """From the tree to instructions."""

    def __init__(self, node: _Node) -> None:
        self._instructions: list[_Instruction] = []
        self._left = _LARGEST
        self._add(node)
        self.instructions = tuple(self._instructions)

    def _add(self, node: _Node) -> None:
        # Counted here, since parts that are empty may be repeated without end, too.
        self._left -= 1
        if self._left < 0:
            raise ValueError("repeats too much")
        match node:
            case _Sequence(parts):
                for part in parts:
                    self._add(part)
            case _Either(ways):
                self._add_ways(ways)
            case _Repeat(part, least, most):
                self._add_repeated(part, least, most)
            case _:
                self._instructions.append(node)

    def _add_ways(self, ways: tuple[_Node, ...]) -> None:
        fork, ends, begins = self._reserve(), [], []
        for way in ways:
            begins.append(len(self._instructions))
            self._add(way)
            ends.append(self._reserve())
        self._instructions[fork] = _Split(tuple(begins))
        for end in ends:
            self._instructions[end] = _Split((len(self._instructions),))

    def _add_repeated(self, part: _Node, least: int, most: int | None) -> None:
        for _ in range(least):
            self._add(part)
        forks = []
        for _ in range(1 if most is None else most - least):
            forks.append(self._reserve())
            self._add(part)
        if most is None:
            self._instructions.append(_Split((forks[0],)))
        for fork in forks:
            self._instructions[fork] = _Split((fork + 1, len(self._instructions)))

    def _reserve(self) -> int:
        """The place of an instruction that is known later."""
        self._instructions.append(_Split(()))
        return len(self._instructions) - 1
