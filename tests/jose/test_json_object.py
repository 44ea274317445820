"""JSON that has to be read alike by all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.jose.json_object import MAX_DEPTH, read_strictly
from oauthctl.jose.sign import encode_part


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the body is no JSON"),
        ("{", "the body is no JSON"),
        ("{'a': 1}", "the body is no JSON"),
        (b'{"a":"\xff"}', "the body is not UTF-8"),
        ("[NaN]", "the body has NaN or Infinity"),
        ("[-Infinity]", "the body has NaN or Infinity"),
        ("[1e999]", "the body has a number that no program can hold"),
        ("9" * 500, "the body has a number that no program can hold"),
        ('["\\ud800"]', "the body has half a surrogate pair"),
        ('{"\\udc00": 1}', "the body has half a surrogate pair"),
        ('["\ud800"]', "the body is not UTF-8"),
        ('{"a": 1, "a": 1}', "a member of the body occurs more than once"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "the body is nested too deeply"),
        ("[" * 200_000, "the body is nested too deeply"),
    ],
)
def test_what_readers_differ_on_is_refused(text: str | bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_strictly(text, "the body")


@pytest.mark.parametrize("text", ["null", " 1.5 ", '"\\ud83d\\ude00"', '["é"]', "[" * MAX_DEPTH + "]" * MAX_DEPTH])
def test_what_is_json_is_read(text: str) -> None:
    assert read_strictly(text, "the body") == json.loads(text)


@given(st.text(alphabet='[]{}",:\\\\udU8cC0123456789eE+-.NaInfity \ud800é') | st.binary())
def test_what_is_read_can_be_signed(text: str | bytes) -> None:
    try:
        value = read_strictly(text, "the body")
    except ValueError:
        return
    assert encode_part({"value": value})


@pytest.mark.parametrize("value", ["\ud800", float("nan"), float("inf"), {"\ud800": 1}])
def test_what_json_can_not_hold_is_not_signed(value: object) -> None:
    with pytest.raises(ConfigError, match="can't be signed"):
        encode_part({"value": value})
