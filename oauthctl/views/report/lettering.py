"""How wide a text is in a drawing, and cutting one to a width.

Here: widths of letters in the widest font that systems show a page in (DejaVu Sans), so that a text takes no more room than is counted.
Not here: where texts stand (`sequence_svg`).
"""

from __future__ import annotations

import unicodedata

# In hundredths of the font's size.
_WIDTHS = {
    28: "ijlI'|", 32: " ,.", 34: "/:;\\", 36: "-", 40: "ft()[]", 42: "r\"", 50: "_`*", 53: "s?cz", 57: "kyvxLF", 62: "aTYePZEb",
    64: "dhnopqugSBKV{}0123456789$#&A", 70: "XRC", 76: "DHNU", 80: "GOQ+=<>~^", 83: "w", 95: "%", 98: "m@WM",
}  # fmt: skip
_OF = {letter: width / 100 for width, letters in _WIDTHS.items() for letter in letters}
_OTHER, _WIDE, _BOLD = 0.72, 1.0, 1.15
_FEWEST = 3
"""Letters that may stand before or behind a hyphen."""


def width_of(text: str, size: float, *, is_bold: bool = False) -> float:
    """The room that a text takes at most, in units of the drawing."""
    wide = sum(_OF.get(letter) or (_WIDE if unicodedata.east_asian_width(letter) in "WFA" else _OTHER) for letter in text)
    return wide * size * (_BOLD if is_bold else 1)


def fitted(text: str, room: float, size: float, *, is_bold: bool = False) -> str:
    """The text, or as much of its beginning as there is room for, with an ellipsis."""
    if width_of(text, size, is_bold=is_bold) <= room:
        return text
    kept = text
    while len(kept) > 1 and width_of(f"{kept}…", size, is_bold=is_bold) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def fitted_host(host: str, room: float, size: float) -> str:
    """A host, or its first and its last letters around an ellipsis: cut at one end it would read as another host that exists."""
    if width_of(host, size) <= room:
        return host
    most = len(host) - 1
    while most > 2:
        # The end tells whose it is, the beginning which.
        head = most // 3
        shown = f"{host[:head]}…{host[len(host) - (most - head) :]}"
        if width_of(shown, size) <= room:
            return shown
        most -= 1
    return "…"


def folded(text: str, room: float, size: float, *, is_bold: bool = False) -> tuple[str, ...]:
    """The words in lines that fit; a word that doesn't is broken with a hyphen, once, and cut if that is not enough."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", size, is_bold=is_bold) <= room:
            lines[-1] += f" {word}"
            continue
        whole = fitted(word, room, size, is_bold=is_bold)
        # The hyphen takes the room of a letter.
        before = min(len(whole) - 2, len(word) - _FEWEST)
        if whole == word or before < _FEWEST:
            lines.append(whole)
        else:
            lines += [f"{word[:before]}-", fitted(word[before:], room, size, is_bold=is_bold)]
    return tuple(lines)
