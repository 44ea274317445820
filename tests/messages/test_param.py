from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.messages.param import (
    Message,
    Param,
    Reader,
    anything,
    boolean,
    fields_of,
    members,
    moment,
    number,
    secret_names,
    text,
    texts,
    words,
)
from oauthctl.specs import Section

RFC = Section("RFC 6749", "4.1.1")
MESS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


class Base(Message):
    title: ClassVar[str] = "base"

    state = Param(text, RFC, "opaque value")
    password = Param(text, RFC, "a password", secret=True)


class Derived(Base):
    count = Param(number, RFC, "how many")
    size = Param(number, RFC, "how large", wire_name="x-size")


@pytest.mark.parametrize(
    ("reader", "raw", "read"),
    [
        (text, "a", "a"),
        (text, "", ""),
        (text, 5, "5"),
        (text, 1.5, "1.5"),
        (text, True, "true"),
        (text, ["a"], None),
        (text, {}, None),
        (words, "a  b ", ("a", "b")),
        (words, "", ()),
        (words, ["a", 1, "b"], ("a", "b")),
        (words, 1, None),
        (texts, "a b", ("a b",)),
        (texts, ["a", None], ("a",)),
        (texts, {"a": 1}, None),
        (number, 3600, 3600.0),
        (number, "3600", 3600.0),
        (number, " 3600 ", 3600.0),
        (number, "1h", None),
        (number, "", None),
        (number, "nan", None),
        (number, "inf", None),
        (number, float("nan"), None),
        (number, float("inf"), None),
        (number, 10**400, None),
        (number, "9" * 5000, None),
        (number, True, None),
        (number, [1], None),
        (moment, 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (moment, "1300819380", datetime(2011, 3, 22, 18, 43, tzinfo=UTC)),
        (moment, 1300819380000, None),
        (moment, 1e250, None),
        (moment, -1e250, None),
        (moment, "soon", None),
        (boolean, True, True),
        (boolean, "False", False),
        (boolean, "yes", None),
        (boolean, 1, None),
        (anything, [1], [1]),
        (members, {"a": 1}, {"a": 1}),
        (members, [], None),
    ],
)
def test_readers_take_what_they_can_and_give_none_otherwise(reader: Reader[object], raw: object, read: object) -> None:
    assert reader(raw) == read


@given(MESS)
def test_no_reader_raises(raw: object) -> None:
    for reader in (text, words, texts, number, moment, boolean, anything, members):
        reader(raw)


def test_parameters_are_typed_properties_over_what_came() -> None:
    message = Derived((("state", "x"), ("count", "7"), ("x-size", 3)), 4)
    assert (message.state, message.count, message.size, message.password) == ("x", 7.0, 3.0, None)
    assert message.exchange == 4
    assert Derived.state.meaning == "opaque value"


def test_a_value_of_the_wrong_type_reads_as_none_and_stays() -> None:
    message = Derived((("count", "many"),))
    assert message.count is None
    assert message.raw("count") == "many"
    assert "count" in message


def test_the_first_value_counts_and_duplicates_are_told() -> None:
    message = Base((("state", "a"), ("x", 1), ("state", "b"), ("x", 2), ("y", 3)))
    assert message.state == "a"
    assert message.all("state") == ("a", "b")
    assert message.duplicated() == ("state", "x")
    assert message.unknown() == ("x", "y")


def test_declared_parameters_are_listed_by_their_name_in_the_message_bases_first() -> None:
    assert tuple(Derived.params()) == ("state", "password", "count", "x-size")
    assert secret_names(Derived, Base) == {"password"}


def test_a_message_becomes_params_with_json_for_what_is_no_string() -> None:
    message = Message(fields_of({"a": "x", "b": None, "c": ["y", 1], "d": True}))
    assert message.as_params().pairs == (("a", "x"), ("c", '["y", 1]'), ("d", "true"))
    assert fields_of([("a", 1), ("a", 2)]) == (("a", 1), ("a", 2))


def test_a_message_shows_no_secret_in_its_representation() -> None:
    message = Base((("state", "visible"), ("password", "hunter2"), ("other", "hidden-too")), 2)
    assert repr(message) == "Base(state='visible', password=…, other=…, exchange=2)"


def test_duplicates_of_a_huge_message_are_found_in_linear_time() -> None:
    message = Base((*((f"a{index}", index) for index in range(100_000)), ("a5", 0)))
    began = time.process_time()
    assert message.duplicated() == ("a5",)
    assert len(message.unknown()) == 100_000
    assert time.process_time() - began < 2
