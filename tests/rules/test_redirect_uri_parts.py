"""Redirect URIs compared part by part."""

from __future__ import annotations

import pytest

from oauthctl.rules.redirect_uri_parts import differences, is_covered, is_private_host, misplaced_wildcard, nearest


@pytest.mark.parametrize(
    ("sent", "other", "parts"),
    [
        ("https://a.example/cb", "https://a.example/cb", []),
        ("http://a.example/cb", "https://a.example/cb", ["scheme"]),
        ("https://a.example/cb/", "https://a.example/cb", ["slash"]),
        ("https://a.example", "https://a.example/", ["slash"]),
        ("https://a.example/CB", "https://a.example/cb", ["case"]),
        ("http://localhost:1/cb", "http://localhost:2/cb", ["port"]),
        ("http://localhost:1/cb", "http://127.0.0.1:1/cb", ["host"]),
        ("https://a.example/cb?x=1", "https://a.example/cb", ["query"]),
        ("https://a.example:443/cb", "https://a.example/cb", ["whole"]),
        ("com.example.app:/cb", "com.example.app:/other", ["path"]),
        ("http://[broken", "https://a.example/cb", ["whole"]),
    ],
)
def test_each_part_that_differs_is_named(sent: str, other: str, parts: list[str]) -> None:
    assert [one.part for one in differences(sent, other)] == parts


def test_the_nearest_is_the_one_that_differs_least() -> None:
    registered = ("https://b.example/other", "https://a.example/cb/", "https://a.example/")
    assert nearest("https://a.example/cb", registered) == "https://a.example/cb/"


def test_a_wildcard_counts_at_the_end_alone() -> None:
    assert is_covered("https://a.example/x", ("https://a.example/*",))
    assert not is_covered("https://a.example/x", ("https://*.example/x",))
    assert misplaced_wildcard("https://a.example/x", ("https://*.example/x",)) == "https://*.example/x"


@pytest.mark.parametrize(
    ("host", "is_private"),
    [
        ("192.168.1.2", True),
        ("10.0.0.1", True),
        ("nas.local", True),
        ("fd00::1", True),
        ("127.0.0.1", False),
        ("localhost", False),
        ("8.8.8.8", False),
    ],
)
def test_a_private_host_is_no_loopback(host: str, is_private: bool) -> None:
    assert is_private_host(host) is is_private
