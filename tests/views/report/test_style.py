"""The colours can be told apart, in the light and in the dark. Source: WCAG 2.2, success criterion 1.4.3."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

CSS = files("oauthctl.views.report").joinpath("report.css").read_text("utf-8")
PAIRS = (
    *((text, ground) for text in ("text", "dim", "accent", "good", "bad", "warn") for ground in ("ground", "card")),
    ("text", "chosen"),
    ("accent", "chosen"),
    ("good", "chosen"),
    ("bad", "chosen"),
    ("dim", "chosen"),
    ("text", "code"),
    ("good", "good-ground"),
    ("bad", "bad-ground"),
    ("text", "bad-ground"),
    ("warn", "warn-ground"),
    ("text", "warn-ground"),
    ("on-mark", "mark"),
)


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(one * 2 for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


BLOCKS = [found for found in (colours(block) for block in re.findall(r":root[^{]*\{([^}]*)\}", CSS)) if found]


def test_there_are_four_palettes_and_the_dark_ones_are_the_same() -> None:
    assert len(BLOCKS) == 4
    assert BLOCKS[1] == BLOCKS[2]
    assert all(block.keys() == BLOCKS[0].keys() for block in BLOCKS)


@pytest.mark.parametrize("palette", range(4), ids=["light", "dark", "chosen dark", "paper"])
@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_text_can_be_read(palette: int, pair: tuple[str, str]) -> None:
    one, other = sorted((luminance(BLOCKS[palette][name]) for name in pair), reverse=True)
    assert (one + 0.05) / (other + 0.05) >= 4.5


def test_on_paper_no_band_lies_over_the_life_lines() -> None:
    assert re.search(r"\.hit \{ fill: none !important", CSS.partition("@media print")[2])
