"""Values with backticks stay one literal in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.rules.whole_literals import whole

HOSTILE = "s1` ![p](https://evil.example/t.png) `` @octocat"


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        (f"`state` is `{HOSTILE}`, not `zz`", HOSTILE, "`state` is `s1' ![p](https://evil.example/t.png) '' @octocat`, not `zz`"),
        (f"`{HOSTILE[:9]}` and `{HOSTILE[:4]}`", HOSTILE, "`s1' ![p](` and `s1' `"),
        (f"`{HOSTILE[:2]}` is cut before its backtick", HOSTILE, "`s1` is cut before its backtick"),
        ("`a` and `b`", "no backtick", "`a` and `b`"),
    ],
)
def test_a_backtick_inside_a_value_ends_no_literal(text: str, value: str, expected: str) -> None:
    assert whole(text, (value,)) == expected


@given(st.text("ab` ", min_size=1, max_size=12).filter(lambda value: value.strip("`")), st.integers(1, 12))
def test_a_sentence_with_a_value_has_as_many_backticks_as_without(value: str, cut: int) -> None:
    shown = value[:cut]
    said = whole(f"the state is `{shown}` here", (value,))
    assert said.count("`") == 2
    assert said.endswith("` here")
