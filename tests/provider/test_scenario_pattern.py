"""Patterns of scenarios say what Python's `re` says, and no text holds them up."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.provider.scenario_pattern import Pattern

_ATOMS = st.sampled_from(["a", "b", ".", r"\d", "[ab]", "[^a]", "(a|b)", "(?:ab|a)", "^", "$", r"\."])
_REPEATS = st.sampled_from(["", "", "*", "+", "?", "*?", "{2}", "{1,3}", "{2,}"])


@given(st.lists(st.tuples(_ATOMS, _REPEATS), max_size=5), st.text("ab1.{\n", max_size=7))
def test_it_says_what_python_says(parts: list[tuple[str, str]], text: str) -> None:
    written = "".join(atom + ("" if atom in "^$" else repeat) for atom, repeat in parts)
    assert Pattern(written).matches(text) is (re.fullmatch(written, text) is not None)


@pytest.mark.parametrize("written", ["(a+)+", "(a|a)*b", "(.*)*x", "a?" * 60 + "a" * 60, ".*.*.*.*.*.*x", "((a*)*)*b"])
def test_no_text_holds_it_up(written: str) -> None:
    begun = time.process_time()
    Pattern(written).matches("a" * 300 + "!")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("written", ["(", "a{99999999999999999999}", "[b", "*"])
def test_what_is_no_expression_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no regular expression"):
        Pattern(written)


def test_a_text_that_is_too_long_is_no_match() -> None:
    assert Pattern("a*").matches("a" * 8192)
    assert not Pattern("a*").matches("a" * 8193)


def test_patterns_of_the_same_text_are_equal() -> None:
    assert Pattern("a+") == Pattern("a+")
    assert Pattern("a+") != Pattern("a*")
