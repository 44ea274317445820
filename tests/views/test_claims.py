from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.views.claims import claims_table
from oauthctl.views.lines import plain


def rows(claims: dict[str, object]) -> list[tuple[str, ...]]:
    return [tuple(plain(cell) for cell in row) for row in claims_table(claims).rows]


def test_claims_stand_in_their_order_with_their_meaning() -> None:
    shown = rows({"sub": "248289761001", "given_name": "Jane", "x_vendor": "y"})
    assert [row[:2] for row in shown] == [("sub", "248289761001"), ("given_name", "Jane"), ("x_vendor", "y")]
    assert [bool(row[2]) for row in shown] == [True, True, False]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        (["a", 1], '["a", 1]'),
        ({"locality": "Zürich"}, '{"locality": "Zürich"}'),
        ("true", "true"),
    ],
)
def test_text_is_shown_bare_and_the_rest_as_json(value: object, text: str) -> None:
    assert rows({"claim": value})[0][1] == text


def test_no_claims_are_no_rows() -> None:
    assert claims_table({}).rows == ()


TEXT = st.text("a\x1b\x9b\x07\u202e\n")


@given(st.dictionaries(TEXT, st.recursive(st.none() | TEXT, st.lists, max_leaves=5), max_size=5))
def test_nothing_in_a_claim_steers_a_terminal(claims: dict[str, object]) -> None:
    for row in rows(claims):
        assert not any(sign in "".join(row) for sign in ("\x1b", "\x9b", "\x07", "\u202e"))
    assert len(rows(claims)) == len(claims)


def test_a_value_that_is_json_can_be_read_back() -> None:
    address = {"formatted": "1 Example Street\nSpringfield"}
    assert json.loads(rows({"address": address})[0][1]) == address
