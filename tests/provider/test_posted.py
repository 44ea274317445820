"""Authorization requests by POST. Source: OpenID Connect Core 1.0 section 3.1.2.1."""

from __future__ import annotations

import json

import pytest

from oauthctl.http import FORM, Params, Response
from oauthctl.provider.posted import PREFIX as POSTED
from oauthctl.provider.pruning import REQUESTS
from oauthctl.provider.pushed import LONGEST
from oauthctl.provider.pushed import PREFIX as PUSHED
from tests.provider.world import CALLBACK, CHALLENGE, World, callback, document, last_form

REQUEST = {
    "response_type": "code",
    "client_id": "public",
    "redirect_uri": CALLBACK,
    "scope": "openid items.read",
    "state": "state-1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
LONG = REQUEST | {"state": "s" * 60_000}


def posted(world: World, form: dict[str, str]) -> Response:
    """The first answer to another site's POST, with which no cookie comes along."""
    return world.post("/authorize", form)


def sent_on(world: World, form: dict[str, str]) -> str:
    return posted(world, form).headers.get("location") or ""


def test_a_long_request_ends_with_tokens_and_never_becomes_a_url() -> None:
    world = World()
    address = sent_on(world, LONG)
    page = world.sign_in(world.browse(address))
    assert max(len(address), len(last_form(page)[0])) < 200
    answer = callback(world.allow(page))
    assert answer.get("state") == LONG["state"]
    assert "access_token" in document(world.redeem(answer.get("code") or ""))


def test_who_is_signed_in_already_is_not_asked_again() -> None:
    world = World()
    world.answer(scope=REQUEST["scope"])
    assert callback(world.browse(sent_on(world, REQUEST))).get("code")


def test_a_posted_request_is_answered_once() -> None:
    world = World()
    address = sent_on(world, REQUEST)
    assert world.browse(address).status == world.browse(address).status == 200
    world.allow(world.sign_in(world.browse(address)))
    again = world.browse(address)
    assert (again.status, "this request was answered" in again.text.lower()) == (400, True)


def test_it_is_not_kept_for_ever() -> None:
    world = World()
    address = sent_on(world, REQUEST)
    world.wait(601)
    assert "came more than 10 minutes ago" in world.browse(address).text


def test_a_form_is_for_one_request_only() -> None:
    world = World()
    one, other = (world.browse(sent_on(world, REQUEST | {"state": state})) for state in ("one", "other"))
    action, _ = last_form(one)
    _, fields = last_form(other)
    assert world.browse(action, Params((*fields, ("username", "alice"), ("password", "alice")))).status == 403


def test_what_is_too_long_is_refused_on_a_page() -> None:
    world = World()
    answer = posted(world, REQUEST | {"state": "s" * LONGEST})
    assert (answer.status, answer.content_type, world.state.log[-1].error) == (413, "text/html", "invalid_request")
    assert not world.state.posted


def test_many_of_them_are_not_all_kept() -> None:
    world = World()
    first, *_, last = (sent_on(world, REQUEST) for _ in range(REQUESTS + 2))
    assert (world.browse(first).status, world.browse(last).status) == (400, 200)
    assert len(world.state.posted) <= REQUESTS + 1


def test_what_a_client_pushed_stays_whoever_posts() -> None:
    world = World()
    reference = document(world.post("/par", REQUEST))["request_uri"]
    for _ in range(REQUESTS + 2):
        posted(world, {"client_id": "nobody"})
    assert world.browse(f"/authorize?{Params.of({'client_id': 'public', 'request_uri': reference}).encode()}").status == 200


@pytest.mark.parametrize("request_uri", ["https://client.example/request.jwt", f"{PUSHED}unknown", f"{POSTED}unknown"])
def test_a_reference_goes_on_as_it_is(request_uri: str) -> None:
    world = World()
    address = sent_on(world, REQUEST | {"request_uri": request_uri})
    assert Params.parse(address.partition("?")[2]).get("request_uri") == request_uri
    assert world.browse(address).status == 400
    assert not world.state.posted


@pytest.mark.parametrize("request_uri", ["x", "https://client.example/request.jwt", f"{PUSHED}unknown"])
def test_what_goes_on_with_a_reference_stays_as_short_as_a_url(request_uri: str) -> None:
    answer = posted(World(), REQUEST | {"request_uri": request_uri, "state": "s" * 8000})
    assert (answer.status, "location" in answer.headers) == (413, False)


def test_an_empty_reference_is_none() -> None:
    world = World()
    assert len(sent_on(world, LONG | {"request_uri": ""})) < 200
    assert posted(world, REQUEST | {"request_uri": "", "state": "s" * LONGEST}).status == 413
    for page in (world.browse(sent_on(world, REQUEST | {"request_uri": ""})), world.ask(request_uri="")):
        assert b'name="password"' in page.body


def test_it_is_the_request_of_one_client() -> None:
    world = World()
    page = world.browse(sent_on(world, REQUEST).replace("client_id=public", "client_id=web"))
    assert (page.status, "with another client_id" in world.state.log[-1].reason) == (400, True)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", Params.of(REQUEST).encode()),
        ("application/json", json.dumps(REQUEST)),
        ("", Params.of(REQUEST).encode()),
        (FORM, ""),
    ],
)
def test_what_is_no_form_is_refused_on_a_page(content_type: str, body: str) -> None:
    world = World()
    answer = world.send("POST", "/authorize?client_id=public", headers={"Content-Type": content_type}, body=body.encode())
    assert (answer.status, answer.content_type, world.state.log[-1].error) == (400, "text/html", "invalid_request")
    assert not world.state.posted


@pytest.mark.parametrize("form", [{"scope": ""}, {"client_id": "nobody"}, REQUEST | {"redirect_uri": "https://evil.example/"}])
def test_an_error_that_can_not_be_sent_on_is_a_page(form: dict[str, str]) -> None:
    world = World()
    page = world.browse(sent_on(world, form))
    assert (page.status, page.content_type) == (400, "text/html")
