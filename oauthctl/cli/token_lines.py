"""A text as the inputs that it is: one thing, or a line each.

Here: which lines stand for themselves, the tokens in them, and telling of lines without any. Not here: finding tokens (`jose.paste`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oauthctl.jose.jwt import Found, find_tokens, take_apart

if TYPE_CHECKING:
    from oauthctl.cli.output import Output

_MAX_TOLD = 10
# Source: RFC 6750 section 2.1 (`b64token`). Between other lines a shorter word is a word: `}`, `EOF`.
_LIKE_A_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{16,}=*")
_WRAPPED = re.compile(r"[A-Za-z0-9_\-.]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """One input and the tokens in it; `line` counts from 1 and is 0 when the text is one thing."""

    line: int
    is_blank: bool
    found: tuple[Found, ...] = field(repr=False)

    def label(self, where: str) -> str:
        """Where a token stands in the whole text."""
        return f"line {self.line}, {where}" if self.line else where


def pieces(text: str) -> tuple[Piece, ...]:
    """The inputs in order, blank lines too, so that each line of the text has its piece."""
    lines = _lines(text)
    if not lines:
        return (Piece(0, not text.strip(), find_tokens(text)),)
    return tuple(Piece(number, not one.strip(), _found_in_line(one)) for number, one in enumerate(lines, 1))


def tell_empty(out: Output, given: Iterable[Piece]) -> None:
    """Says on stderr which lines hold no token; blank ones go without saying, many are summed up."""
    empty = [piece.line for piece in given if piece.line and not piece.found and not piece.is_blank]
    for number in empty if len(empty) <= _MAX_TOLD else ():
        out.say(f"line {number}: no token")
    if len(empty) > _MAX_TOLD:
        named = ", ".join(_spans(empty)[:_MAX_TOLD])
        out.say(f"{len(empty)} lines hold no token: {named}{' and more' if len(_spans(empty)) > _MAX_TOLD else ''}")


def _spans(numbers: list[int]) -> list[str]:
    """The numbers with runs drawn together: `1-3`, `7`."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return [f"{first}-{last}" if last > first else f"{first}" for first, last in spans]


def _found_in_line(text: str) -> tuple[Found, ...]:
    return tuple(one for one in find_tokens(text) if one.where != "opaque token" or _LIKE_A_TOKEN.fullmatch(one.token_text))


def _lines(text: str) -> tuple[str, ...]:
    """The lines when each is an input of its own; empty when the text is one thing: JSON, an HTTP message, a command, a wrapped token."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2 or _is_json(text) or "HTTP/" in lines[0] or any(line.rstrip("\r").endswith("\\") for line in lines):
        return ()
    filled = [line.strip() for line in lines if line.strip()]
    return () if len(filled) < 2 or _is_wrapped(filled) else tuple(lines)


def _is_wrapped(lines: list[str]) -> bool:
    """Whether all lines together are one token, and none is one by itself; of one that was cut off all lines but the last are as long."""
    if not all(_WRAPPED.fullmatch(line) for line in lines) or any(take_apart(line).is_jwt for line in lines):
        return False
    if take_apart("".join(lines)).is_jwt:
        return True
    is_even = len({len(line) for line in lines[:-1]}) == 1 and len(lines[-1]) <= len(lines[0])
    return is_even and len(lines) > 2 and lines[0].startswith("ey") and not any(line.startswith("ey") for line in lines[1:])


def _is_json(text: str) -> bool:
    from json import loads

    try:
        loads(text)
    except (ValueError, RecursionError):
        return False
    return True
