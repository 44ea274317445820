"""Phrases of the tables of words: `…` stands for anything in between, `{name}` for a word or more that is quoted under that name.

Here: their patterns. Not here: whose phrases they are and what they mean (`dialects`).
"""

from __future__ import annotations

import re

_PIECES = re.compile(r"(…|\{[a-z_]+\})")
_NAMES = re.compile(r"\{[a-z_]+\}")


def has_names(phrase: str) -> bool:
    """Whether the phrase quotes something of what it is found in."""
    return _NAMES.search(phrase) is not None


def longest_word(phrase: str) -> str:
    """The longest word, in lower case: whose absence is found sooner than any pattern is made. Empty for no phrase."""
    literal = " ".join("" if piece == "…" or piece.startswith("{") else piece for piece in _PIECES.split(phrase))
    return max(literal.lower().split(), key=len, default="")


def pattern_of(phrase: str) -> str:
    """The phrase as a regular expression, whatever its blanks and line breaks; case is the caller's to ignore."""
    pattern = "".join(_piece(piece) for piece in _PIECES.split(phrase) if piece)
    # The first words of `client_secret_basic` say nothing about the secret.
    return f"{pattern}(?!_)" if phrase[-1].isalnum() else pattern


def _piece(piece: str) -> str:
    if piece == "…":
        return ".{0,200}?"
    if piece.startswith("{"):
        return rf"(?P<{piece[1:-1]}>[^\s<>\"'`]{{1,200}})"
    blanks = (r"\s+" if piece[:1].isspace() else "", r"\s+" if piece[-1:].isspace() else "")
    return blanks[0] + r"\s+".join(re.escape(word) for word in piece.split()) + (blanks[1] if piece.strip() else "")


def filled(text: str, quoted: dict[str, str]) -> str:
    """The text with what was quoted in the places of its names."""
    for name, value in quoted.items():
        text = text.replace(f"{{{name}}}", value)
    return text
