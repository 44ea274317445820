"""Patterns of scenarios say what Python's `re` says, and no text holds them up."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.provider.scenario_pattern import Pattern

_ATOMS = st.sampled_from(["a", "b", ".", r"\d", "[ab]", "[^a]", "(a|b)", "(?:ab|a)", "(a*)", "()", "^", "$", r"\.", "{"])
_REPEATS = st.sampled_from(["", "", "*", "+", "?", "*?", "{2}", "{1,3}", "{,2}", "{2,}"])


@given(st.lists(st.tuples(_ATOMS, _REPEATS), max_size=5), st.text("ab1.{\n", max_size=7))
def test_it_says_what_python_says(parts: list[tuple[str, str]], text: str) -> None:
    # Python's `$` matches before a line's end, too.
    written = "".join(atom + ("" if atom in "^$" else repeat) for atom, repeat in parts)
    assert Pattern(written).matches(text) is (re.fullmatch(written.replace("$", r"\Z"), text) is not None)


@pytest.mark.parametrize("written", ["(a+)+", "(a|a)*b", "(.*)*x", "a?" * 60 + "a" * 60, ".*.*.*.*.*.*x", "(a|a)" * 40, "((a*)*)*b"])
def test_no_text_holds_it_up(written: str) -> None:
    begun = time.process_time()
    Pattern(written).matches("a" * 300 + "!")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("(", "no regular expression"),
        ("a{99999999999999999999}", "no regular expression"),
        ("a" * 201, "longer than 200"),
        (r"(a)\1", "character 4"),
        ("(?=a)b", "character 1"),
        ("(?i)a", "character 1"),
        ("a*+b", "character 3"),
        (r"\bword\b", "character 1"),
        ("(a{1000}){1000}", "repeats too much"),
        ("((){1000}){1000}", "repeats too much"),
        ("(" * 21 + ")" * 21, "groups in one another"),
    ],
)
def test_what_it_can_not_do_is_refused(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Pattern(written)


def test_a_text_that_is_too_long_is_no_match() -> None:
    assert Pattern("a*").matches("a" * 8192)
    assert not Pattern("a*").matches("a" * 8193)
