"""How a `state` was changed on its way."""

from __future__ import annotations

import pytest

from oauthctl.rules.state_text import damage


@pytest.mark.parametrize(
    ("sent", "got", "words"),
    [
        ("k9+Tz", "k9 Tz", "its `+` became a space"),
        ("a%2Fbcdef", "a/bcdef", "decoded once too often"),
        ("a%252Fbcdef", "a/bcdef", "decoded once too often"),
        ("a/bcdef", "a%2Fbcdef", "encoded twice"),
        ("abcd1234&next=/", "abcd1234", "cut off at the `&`"),
        ("abcd1234#top", "abcd1234", "cut off at the `#`"),
        ("abcd1234efgh", "abcd1234", "cut off after 8 characters"),
        ("abcd1234==", "abcd1234", "the `=` at its end was lost"),
        ("abcd1234&next", "abcd1234&amp;next", "escaped for HTML"),
        ("AbCd1234", "abcd1234", "upper and lower case"),
        ("abcd1234", '"abcd1234"', "quotes or blanks"),
        ("abcd1234", "abcd1234?x=1", "other text was added"),
        ("abcd1234", "wxyz9876", ""),
    ],
)
def test_the_damage_to_a_state_is_named(sent: str, got: str, words: str) -> None:
    found = damage(sent, got)
    assert words in found
    assert bool(found) is bool(words)
