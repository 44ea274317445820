"""The TOML writer, held against the reader of Python's library."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.store.toml import dumps, dumps_deep

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.times(),
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12)


@given(st.dictionaries(texts, values, max_size=6))
def test_whatever_is_written_reads_back_the_same(document):
    assert tomllib.loads(dumps(document)) == document


@given(st.dictionaries(texts, values, max_size=6))
def test_tables_in_tables_read_back_the_same(document):
    assert tomllib.loads(dumps_deep(document)) == document


def test_lists_of_tables_have_headers_of_their_own():
    document = {"a": 1, "b": [{"c": 2, "d": [{"e": 3}]}, {"f": {"g g": 4}}], "h": []}
    headers = ["[[b]]", "[[b.d]]", "[[b]]", "[b.f]"]
    assert [line for line in dumps_deep(document).splitlines() if line.startswith("[")] == headers


@given(texts)
def test_a_string_stays_on_one_line(text):
    assert len(dumps({"a": text}).splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"',
        "'",
        '"""',
        "\\",
        "\\u0041",
        "a\nb",
        "a\r\nb",
        "\t",
        "\x00",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\u2028",
        "ü",
        "😀",
        "# no comment",
        "[x]",
    ],
)
def test_awkward_strings(text):
    document = {text: text, "table": {text: [text]}}
    assert tomllib.loads(dumps(document)) == document


def test_the_layout_is_for_people():
    document = {"issuer": "https://op.example", "endpoints": {"token_endpoint": "https://op.example/token"}, "scope": ["openid", "email"]}
    assert dumps(document) == (
        'issuer = "https://op.example"\nscope = ["openid", "email"]\n\n[endpoints]\ntoken_endpoint = "https://op.example/token"\n'
    )


def test_true_is_no_number_and_times_stay_times():
    document = {"a": True, "b": 1, "c": 1e16, "d": date(2026, 11, 21), "e": time(1, 2), "f": datetime(2026, 11, 21, tzinfo=UTC)}
    read = tomllib.loads(dumps(document))
    assert read == document
    assert read["a"] is True
    assert isinstance(read["c"], float)


@pytest.mark.parametrize("value", [None, b"bytes", object(), "\ud800", [None], {"a": None}])
def test_what_toml_does_not_know_is_an_error(value):
    with pytest.raises(ConfigError):
        dumps({"a": value})
