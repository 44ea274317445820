"""Lines broken at spaces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oauthctl.views.lines import Span, line, plain
from oauthctl.views.wrapped import wrapped


def test_a_line_breaks_at_the_last_space_that_fits_and_keeps_its_styles() -> None:
    given_line = line("one two ", Span("three", "bold"), ", four five")
    assert [plain(one) for one in wrapped(given_line, 14, indent=2)] == ["one two three,", "  four five"]
    assert wrapped(given_line, 14, indent=2)[0][-2] == Span("three", "bold")


def test_without_a_width_or_with_room_the_line_stays() -> None:
    given_line = line("one two three")
    assert wrapped(given_line, 0) == (given_line,)
    assert wrapped(given_line, 13) == (given_line,)


def test_a_long_word_stays_whole() -> None:
    assert [plain(one) for one in wrapped(line("see https://op.example/long/path now"), 12)] == [
        "see",
        "https://op.example/long/path",
        "now",
    ]


@given(st.text(alphabet="ab  `", max_size=80), st.integers(1, 40), st.integers(0, 4))
def test_no_word_is_lost_and_no_line_is_longer_than_it_must(text: str, width: int, indent: int) -> None:
    lines = [plain(one) for one in wrapped(line(text), width, indent=indent)]
    assert " ".join(lines).split() == text.split()
    assert all(len(one) <= width or len(one.split()) <= 1 for one in lines)
