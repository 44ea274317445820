"""Values with backticks stay one literal in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.rules.whole_literals import whole
from tests.rules.pages import play

HOSTILE = "s1` ![p](https://evil.example/t.png) `` @octocat"
PLAIN = HOSTILE.replace("`", "'")
SAID = "a%60%40octocat%60b%20%21%5Bp%5D%28%2F%2Fevil.example%2Fp.png%29"
SENT = "GET https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=s1"
BACK = f"GET https://app.example.com/cb?error={SAID}&error_description=y%60&state=s1"


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        (f"`state` is `{HOSTILE}`, not `zz`", HOSTILE, "`state` is `s1' ![p](https://evil.example/t.png) '' @octocat`, not `zz`"),
        (f"`{HOSTILE[:9]}` and `{HOSTILE[:4]}`", HOSTILE, "`s1' ![p](` and `s1' `"),
        (f"`{HOSTILE[:2]}` is cut before its backtick", HOSTILE, "`s1` is cut before its backtick"),
        ("`a` and `b`", "no backtick", "`a` and `b`"),
        ("it said `a`b c`, not `x`", "a`b", "it said `a'b c`, not `x`"),
        (f"it said {HOSTILE}, and `scope={HOSTILE}` is `x`", HOSTILE, f"it said {PLAIN}, and `scope={PLAIN}` is `x`"),
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


@pytest.mark.parametrize("values", [("a`@o`b", "a`@o`b c`d"), ("a`@o`b c`d", "a`@o`b"), ("a`@o`b c`d", "a`@o`x")])
def test_of_values_that_begin_alike_the_longest_fit_counts(values: tuple[str, ...]) -> None:
    assert whole("it said `a`@o`b c`d`, not `x`", values) == "it said `a'@o'b c'd`, not `x`"


def test_a_value_is_one_literal_in_every_sentence_of_a_diagnosis() -> None:
    first, *_ = play(f"```http\n{SENT}\n\n=> 302\nLocation: {BACK[4:]}\n```\n\n```http\n{BACK}\n\n=> 200\n```\n").diagnosis().findings
    literal = "`a'@octocat'b ![p](//evil.example/p.png)`"
    assert literal in first.cause
    assert [literal in one for one in first.consequences] == [True]
    assert first.evidence[0].got == "y`"
