from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.views.html_excerpt import Excerpt, html_excerpt, is_html

PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Not &amp; found</title>
<style>body { color: red } .a > .b { margin: 0 }</style><script>if (a < b) { alert("<p>no</p>") }</script></head>
<body><!-- nothing --><h1>404</h1><p>There is no such
page.</p><script>var x = 1;</script></body></html>"""


def test_a_page_is_its_title_and_its_first_words() -> None:
    assert html_excerpt(PAGE) == Excerpt("Not & found", "404 There is no such page.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<html><title>Login</title>please</html>", Excerpt("Login", "please")),
        ("<h1>502 Bad Gateway</h1><hr>nginx", Excerpt("", "502 Bad Gateway nginx")),
        ("<head><title>a</title><body>b", Excerpt("a", "b")),
        ("<svg><path d='M0'/><text>no</text></svg>yes", Excerpt("", "yes")),
        ("", Excerpt()),
        ("<", Excerpt("", "<")),
        ("a" * 500, Excerpt("", "a" * 200 + "…")),
    ],
)
def test_odd_pages_give_what_they_have(text: str, expected: Excerpt) -> None:
    assert html_excerpt(text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("", "text/html; charset=utf-8", True),
        ("<!DOCTYPE HTML>", "", True),
        ("\n <html lang=en>", "text/plain", True),
        ("{}", "application/json", False),
        ("<xml/>", "application/xml", False),
    ],
)
def test_a_page_is_known_by_label_or_beginning(text: str, kind: str, expected: bool) -> None:
    assert is_html(text, kind) is expected


@pytest.mark.parametrize("piece", ["<", "<script", "<a>", "<!--", "</", "&#x"])
def test_markup_that_is_made_to_be_slow_is_not(piece: str) -> None:
    started = time.process_time()
    html_excerpt(piece * 200_000)
    assert time.process_time() - started < 2


@given(st.text(alphabet="<>/! -abscriptheadbodytitle&;#x0"))
def test_no_markup_breaks_it(text: str) -> None:
    found = html_excerpt(text)
    assert len(found.title) <= 201
    assert len(found.text) <= 201
