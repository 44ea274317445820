"""Every way in which an authorization request can be wrong, and where its error goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oauthctl.http import Params, with_query
from tests.provider.world import CALLBACK, ISSUER, World, callback, practice_state, with_client

EVIL = "https://evil.example/callback"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": ""}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": EVIL}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "/../evil"}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "?x=1"}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "#x"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1@evil.example/callback"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:80@evil.example/callback"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:49152:80/callback"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1.evil.example/callback"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.2/callback"}, "invalid_request"),
        ({"redirect_uri": "https://127.0.0.1:49152/callback"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:49152/callback"}, "invalid_request"),
        ({"redirect_uri": "HTTP://127.0.0.1:49152/callback"}, "invalid_request"),
        ({"redirect_uri": "//evil.example/callback"}, "invalid_request"),
        ({"redirect_uri": "javascript:alert(1)"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:49152/callback\r\nX: y"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:49152/callback\n"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:49152/callback%0a"}, "invalid_request"),
    ],
)
def test_an_error_before_the_redirect_uri_is_trusted_shows_a_page(changes: dict[str, str | None], error: str) -> None:
    world = World()
    page = world.ask(**changes)
    assert page.status == 400
    assert page.content_type == "text/html"
    assert "location" not in page.headers
    assert f"<code>{error}</code>" in page.text
    assert world.state.log[-1].error == error


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_second_client_or_redirect_uri_is_never_redirected_to(name: str) -> None:
    world = World()
    params = Params((("client_id", "public"), ("redirect_uri", CALLBACK), ("response_type", "code"), (name, EVIL)))
    page = world.browse(with_query(ISSUER + "/authorize", params))
    assert page.status == 400
    assert "location" not in page.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "coupon"}, "unsupported_response_type"),
        ({"response_mode": "carrier-pigeon"}, "invalid_request"),
        ({"scope": "openid nonsense"}, "invalid_scope"),
        ({"scope": 'openid "><script>'}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 129}, "invalid_request"),
        ({"code_challenge": "ä" * 43}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "99999999999"}, "invalid_request"),
        ({"response_type": "code code"}, "invalid_request"),
        ({"dpop_jkt": "x"}, "invalid_request"),
        ({"dpop_jkt": "=" * 43}, "invalid_request"),
        ({"max_age": "²"}, "invalid_request"),
        ({"request": "ey.J.x"}, "invalid_request_object"),
        ({"authorization_details": "{}"}, "invalid_authorization_details"),
        ({"claims": "[]"}, "invalid_request"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_an_error_after_that_goes_back_to_the_client(changes: dict[str, str | None], error: str) -> None:
    world = World()
    response = world.ask(**changes)
    params = callback(response)
    assert (params.get("error"), params.get("state"), params.get("iss")) == (error, "state-1", ISSUER)
    assert (response.headers.get("location") or "").startswith(CALLBACK + "?")
    assert (world.state.log[-1].error, world.state.log[-1].who) == (error, "public")


def test_a_state_without_a_value_does_not_come_back() -> None:
    assert "state" not in World().answer(state="")
    assert "state" not in callback(World().ask(state="", scope="nonsense"))


def test_a_parameter_given_twice_is_refused() -> None:
    world = World()
    params = Params((("client_id", "public"), ("redirect_uri", CALLBACK), ("state", "a"), ("state", "b"), ("response_type", "code")))
    assert callback(world.browse(with_query(ISSUER + "/authorize", params))).get("error") == "invalid_request"


def test_a_client_without_the_code_grant_is_refused() -> None:
    world = World(with_client(practice_state(), "service", redirect_uris=(CALLBACK,)))
    assert callback(world.ask(client_id="service")).get("error") == "unauthorized_client"


def test_a_scope_that_the_client_may_not_have_is_refused() -> None:
    world = World(with_client(practice_state(), "public", scopes=("openid",)))
    assert callback(world.ask(scope="openid items.read")).get("error") == "invalid_scope"


@pytest.mark.parametrize("redirect_uri", ["http://127.0.0.1:1/callback", "http://[::1]:65535/callback", "http://localhost:8080/callback"])
def test_a_native_client_may_use_any_port_of_a_loopback_address(redirect_uri: str) -> None:
    assert World().ask(redirect_uri=redirect_uri).status == 200


def test_only_a_native_client_may_use_any_port() -> None:
    state = with_client(practice_state(), "public", is_native=False)
    assert World(state).ask(redirect_uri="http://127.0.0.1:1/callback").status == 400


def test_without_openid_the_only_registered_redirect_uri_may_be_left_out() -> None:
    world = World(with_client(practice_state(), "public", redirect_uris=(CALLBACK,)))
    answer = world.answer(redirect_uri=None, scope="items.read")
    assert world.redeem(answer.get("code") or "", redirect_uri=None).status == 200


def test_a_confidential_client_may_leave_pkce_out_unless_it_has_to_use_it() -> None:
    asked: dict[str, str | None] = {"client_id": "web", "code_challenge": None, "code_challenge_method": None}
    assert World().ask(**asked).status == 200
    strict = World(with_client(practice_state(), "web", requires_pkce=True))
    assert callback(strict.ask(**asked)).get("error") == "invalid_request"


def test_a_provider_may_refuse_plain_pkce() -> None:
    world = World(practice_state(pkce_methods=("S256",)))
    assert callback(world.ask(code_challenge_method="plain")).get("error") == "invalid_request"
    assert callback(world.ask(code_challenge_method=None)).get("error") == "invalid_request"


def test_without_a_scope_the_client_gets_what_leads_to_the_api() -> None:
    world = World()
    world.answer(scope=None)
    (grant,) = world.state.grants.values()
    assert grant.scopes == ("items.read", "items.write", "photos.read", "photos.write")


def test_a_posted_request_is_turned_into_a_get() -> None:
    world = World()
    response = world.post("/authorize", {"client_id": "public", "redirect_uri": CALLBACK})
    assert response.status == 303
    assert (response.headers.get("location") or "").startswith(ISSUER + "/authorize?client_id=public")


def test_an_issuer_with_a_path_serves_below_it() -> None:
    world = World(replace(practice_state("http://127.0.0.1:9000/tenant")))
    assert world.answer().get("iss") == "http://127.0.0.1:9000/tenant"
