"""Request objects that the provider fetches from where the client keeps them (RFC 9101 section 5.2)."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from oauthctl.http import JSON, Headers, Params, Request, Response
from oauthctl.provider.moment import Moment, base64url
from oauthctl.provider.request_reference import fetched, is_request_uri, needed
from tests.provider.test_request_object import KEY, OTHER, packed, world
from tests.provider.world import CALLBACK, ISSUER, START, World, callback, document

URI = "https://app.example/request.jwt"
TYPE = "application/oauth-authz-req+jwt"


def there(**changes: Any) -> World:
    return world(request_uris=(URI,), **changes)


def request(uri: str = URI, *, method: str = "GET", **beside: str) -> Request:
    return Request(method, f"{ISSUER}/authorize?" + Params.of({"client_id": "public", "request_uri": uri, **beside}).encode())


def served(body: str, content_type: str = TYPE, status: int = 200) -> Response:
    return Response(status, Headers.of({"Content-Type": content_type}), body.encode())


def ask(at: World, answer: Response | None, uri: str = URI, **beside: str) -> Response:
    """What the browser sees when it brings this URL, at which the provider finds this."""
    asked, moment = request(uri, **beside), Moment(at.now, b"")
    if needed(at.state, asked, moment):
        at.state = fetched(at.state, asked, answer, moment)
    return at.browse(asked.url)


def with_hash(body: str) -> str:
    return f"{URI}#{base64url(hashlib.sha256(body.encode()).digest())}"


@pytest.mark.parametrize("content_type", [TYPE, f"{TYPE.upper()}; charset=utf-8", "application/jwt"])
def test_what_is_asked_for_at_the_reference_is_granted(content_type: str) -> None:
    at, compact = there(), packed()
    page = at.sign_in(ask(at, served(f"{compact}\n", content_type)))
    code = callback(at.allow(page) if page.status == 200 else page).get("code") or ""
    assert document(at.redeem(code))["scope"] == "openid profile items.read"
    assert not at.state.fetched_requests
    assert callback(ask(at, served(compact))).get("error_description") == "the request object was used before"


def test_the_hash_in_the_fragment_is_that_of_what_was_fetched() -> None:
    at, compact = there(), packed()
    assert b'name="password"' in ask(at, served(compact), with_hash(compact)).body
    assert b"SHA-256 hash" in ask(at, served(packed(state="other")), with_hash(packed(jti="another"))).body


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "could not be fetched"),
        (served("gone", status=404), "status 404"),
        (served(packed(), "text/html; charset=utf-8"), "text/html, not application/oauth-authz-req+jwt"),
        (served(packed(), ""), "of no content type"),
    ],
    ids=["no answer", "not found", "a page", "no type"],
)
def test_what_is_no_request_object_is_told_on_a_page(answer: Response | None, said: str) -> None:
    at = there()
    page = ask(at, answer)
    assert (page.status, at.state.log[-1].error) == (400, "invalid_request_uri")
    assert said in page.text


def test_what_is_no_jwt_is_told_to_the_client_where_it_is_known_how() -> None:
    back = callback(ask(there(), served("not a jwt"), redirect_uri=CALLBACK))
    assert (back.get("error"), back.get("error_description")) == ("invalid_request_object", "the request object is no JWT")


@pytest.mark.parametrize(
    ("compact", "said"),
    [
        (packed(OTHER.with_(kid=KEY.kid)), "signature"),
        (packed(aud="https://other.example"), "aud"),
        (packed(request_uri=URI), "can't hold another"),
        (packed(scope=["openid", "email"]), "scope"),
    ],
    ids=["another key", "another server", "nested", "a parameter twice"],
)
def test_a_wrong_object_is_told_to_the_client(compact: str, said: str) -> None:
    back = callback(ask(there(), served(compact)))
    assert said in (back.get("error_description") or "")
    assert (back.get("error") or "").startswith("invalid_")


@pytest.mark.parametrize(
    ("uri", "beside", "said"),
    [
        ("https://app.example/other.jwt", {}, "not registered"),
        (URI, {"request": packed()}, "can&#x27;t be used together"),
        ("http://169.254.169.254/latest", {}, "not registered"),
    ],
)
def test_a_reference_that_must_not_be_is_refused_unfetched(uri: str, beside: dict[str, str], said: str) -> None:
    at = there()
    assert needed(at.state, request("https://app.example/other.jwt"), Moment(START, b"")) == ""
    assert said in ask(at, served(packed()), uri, **beside).text


def test_two_references_are_one_too_many() -> None:
    at = there()
    assert "once each" in at.browse(request().url + "&request_uri=https%3A%2F%2Fevil.example%2F").text


def test_the_forms_are_about_the_object_that_was_seen_and_a_new_page_about_a_new_one() -> None:
    at = there()
    moment = Moment(START, b"")
    first = served(packed())
    at.state = fetched(at.state, request(), first, moment)
    assert needed(at.state, request(method="POST"), moment) == ""
    assert needed(at.state, request(), moment) == URI
    before = at.state.fetched_requests
    at.state = fetched(at.state, request(), None, moment)
    assert at.state.fetched_requests == before, "an object that is handed out only once stays good"
    later = Moment(START + timedelta(seconds=301), b"")
    assert needed(at.state, request(method="POST"), later) == URI


@pytest.mark.parametrize(
    ("uri", "is_one"),
    [
        (URI, True),
        (f"{URI}#47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", True),
        ("http://127.0.0.1:8000/r", True),
        ("http://app.example/r", False),
        ("https://app.example/", False),
        ("https://user@app.example/r", False),
        ("https://app.example\\@127.0.0.1/r", False),
        ("file:///etc/passwd", False),
        ("https://app.example/" + "r" * 500, False),
        ("urn:example:request", False),
        ("", False),
    ],
)
def test_what_a_client_may_register(uri: str, is_one: bool) -> None:
    assert is_request_uri(uri) is is_one
    metadata = {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "request_uris": [uri]}
    answer = World().send("POST", "/register", headers={"Content-Type": JSON}, body=json.dumps(metadata).encode())
    assert answer.status == (201 if is_one else 400)


def test_the_metadata_says_so() -> None:
    told = document(World().get("/.well-known/openid-configuration"))
    assert (told["request_uri_parameter_supported"], told["require_request_uri_registration"]) == (True, True)
