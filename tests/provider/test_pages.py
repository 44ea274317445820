"""Nothing that comes from outside gets into a page as anything but text."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.http import Params, Response
from oauthctl.provider import pages
from oauthctl.provider.client import Client
from tests.provider.world import ISSUER, World, practice_state, with_client

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus='",
    "</style><script>alert(1)</script>",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "\u202e\x00\x1b[31m",
]
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "header", "p", "h1", "h2", "strong", "form", "input", "label", "div"}
TAGS |= {"button", "ul", "li", "span", "code", "br", "script", "table", "dl", "dt", "dd", "thead", "tbody", "tr", "th", "td"}
TAGS |= {"section", "a", "pre", "details", "summary", "time", "iframe", "h3"}
ATTRIBUTES = {
    "lang",
    "charset",
    "name",
    "content",
    "class",
    "role",
    "method",
    "action",
    "type",
    "value",
    "for",
    "id",
    "autocomplete",
    "src",
}
ATTRIBUTES |= {
    "autocapitalize",
    "spellcheck",
    "placeholder",
    "required",
    "autofocus",
    "formnovalidate",
    "scope",
    "href",
    "aria-labelledby",
    "open",
    "checked",
    "title",
    "target",
    "aria-describedby",
}


class Reader(HTMLParser):
    """Collects what a browser would take for tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def assert_harmless(page: Response, scripts: int = 0) -> None:
    reader = Reader()
    reader.feed(page.text)
    assert set(reader.tags) <= TAGS
    assert set(reader.attributes) <= ATTRIBUTES
    assert reader.tags.count("script") == scripts


def assert_locked(page: Response) -> None:
    policy = page.headers.get("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers.get("cache-control") == "no-store"
    assert page.headers.get("x-frame-options") == "DENY"
    assert page.headers.get("referrer-policy") == "no-referrer"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_in_a_request_stay_text(payload: str) -> None:
    world = World(with_client(practice_state(name=payload), "public", name=payload))
    page = world.ask(state=payload, nonce=payload, login_hint=payload)
    for seen in (page, world.sign_in(page, payload, payload), world.sign_in(world.ask(state=payload))):
        assert_harmless(seen)
        assert_locked(seen)
    posted = world.allow(world.sign_in(world.ask(state=payload, response_mode="form_post", prompt="login consent")))
    assert_harmless(posted, scripts=1)
    values = [unescape(value) for value in re.findall(r'name="state" value="([^"]*)"', posted.text)]
    assert values == [payload]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_in_what_is_refused_stay_text(payload: str) -> None:
    world = World()
    for query in ({"client_id": payload}, {"client_id": "public", "redirect_uri": payload}):
        page = world.get("/authorize?" + Params.of(query).encode())
        assert_harmless(page)
        assert_locked(page)
    assert_harmless(world.get("/end_session?" + Params.of({"id_token_hint": payload, "client_id": payload}).encode()))


@given(values=st.tuples(st.text(), st.text(), st.text(), st.text()))
def test_no_text_breaks_out_of_a_page(values: tuple[str, str, str, str]) -> None:
    client, username, problem, meaning = values
    assert_harmless(
        pages.sign_in_page(client, action=username, client=client, csrf=problem, username=username, current=meaning, problem=problem)
    )
    assert_harmless(
        pages.consent_page(
            client, action=username, client=client, csrf="x", username=username, scopes={problem: meaning}, redirect_uri=client
        )
    )
    assert_harmless(pages.error_page(client, problem, meaning))
    assert_harmless(
        pages.form_post_page(client, action="https://a.example/", params=Params(((client, meaning),)), script="/x.js"), scripts=1
    )


@pytest.mark.parametrize(
    ("redirect_uri", "source"),
    [
        ("http://127.0.0.1:49152/callback", "http://127.0.0.1:49152"),
        ("https://app.example/cb?x=;default-src *", "https://app.example"),
        ("http://[::1]:8080/callback", "http:"),
        ("com.example.app:/callback", "com.example.app:"),
    ],
)
def test_a_form_may_lead_to_the_client_and_nowhere_else(redirect_uri: str, source: str) -> None:
    assert pages.form_target(redirect_uri) == source


def test_the_start_page_lists_everything_but_secrets() -> None:
    page = World(practice_state(is_controllable=True)).get("/")
    for text in (ISSUER + "/token", "alice", "public", "items.read"):
        assert text in page.text
    assert "practice secret" not in page.text
    assert "That of the practice clients stands in the terminal" in page.text
    assert "http://127.0.0.1/callback</code> (any port)" in page.text
    assert "http://localhost:8080/callback</code><br>" in page.text
    assert_harmless(page)
    assert_locked(page)
    assert "frame-src 'self'" in (page.headers.get("content-security-policy") or "")


def test_what_stands_in_a_frame_of_ours_stands_in_no_other() -> None:
    world = World(practice_state(is_controllable=True))
    framed, whole = world.get("/?requests=0"), world.get("/?requests")
    assert "frame-ancestors 'self'" in (framed.headers.get("content-security-policy") or "")
    assert framed.headers.get("x-frame-options") == "SAMEORIGIN"
    assert b"<form" not in framed.body
    assert_locked(whole)


def test_a_refused_redirect_uri_is_told_beside_those_that_take_any_port_and_the_log_is_a_link() -> None:
    page = World(practice_state(is_controllable=True)).ask(redirect_uri="http://127.0.0.1:5000/cb").text
    exact, any_port = page.partition("registered for this client, with any port")[::2]
    assert "http://localhost:3000/callback" in exact
    assert "http://127.0.0.1/callback" not in exact
    assert "http://127.0.0.1/callback" in any_port
    assert '<a href="/#requests">has logged the error</a>' in page
    assert "has logged the error" in World().ask(redirect_uri="http://127.0.0.1:5000/cb").text


@pytest.mark.parametrize("path", ["/nowhere", "/token"])
def test_a_page_about_an_address_that_is_none_leads_to_the_start_page(path: str) -> None:
    assert '<a href="/">Go to the start page</a>' in World().get(path, Accept="text/html").text


@pytest.mark.parametrize("kind", ["sign-in", "consent"])
def test_the_buttons_are_gone_through_in_the_order_in_which_they_are_seen(kind: str) -> None:
    world = World()
    page = world.ask() if kind == "sign-in" else world.sign_in(world.ask())
    assert page.text.index('value="allow"') < page.text.index('value="deny"')
    assert "row-reverse" not in page.text


def test_where_others_reach_it_the_start_page_has_no_people_and_no_requests() -> None:
    world = World(practice_state(is_controllable=False))
    page = world.get("/")
    assert ISSUER + "/token" in page.text
    assert not any(text in page.text for text in ("alice", "Password", "Requests"))
    assert world.get("/?requests").status == 403


def test_the_start_page_stays_a_page_whatever_clients_say_of_themselves() -> None:
    uris = tuple(f"https://shop.example/{'p' * 1900}{number}" for number in range(100))
    clients = {name: Client(name, "n" * 2000, redirect_uris=uris) for name in (f"client-{number}" for number in range(1000))}
    page = World(practice_state(clients=clients)).get("/").text
    assert len(page) < 200_000
    assert "and 950 more" in page
    assert page.count("<br>and 95 more") == 50
