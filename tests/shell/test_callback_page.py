from __future__ import annotations

import base64
import hashlib
import re

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.shell.callback_page import (
    ended_page,
    error_page,
    failure_page,
    fragment_page,
    refused_page,
    render,
    success_page,
    used_page,
)

PAGES = {
    "success": render(success_page(profile="work", issuer="https://op.example", subject="alice")),
    "failure": render(
        failure_page(BadAnswer("no", slug="a-b", where="exchange 1", sent="x", got="y", spec="RFC 6749", notes=("n",), help="h"))
    ),
    "refused": render(refused_page("its `state` is wrong")),
    "used": render(used_page()),
    "ended": render(ended_page()),
    "error": error_page(431),
    "fragment": fragment_page(),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_policy_allows_exactly_the_pages_own_style_and_script(name):
    page = PAGES[name]
    policy = page.headers.get("content-security-policy") or ""
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", PAGES)
def test_every_page_cleans_the_address_and_loads_nothing(name):
    page = PAGES[name]
    assert "history.replaceState(null,'',location.pathname)" in page.text
    assert not re.search(r"(src|href)=(?![\"']?data:)", page.text)
    assert not re.search(r"\son\w+=", page.text)
    assert page.headers.get("cache-control") == "no-store"
    assert page.headers.get("referrer-policy") == "no-referrer"


HOSTILE = "</p><script>alert(1)</script>\"'&\x00\x1b[31m\u202e"


@pytest.mark.parametrize(
    "page",
    [
        success_page(profile=HOSTILE, issuer=HOSTILE, subject=HOSTILE),
        failure_page(BadAnswer(HOSTILE, slug=HOSTILE, where=HOSTILE, sent=HOSTILE, got=HOSTILE, notes=(HOSTILE,), help=HOSTILE)),
        refused_page(HOSTILE),
    ],
)
def test_what_others_say_is_escaped(page):
    text = render(page).text
    assert text.count("<script>") == 1
    assert "alert(1)&lt;/script&gt;" in text
    assert not re.search(r"[\x00\x1b\u202e]", text)


def test_success_says_who_signed_in_where():
    for wanted in ("You are signed in", "You can close this window", "work", "https://op.example", "alice"):
        assert wanted in PAGES["success"].text


def test_failure_says_what_and_why_and_what_to_do():
    text = render(failure_page(BadAnswer("the callback's `iss` is wrong", slug="issuer-mixed-up", help="look at `iss`"))).text
    for wanted in (
        "The callback&#x27;s <code>iss</code> is wrong.",
        "issuer-mixed-up",
        "What to do: look at <code>iss</code>.",
        "Nothing was stored",
    ):
        assert wanted in text


def test_very_long_texts_are_cut():
    assert len(render(refused_page("x" * 100_000)).body) < 10_000
