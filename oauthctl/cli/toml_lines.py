"""Where in a TOML file each key and each element of an array stands.

Here: the line of a way through the tables. Not here: the values, which `tomllib` reads, without saying where anything was. A text that it
would refuse gets whatever lines come of it.
Source: TOML 1.0.0.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

Way: TypeAlias = tuple[str | int, ...]
"""Names of tables and keys; behind a list the number of what is meant in it, from 1."""

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_BASIC = r'"(?:[^"\\\n]|\\.)*"'
_LITERAL = r"'[^'\n]*'"
_KEY = re.compile(rf"[ \t]*(?P<key>{_BASIC}|{_LITERAL}|[A-Za-z0-9_-]+)[ \t]*")
# A quotation mark or two may stand right before the three that end a long text.
_LONG = r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}|' + r"'''(?:[^']|'{1,2}(?!'))*'{3,5}"
_PLAIN = re.compile(rf"{_LONG}|{_BASIC}|{_LITERAL}|[^,\]}}#\n]+")
_LINE = re.compile(r"[^\n]*")


def line_of(text: str, way: Way) -> int:
    """The line, from 1, where this is set, or else the nearest one around it; 0 where nothing of it stands in the text."""
    lines = _lines_of(text)
    around = (way[:end] for end in range(len(way), 0, -1))
    return next((lines[one] for one in (way, (*way, 1), *around) if one in lines), 0)


@lru_cache(maxsize=4)
def _lines_of(text: str) -> Mapping[Way, int]:
    reader = _Reader(text)
    reader.read()
    return reader.lines


class _Reader:
    """Goes through a text once. `lines` has what was found; of a list of tables the tables, not the list."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Way, int] = {}
        self._text = text
        self._at = 0
        self._ends = [found.start() for found in re.finditer("\n", text)]
        self._counts: dict[Way, int] = {}

    def read(self) -> None:
        table: Way = ()
        while self._next():
            begun = self._at
            if self._text.startswith("[", begun):
                table = self._header(is_list=self._text.startswith("[[", begun))
            else:
                self._pair(table)
                if self._at == begun:
                    self._skip(_LINE)

    def _next(self) -> str:
        """The character of the next thing that is neither blank nor comment; empty at the end."""
        self._skip(_BLANK)
        return self._text[self._at : self._at + 1]

    def _skip(self, what: re.Pattern[str]) -> str:
        found = what.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[0] if found else ""

    def _taken(self, character: str) -> bool:
        is_there = self._text.startswith(character, self._at)
        self._at += is_there
        return is_there

    def _mark(self, way: Way, at: int) -> None:
        self.lines.setdefault(way, bisect_left(self._ends, at) + 1)

    def _header(self, *, is_list: bool) -> Way:
        begun = self._at
        self._at += 1 + is_list
        way: Way = ()
        names = self._names()
        for number, name in enumerate(names, 1):
            way = (*way, name)
            if is_list and number == len(names):
                self._counts[way] = self._counts.get(way, 0) + 1
            if way in self._counts:
                way = (*way, self._counts[way])
            self._mark(way, begun)
        self._skip(_LINE)
        return way

    def _pair(self, table: Way) -> None:
        """A key and its value."""
        self._skip(_BLANK)
        begun, way = self._at, table
        for name in self._names():
            way = (*way, name)
            self._mark(way, begun)
        if self._taken("="):
            self._value(way)

    def _names(self) -> list[str]:
        names = []
        while found := _KEY.match(self._text, self._at):
            self._at = found.end()
            names.append(_unquoted(found["key"]))
            if not self._taken("."):
                break
        return names

    def _value(self, way: Way) -> None:
        self._next()
        if self._taken("["):
            number = 0
            while self._next() not in ("]", ""):
                begun, number = self._at, number + 1
                self._mark((*way, number), begun)
                self._value((*way, number))
                self._next()
                if not self._taken(",") and self._at == begun:
                    return
            self._taken("]")
        elif self._taken("{"):
            while self._next() not in ("}", ""):
                begun = self._at
                self._pair(way)
                self._next()
                if not self._taken(",") and self._at == begun:
                    return
            self._taken("}")
        else:
            self._skip(_PLAIN)


def _unquoted(key: str) -> str:
    if not key.startswith('"'):
        return key.strip("'")
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:
        return key
