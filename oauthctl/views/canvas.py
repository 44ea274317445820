"""A row of terminal cells that text is put on, later text over earlier.

Here: cells, widths of characters, cutting and wrapping to cells. Not here: what is drawn (`sequence`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from unicodedata import category, east_asian_width

from oauthctl.views.lines import Line, Span, Style, printable

_BREAK = re.compile(r" |,|[^ /](?=/[^/])|[^ ](?=[ ?&])")
"""What a line may end with."""


def cells(text: str) -> int:
    """How many columns a terminal uses for the text."""
    return len(text) if text.isascii() and text.isprintable() else sum(_cells(character) for character in text)


def one_line(text: str) -> str:
    """The text without control characters and without line breaks."""
    return printable(text.replace("\r\n", " ").replace("\n", " ").replace("\t", " "))


def cut(text: str, width: int, *, ellipsis: str = "…") -> str:
    """The text in at most this many columns; an ellipsis marks what was left out."""
    if cells(text) <= width:
        return text
    if width <= len(ellipsis):
        return ellipsis[: max(0, width)]
    kept, used = "", 0
    for character in text:
        used += _cells(character)
        if used > width - len(ellipsis):
            break
        kept += character
    return kept.rstrip() + ellipsis


def cut_spans(spans: Line, width: int, *, ellipsis: str = "…") -> Line:
    """The spans in at most this many columns."""
    kept: list[Span] = []
    left = width
    for index, span in enumerate(spans):
        rest = sum(cells(later.text) for later in spans[index + 1 :])
        if cells(span.text) + rest > left and (cells(span.text) > left - len(ellipsis) or not rest):
            return (*kept, Span(cut(span.text + " " * (rest + 1), left, ellipsis=ellipsis), span.style))
        kept.append(span)
        left -= cells(span.text)
    return tuple(kept)


def wrap(text: str, width: int) -> tuple[str, ...]:
    """The text in lines of at most this many columns, broken at spaces, and within words where it must be."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        rest = word
        while cells(rest) > width:
            if current:
                lines.append(current)
                current = ""
            head = _head(rest, width)
            lines.append(head)
            rest = rest[len(head) :]
        joined = f"{current} {rest}" if current and rest else current or rest
        if cells(joined) > width:
            lines.append(current)
            joined = rest
        current = joined
    return (*lines, current) if current or not lines else tuple(lines)


def fold(text: str, width: int, *, first: int = 0) -> tuple[str, ...]:
    """The text in pieces of at most this many columns (the first of `first`), nothing of it lost but the spaces at which it is broken.

    It is broken at a space, behind a comma or before a sign that parts a URL, and anywhere where that would leave half of a piece empty.
    """
    pieces: list[str] = []
    room = max(first or width, 1)
    while cells(text) > room:
        longest = len(_head(text, room))
        at = max((found.end() for found in _BREAK.finditer(text[: longest + 1]) if found.end() <= longest), default=0)
        if at < max(longest // 2, 1):
            at = longest
        pieces.append(text[:at].rstrip(" "))
        text = text[at:].lstrip(" ")
        room = max(width, 1)
    return (*pieces, text)


@dataclass(slots=True)
class Row:
    """One row, written cell by cell."""

    width: int
    _cells: list[tuple[str, Style]] = field(init=False)

    def __post_init__(self) -> None:
        self._cells = [(" ", "")] * self.width

    def put(self, text: str, column: int, style: Style = "") -> int:
        """Put text at a column; what stands outside the row is lost. The column after it."""
        for character in text:
            wide = _cells(character)
            if wide == 0:
                self._join(character, column - 1)
                continue
            if column >= 0 and column + wide <= self.width:
                self._cells[column] = (character, style)
                if wide == 2:
                    self._cells[column + 1] = ("", style)
            column += wide
        return column

    def put_line(self, spans: Line, column: int) -> int:
        """Put spans one after another."""
        for span in spans:
            column = self.put(span.text, column, span.style)
        return column

    def line(self) -> Line:
        """The row as spans, without spaces at its end."""
        end = max((index for index, (text, _) in enumerate(self._cells) if text != " "), default=-1) + 1
        grouped = groupby(self._cells[:end], key=lambda cell: cell[1])
        return tuple(Span("".join(text for text, _ in group), style) for style, group in grouped)

    def _join(self, mark: str, column: int) -> None:
        if 0 <= column < self.width:
            text, style = self._cells[column]
            self._cells[column] = (text + mark, style)


def _cells(character: str) -> int:
    if character < "\x7f":
        return 1
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _head(text: str, width: int) -> str:
    head, used = "", 0
    for character in text:
        used += _cells(character)
        if used > width and head:
            break
        head += character
    return head
