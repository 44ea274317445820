"""Clients whose identifier is the URL of what they say of themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from oauthctl.http import Headers, Params, Request, Response
from oauthctl.provider.client_document import is_document_url, learned, needed
from oauthctl.provider.moment import Moment
from tests.provider.world import CALLBACK, START, World, document, practice_state

URL = "https://app.example/client.json"
NOW = Moment(START, b"")


def asking(client_id: str = URL, path: str = "/authorize") -> Request:
    return Request("GET", f"http://127.0.0.1:9000{path}?{Params.of({'client_id': client_id}).encode()}")


def answer(status: int = 200, content_type: str = "application/json", **changes: Any) -> Response:
    members = {"client_id": URL, "client_name": "App", "redirect_uris": [CALLBACK], **changes}
    return Response(status, Headers.of({"Content-Type": content_type}), json.dumps(members).encode())


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        (URL, True),
        ("http://127.0.0.1:8000/client", True),
        ("https://app.example:8443/a/b?x=1", True),
        ("http://app.example/client.json", False),
        ("https://app.example", False),
        ("https://app.example/", False),
        ("https://app.example/a#b", False),
        ("https://user@app.example/a", False),
        ("https://app.example/a/../b", False),
        ("https://app.example\\@127.0.0.1/a", False),
        ("file:///etc/passwd", False),
        ("public", False),
        ("", False),
    ],
)
def test_an_identifier_that_is_a_url(url: str, is_one: bool) -> None:
    assert is_document_url(url) is is_one


def test_a_document_is_needed_once_and_again_when_it_is_old() -> None:
    state = practice_state()
    assert needed(state, asking(), NOW) == URL
    state = learned(state, URL, answer(), NOW)
    assert state.clients[URL].name == "App"
    assert state.clients[URL].is_public
    assert needed(state, asking(), NOW) == ""
    assert needed(state, asking(), Moment(START + timedelta(seconds=300), b"")) == URL


@pytest.mark.parametrize("request_", [asking("public"), asking(path="/jwks"), asking(path="/api/items")])
def test_nothing_is_fetched_for_other_requests(request_: Request) -> None:
    assert needed(practice_state(), request_, NOW) == ""


def test_a_closed_provider_fetches_nothing() -> None:
    state = practice_state(takes_registrations=False)
    assert needed(state, asking(), NOW) == ""


def test_such_a_client_signs_in() -> None:
    world = World()
    world.state = learned(world.state, URL, answer(grant_types=["authorization_code", "refresh_token"]), NOW)
    tokens = document(world.redeem(world.code(client_id=URL, scope="openid"), client_id=URL))
    assert {"access_token", "id_token", "refresh_token"} <= tokens.keys()


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (None, "could not be fetched"),
        (answer(404), "404"),
        (answer(302), "302"),
        (answer(content_type="text/html"), "text/html"),
        (Response(200, Headers.of({"Content-Type": "application/json"}), b"["), "no JSON"),
        (Response(200, Headers.of({"Content-Type": "application/json"}), b'{"client_id":"a","client_id":"b"}'), "more than once"),
        (answer(client_id="https://other.example/client.json"), "not the document's URL"),
        (answer(client_secret="x"), "secret"),
        (answer(token_endpoint_auth_method="client_secret_post"), "secret"),
        (answer(redirect_uris=["http://app.example/cb"]), "https"),
    ],
)
def test_a_document_that_is_not_good_makes_no_client_and_is_not_asked_for_at_once(response: Response | None, why: str) -> None:
    state = learned(learned(practice_state(), URL, answer(), NOW), URL, response, NOW)
    assert URL not in state.clients
    assert why in state.log[-1].reason
    assert "asked again after 10 seconds" in state.log[-1].reason
    assert needed(state, asking(), NOW) == ""
    assert needed(state, asking(), Moment(START + timedelta(seconds=10), b"")) == URL


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (None, "could not be fetched"),
        (answer(404, "text/x-secret"), "is not 200 application/json"),
        (answer(client_secret="x"), "have a secret"),
    ],
)
def test_whoever_develops_such_a_client_is_told_what_is_wrong_with_it(response: Response | None, why: str) -> None:
    """How the other machine answered stays in the log: the page would tell it of any URL that somebody names."""
    world = World()
    world.state = learned(world.state, URL, response, NOW)
    page, token = world.ask(client_id=URL), world.redeem("x", client_id=URL)
    assert (page.status, token.status, document(token)["error"]) == (400, 401, "invalid_client")
    for told in (unescape(page.text), document(token)["error_description"]):
        assert "no client with this client_id is registered here: " in told.lower()
        assert why in told
        assert "404" not in told
        assert "x-secret" not in told


def test_a_client_that_is_registered_under_a_url_is_not_overwritten() -> None:
    state = practice_state()
    state = replace(state, clients={**state.clients, URL: state.clients["web"]})
    assert needed(state, asking(), NOW) == ""
