"""The tables are read as any TOML parser reads them."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from oauthctl.rules.tables import read_quickly


@pytest.mark.parametrize("name", ["dialects.toml", "log_words.toml"])
def test_a_table_is_read_as_toml(name: str) -> None:
    text = files("oauthctl.rules").joinpath(name).read_text("utf-8")
    assert read_quickly(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "value", ['"a"', '""', '"a \\"b\\" \\\\ \\n"', "'a\"b'", "''", "'''a'b\\d'''", '["a", "b"]', "[]", '["a, b", "c"]']
)
def test_a_value_is_read_as_toml(value: str) -> None:
    text = f"# words\n\n[[one]]\nname = {value}\n"
    assert read_quickly(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "line",
    [
        "name = 1",
        'name = "a" # b',
        'name="a"',
        'name = "\\u00e9"',
        'name = "a',
        "name = '''a",
        "name = [1]",
        "name = ['a']",
        "[one]",
        'a.b = "c"',
    ],
)
def test_what_is_written_in_another_way_is_left_to_the_parser(line: str) -> None:
    assert read_quickly(f"[[one]]\n{line}\n") is None


def test_a_name_that_comes_twice_is_left_to_the_parser() -> None:
    assert read_quickly('[[one]]\nname = "a"\nname = "b"\n') is None
    assert read_quickly('name = "a"\n[[one]]\n') is None
