"""Breaking lines at spaces so that they fit a terminal.

Here: one line into several, styles kept. Not here: how wide the terminal is (`cli.output`).
"""

from __future__ import annotations

import re

from oauthctl.views.lines import Line, Span

_NARROW, _LEAST = 60, 4


def wrapped(spans: Line, width: int, *, indent: int = 0) -> tuple[Line, ...]:
    """The line in pieces of at most `width` characters, those after the first indented; the line itself when `width` is 0.

    A word that is longer than the width stays whole: a URL that is broken can't be clicked.
    """
    if not width or sum(len(span.text) for span in spans) <= width:
        return (spans,)
    lines: list[list[Span]] = [[]]
    used, start, space = 0, 0, list[Span]()
    for word in _words(spans):
        if word[0].text.isspace():
            space = word
            continue
        gap, size = _size(space), _size(word)
        if used > start and used + gap + size > width:
            lines.append([Span(" " * indent)] if indent else [])
            used = start = indent
        elif used > start or len(lines) == 1:
            lines[-1] += space
            used += gap
        lines[-1] += word
        used += size
        space = []
    return tuple(_merged(line) for line in lines)


def hanging(indent: int, width: int) -> int:
    """How far the lines behind the first are indented: less where the terminal is so narrow that words would not fit."""
    return min(indent, _LEAST) if 0 < width < _NARROW else indent


def _merged(spans: list[Span]) -> Line:
    """Neighbours of one style as one span."""
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].style == span.style:
            merged[-1] = Span(merged[-1].text + span.text, span.style)
        else:
            merged.append(span)
    return tuple(merged)


def _size(spans: list[Span]) -> int:
    return sum(len(span.text) for span in spans)


def _words(spans: Line) -> list[list[Span]]:
    """Runs without spaces, and runs of spaces; a run may cross styles, as in a literal with a comma behind it."""
    words: list[list[Span]] = []
    was_blank: bool | None = None
    for span in spans:
        for piece in re.findall(r"\s+|\S+", span.text):
            blank = piece.isspace()
            if blank == was_blank:
                words[-1].append(Span(piece, span.style))
            else:
                words.append([Span(piece, span.style)])
            was_blank = blank
    return words
