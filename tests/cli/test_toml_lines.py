"""Where things stand in a TOML file."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.cli.toml_lines import Way, line_of
from oauthctl.store.toml import dumps_deep
from tests.cli.test_serve_tables import ISSUERS, WHOLE


@pytest.mark.parametrize(
    ("text", "way", "line"),
    [
        (WHOLE, ("lifetimes",), "[lifetimes]"),
        (WHOLE, ("lifetimes", "id-token"), "id-token = 120"),
        (WHOLE, ("scope", 2, "name"), 'name = "orders.read"'),
        (WHOLE, ("user", 1, "claims", "roles"), 'roles = ["buyer"]'),
        (WHOLE, ("client", 2, "tls_client_auth_san_dns"), 'tls_client_auth_san_dns = "machine.test"'),
        (WHOLE, ("resource", 1, "dpop"), "[[resource]]"),
        (ISSUERS, ("issuer", 1, "client", 1, "name"), 'name = "Shop of one"'),
        (ISSUERS, ("issuer", 2, "key", 1, "alg"), 'alg = "ES256"'),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2", ("a", 2, "b", 1, "c"), "c = 2"),
        ("[a]\nb.c = 1", ("a", "b", "c"), "b.c = 1"),
        ('["a"]\n"b" = 1', ("a", "b"), '"b" = 1'),
        ('[a]\n"b.c" = 1\nb.c = 2', ("a", "b.c"), '"b.c" = 1'),
        ('[a]\n"b.c" = 1\nb.c = 2', ("a", "b", "c"), "b.c = 2"),
        ('"\\u0061" = 1', ("a",), '"\\u0061" = 1'),
        ('a = [\n  "x",  # [b]\n  "y=",\n]\nb = 1', ("a", 2), '  "y=",'),
        ('a = [\n  "x",\n]\nb = 1', ("b",), "b = 1"),
        ('a = "x"', ("a", 1), 'a = "x"'),
        ("a = [\n  {b = 1},\n  {b = 2, c.d = [3]},\n]", ("a", 2, "c", "d", 1), "  {b = 2, c.d = [3]},"),
        ('a = """\n[b]\nc = ""\n"""\n[b]\nc = 2', ("b", "c"), "c = 2"),
        ("a = '''\n[b]\n'''\n[b] # here", ("b",), "[b] # here"),
        ("[[a]]\nb = 1\n[[a]]", ("a",), "[[a]]"),
        ("a = { # c\n", ("a",), "a = { # c"),
    ],
)
def test_a_place_is_found_by_its_way(text: str, way: tuple[str | int, ...], line: str) -> None:
    assert text.splitlines()[line_of(text, way) - 1] == line


@given(st.text(st.sampled_from('[]=."# \nab1'), max_size=60), st.lists(st.sampled_from(["a", "b", 1]), max_size=4))
def test_whatever_the_text_the_line_is_one_of_it(text: str, way: list[str | int]) -> None:
    assert 0 <= line_of(text, tuple(way)) <= len(text.splitlines())


@pytest.mark.parametrize("way", [("client", 3), ("nothing",), ()])
def test_what_is_not_there_has_no_line(way: tuple[str | int, ...]) -> None:
    assert line_of(WHOLE, way) == 0


_NAMES = st.sampled_from(["a", "b", "a.b", "[c]", "d = 1", "é", "f#"])
_TEXTS = st.text(st.sampled_from("[]{}=.,#\"' \n\\ab"), max_size=8)
_TREES = st.recursive(
    _TEXTS | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(_NAMES, _TREES, max_size=4))
def test_whatever_is_written_is_found_on_the_line_that_sets_it(document: dict[str, Any]) -> None:
    text = dumps_deep(document)
    lines = text.splitlines()
    for way, value in _leaves(tomllib.loads(text)):
        line = lines[line_of(text, way) - 1]
        assert next(step for step in reversed(way) if isinstance(step, str)) in line
        assert not isinstance(value, int) or str(value).lower() in line


def _leaves(value: Any, way: Way = ()) -> list[tuple[Way, Any]]:
    inner = enumerate(value, 1) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return [leaf for step, one in inner for leaf in _leaves(one, (*way, step))] or ([(way, value)] if way else [])
