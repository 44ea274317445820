"""The characters that diagrams are drawn with, and their like in ASCII.

Here: both sets, and text for a stream that may know no more than ASCII. Not here: the drawing (`sequence`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

from oauthctl.views.lines import Line, Span


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that a diagram is drawn with."""

    lifeline: str = "│"
    solid: str = "─"
    dashed: str = "╌"
    right: str = "▶"
    left: str = "◀"
    lost: str = "✗"
    dot: str = "·"
    ellipsis: str = "…"
    note: str = "●"
    warning: str = "!"


UNICODE = Glyphs()
ASCII = Glyphs("|", "-", ".", ">", "<", "x", "-", "...", "*", "!")


def glyphs_for(encoding: str | None) -> Glyphs:
    """Box characters where the stream's encoding has them, else ASCII."""
    try:
        "│▶✗…".encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return ASCII
    return UNICODE


def glyphs_of(stream: TextIO) -> Glyphs:
    """The characters for a stream; one without an encoding holds text and knows them all."""
    return glyphs_for(getattr(stream, "encoding", None) or "utf-8")


def in_glyphs(lines: Iterable[Line], glyphs: Glyphs) -> Iterable[Line]:
    """Lines of any view for a stream that may know no more than ASCII."""
    for one in lines:
        yield tuple(Span(in_ascii(span.text), span.style) for span in one) if glyphs is ASCII else one


def in_ascii(text: str) -> str:
    """The text in ASCII; what has no like in it becomes an escape."""
    return text.replace("…", "...").replace("→", "->").encode("ascii", "backslashreplace").decode("ascii")
