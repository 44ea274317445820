from __future__ import annotations

import pytest

from oauthctl.http import Params, with_query
from tests.provider.world import ISSUER, World, callback, document, practice_state, with_client

HOME = "http://localhost:8080/"


def signed_in() -> tuple[World, str]:
    """A browser that is signed in, and its ID token."""
    world = World()
    return world, document(world.redeem(world.code()))["id_token"]


def visit(world: World, **params: str) -> object:
    return world.browse(with_query(ISSUER + "/end_session", Params.of(params)))


def is_signed_in(world: World) -> bool:
    return callback(world.ask(prompt="none")).get("error") is None


def test_an_id_token_ends_the_session_and_leads_back() -> None:
    world, id_token = signed_in()
    world.wait(3600)
    response = world.browse(
        with_query(ISSUER + "/end_session", Params.of({"id_token_hint": id_token, "post_logout_redirect_uri": HOME, "state": "bye"}))
    )
    assert response.headers.get("location") == HOME + "?state=bye"
    assert not is_signed_in(world)


def test_an_id_token_ends_its_session_from_outside_the_browser() -> None:
    world, id_token = signed_in()
    assert "Signed out" in world.get("/end_session?id_token_hint=" + id_token).text
    assert not is_signed_in(world)


@pytest.mark.parametrize(("decision", "stays"), [("allow", False), ("deny", True)])
def test_without_an_id_token_the_person_is_asked(decision: str, stays: bool) -> None:
    world, _ = signed_in()
    page = world.browse(ISSUER + "/end_session?client_id=public&state=bye&post_logout_redirect_uri=" + HOME)
    assert "Sign out?" in page.text
    assert is_signed_in(world)
    response = world.submit(page, decision=decision)
    assert is_signed_in(world) is stays
    assert response.headers.get("location") == (None if stays else HOME + "?state=bye")


def test_a_forged_form_signs_nobody_out() -> None:
    world, _ = signed_in()
    page = world.browse(ISSUER + "/end_session", Params((("csrf", "x"), ("decision", "allow"))))
    assert "Sign out?" in page.text
    assert is_signed_in(world)


@pytest.mark.parametrize(
    "params",
    [
        {"id_token_hint": "nonsense"},
        {"post_logout_redirect_uri": HOME},
        {"client_id": "public", "post_logout_redirect_uri": "https://evil.example/"},
        {"client_id": "nobody", "post_logout_redirect_uri": HOME},
        {"client_id": "web", "id_token_hint": "TOKEN"},
    ],
)
def test_a_wrong_request_shows_a_page_and_goes_nowhere(params: dict[str, str]) -> None:
    world, id_token = signed_in()
    query = Params.of({name: id_token if value == "TOKEN" else value for name, value in params.items()})
    page = world.browse(with_query(ISSUER + "/end_session", query))
    assert page.status == 400
    assert "location" not in page.headers
    assert world.state.log[-1].endpoint == "end_session"
    assert is_signed_in(world)


def test_someone_elses_id_token_asks_first() -> None:
    world, id_token = signed_in()
    other = World(world.state)
    other.allow(other.sign_in(other.ask(), "bob", "bob"))
    page = other.browse(ISSUER + "/end_session?id_token_hint=" + id_token)
    assert "Sign out?" in page.text


def test_a_token_signed_with_the_client_secret_is_a_good_hint() -> None:
    world = World(with_client(practice_state(), "web", id_token_signed_response_alg="HS256"))
    from tests.provider.world import SECRET

    id_token = document(world.redeem(world.code(client_id="web"), client_id="web", secret=SECRET))["id_token"]
    assert "Signed out" in world.get("/end_session?id_token_hint=" + id_token).text


def test_who_was_not_signed_in_is_not_told_to_be_signed_out_now() -> None:
    assert "Nobody was signed in" in World().browse("/end_session").text
