"""Pasted text as it was meant: without colours, control characters, marks of a chat or a document.

Here: what surrounds evidence. Not here: the evidence (`pasted`).
"""

from __future__ import annotations

import re

LIMIT = 10 * 1024 * 1024
"""Characters that are read at most."""

# CSI, OSC (ended by BEL or ST, and never longer than a line), and the two-character escapes of a terminal.
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)?|[@-Z\\^_=>()][0-9A-B]?)|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+-]{0,20}[ \t]*$", re.MULTILINE)
_QUOTED_LINE = re.compile(r"^> ?", re.MULTILINE)
_HTTP_IN_QUOTE = re.compile(r"^[<*] |^> [A-Z]{3,10} \S+ HTTP/", re.MULTILINE)


def plain(text: str) -> str:
    """The text without terminal escapes and control characters, with `\\n` alone for a line's end, at most `LIMIT` characters of it."""
    text = text[:LIMIT].replace("\r\n", "\n").replace("\r", "\n")
    text = whole(_CONTROLS.sub("", _ESCAPES.sub("", text))).replace("\xa0", " ")
    text = _FENCE.sub("", text)
    lines = [line for line in text.split("\n", 200)[:200] if line.strip()]
    if lines and all(line.startswith(">") for line in lines) and not _HTTP_IN_QUOTE.search(text):
        # Quoted from a mail or a thread.
        text = _QUOTED_LINE.sub("", text)
    return text


def line_at(text: str, at: int) -> tuple[str, int]:
    """The line that begins here, and where the next one begins."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return text[at:end], end + 1


def whole(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which JSON and shells can spell and no UTF-8 output can hold."""
    return _SURROGATES.sub("\ufffd", text)
