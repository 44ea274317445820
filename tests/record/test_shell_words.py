from __future__ import annotations

import pytest

from oauthctl.record.shell_words import shell_words

WORDS = {
    "a 'b c' \"d e\"": ["a", "b c", "d e"],
    "a'b'\"c\"d": ["abcd"],
    'a "\\"b\\"" \\$x "\\$y" "\\z"': ["a", '"b"', "$x", "$y", "\\z"],
    "a \\\n b ^\n c `\n d": ["a", "b", "c", "d"],
    "$'a\\n\\x41\\u00e9\\ud800'": ["a\nA\u00e9\ufffd"],
    '^"a ^& b\\^"^" c^&d': ['a & b"', "c&d"],
    "a | b": ["a"],
    "a; b": ["a"],
    "a > b": ["a"],
    "a>b": ["a>b"],
    "a 'never closed": ["a", "never closed"],
    'a "never closed\\': ["a", "never closed"],
    "": [],
}


@pytest.mark.parametrize("text", WORDS, ids=range(len(WORDS)))
def test_a_command_line_is_parted_as_a_shell_does(text: str) -> None:
    assert shell_words(text, 0)[0] == WORDS[text]


def test_a_command_ends_with_its_line() -> None:
    assert shell_words("a b\nc", 0) == (["a", "b"], 4)
    assert shell_words("a 'b\nc' \\\n d\ne", 0) == (["a", "b\nc", "d"], 13)
