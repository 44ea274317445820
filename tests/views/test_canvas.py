from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.views.canvas import cells, fold


@pytest.mark.parametrize(
    ("text", "width", "first", "pieces"),
    [
        ("", 10, 0, ("",)),
        ("short", 10, 0, ("short",)),
        ("two words here", 10, 0, ("two words", "here")),
        ("two  words", 10, 0, ("two  words",)),
        ("https://op.example/a/b", 20, 0, ("https://op.example", "/a/b")),
        ("https://op.example/a?b=1&c=2", 25, 0, ("https://op.example/a?b=1", "&c=2")),
        ("https://op.example/a", 10, 0, ("https://op", ".example/a")),
        ("abcdefghij", 4, 0, ("abcd", "efgh", "ij")),
        ("abcdefghij", 6, 2, ("ab", "cdefgh", "ij")),
        ("無効な要求", 5, 0, ("無効", "な要", "求")),
    ],
)
def test_text_is_folded_at_good_places(text: str, width: int, first: int, pieces: tuple[str, ...]) -> None:
    assert fold(text, width, first=first) == pieces


texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "M", "Z")) | st.sampled_from(" /?&,"))


@given(texts, st.integers(2, 30), st.integers(2, 30))
def test_nothing_but_spaces_is_lost_and_every_piece_fits(text: str, width: int, first: int) -> None:
    head, *rest = fold(text, width, first=first)
    assert cells(head) <= first
    assert all(cells(piece) <= width for piece in rest)
    assert "".join((head, *rest)).replace(" ", "") == text.replace(" ", "")
