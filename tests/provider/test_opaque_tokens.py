"""Access tokens that say nothing to whoever reads them: what they stand for is known to the provider alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oauthctl.http import JSON
from oauthctl.provider.state import ProviderState
from tests.provider.test_token_exchange import body, exchange, sign_in
from tests.provider.world import CALLBACK, SECRET, World, claims_of, document, practice_state, with_client


def opaque() -> World:
    return World(practice_state(access_token_format="opaque"))


def introspected(world: World, token: str) -> dict[str, Any]:
    return document(world.post("/introspect", {"client_id": "api", "client_secret": SECRET, "token": token}))


def test_an_opaque_token_opens_the_api_is_told_refreshed_and_revoked() -> None:
    world = opaque()
    tokens = world.tokens()
    token = tokens["access_token"]
    assert "." not in token
    assert world.get("/api/items", Authorization=f"Bearer {token}").status == 200
    told = introspected(world, token)
    assert (told["active"], told["sub"], told["scope"], told["client_id"]) == (True, "alice", tokens["scope"], "public")
    renewed = document(world.refresh(tokens["refresh_token"]))["access_token"]
    assert "." not in renewed
    world.post("/revoke", {"client_id": "public", "token": renewed})
    assert introspected(world, renewed) == {"active": False}
    refused = world.get("/api/items", Authorization=f"Bearer {renewed}")
    assert (refused.status, document(refused)["error_description"]) == (401, "The access token is revoked")
    assert introspected(world, token)["active"]


def test_an_opaque_token_ends_at_its_time_and_is_told_inactive() -> None:
    world = opaque()
    token = world.tokens()["access_token"]
    world.wait(301)
    assert introspected(world, token) == {"active": False}
    assert document(world.get("/api/items", Authorization=f"Bearer {token}"))["error_description"] == "The access token expired"


@pytest.mark.parametrize(
    ("state", "is_jwt"),
    [
        (practice_state(), True),
        (practice_state(access_token_format="opaque"), False),
        (with_client(practice_state(), "public", access_token_format="opaque"), False),
        (with_client(practice_state(access_token_format="opaque"), "public", access_token_format="jwt"), True),
    ],
    ids=["by default", "the provider's", "the client's", "the client's before the provider's"],
)
def test_the_clients_format_goes_before_the_providers(state: ProviderState, is_jwt: bool) -> None:
    assert (World(state).tokens()["access_token"].count(".") == 2) is is_jwt


def test_a_jwt_that_is_asked_for_is_one_all_the_same() -> None:
    world = opaque()
    held = sign_in(world)["access_token"]
    assert "." not in body(exchange(world, held))["access_token"]
    answer = body(exchange(world, held, requested_token_type="urn:ietf:params:oauth:token-type:jwt"))
    assert (answer["issued_token_type"].rpartition(":")[2], claims_of(answer["access_token"])["sub"]) == ("jwt", "alice")


@pytest.mark.parametrize(("wish", "status"), [("opaque", 201), ("jwt", 201), ("saml", 400)])
def test_a_client_that_registers_itself_may_say_what_it_wants(wish: str, status: int) -> None:
    world = World()
    metadata = {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "access_token_format": wish}
    response = world.send("POST", "/register", headers={"Content-Type": JSON}, body=json.dumps(metadata).encode())
    assert response.status == status
    if status == 201:
        told = document(response)
        tokens = document(world.redeem(world.code(client_id=told["client_id"]), client_id=told["client_id"]))
        assert (told["access_token_format"], "." in tokens["access_token"]) == (wish, wish == "jwt")
