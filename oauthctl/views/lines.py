"""`Span`, `Line` and `Table`: styled text as plain values, so that a pipe needs no Rich.

Here: the values that views give and that `cli/output.py` prints. Not here: colours, widths, wrapping.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Style: TypeAlias = Literal["", "error", "warning", "success", "literal", "dim", "bold", "ink"]

# C0 (but not tab and newline), DEL, C1, characters that nobody sees, and those that turn the direction of text: none of them may reach a
# terminal. The joiners U+200C and U+200D are parts of words and of emoji.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Text in one style."""

    text: str
    style: Style = ""


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of lines under column titles; a pipe gets one row a line, cells parted by tabs, without the titles."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    title: str = ""


def line(*parts: str | Span) -> Line:
    """A line of spans; plain strings have no style."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def literals(text: str, style: Style = "") -> Line:
    """The text with what stands in backticks as literals; the backticks stay, since colour never carries the meaning alone."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return (Span(text, style),)
    return tuple(Span(f"`{part}`", "literal") if index % 2 else Span(part, style) for index, part in enumerate(parts) if part or index % 2)


def printable(text: str) -> str:
    """The text without characters that could steer a terminal; each is shown as `\\x1b`-like escape."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def plain(spans: Line) -> str:
    """The line's text alone, safe for a terminal; a line break in it is shown, for only a line of ours may begin a line."""
    return one_line("".join(span.text for span in spans))


def one_line(text: str) -> str:
    """The text, safe for a terminal, its line breaks shown as `\\n`."""
    return printable(text).replace("\n", "\\n")
