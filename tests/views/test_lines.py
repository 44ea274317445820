from __future__ import annotations

import pytest

from oauthctl.views.lines import Span, line, plain, printable


@pytest.mark.parametrize(
    "sign", ["\x1b", "\x07", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\u061c", "\u2028", "\u2029", "\u200b", "\ufeff", "\u2060", "\xad"]
)
def test_what_steers_a_terminal_is_shown_and_not_obeyed(sign: str) -> None:
    assert sign not in printable(f"a{sign}b")


@pytest.mark.parametrize("text", ["na\u00efve", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "\U0001f469\u200d\U0001f4bb", "a\tb"])
def test_what_words_and_emoji_are_made_of_stays(text: str) -> None:
    assert printable(text) == text


def test_only_a_line_of_ours_begins_a_line() -> None:
    assert plain(line("signed in as ", Span("alice\n✓ forged", "bold"))) == r"signed in as alice\n✓ forged"
