"""What a provider of one's own tells of its users: scopes that open claims, and claims beyond them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oauthctl.provider.client import practice_users
from oauthctl.provider.state import SCOPES, ProviderState
from oauthctl.provider.user_claims import OwnClaim, Place
from tests.provider.world import SECRET, World, claims_of, document, keys, practice_state, with_client


def told(state: ProviderState, scope: str) -> dict[Place, dict[str, Any]]:
    """What is told of alice in each place, where this scope is granted."""
    state = with_client(state, "public", scopes=tuple(state.scopes))
    world = World(state)
    tokens = world.tokens(scope=scope)
    userinfo = document(world.get("/userinfo", Authorization=f"Bearer {tokens['access_token']}"))
    return {"id_token": claims_of(tokens["id_token"]), "userinfo": userinfo, "access_token": claims_of(tokens["access_token"])}


def with_groups(**changes: Any) -> ProviderState:
    """A provider at which alice has groups, bob none."""
    alice, bob = practice_users()
    alice = replace(alice, claims={**alice.claims, "groups": ["staff"]})
    scopes = {**SCOPES, "groups": "See your groups"}
    return practice_state(users={"alice": alice, "bob": bob}, scopes=scopes, **changes)


@pytest.mark.parametrize(
    ("claim", "scope", "places"),
    [
        (OwnClaim("groups"), "openid", ("id_token", "userinfo")),
        (OwnClaim("groups", ("access_token",)), "openid", ("access_token",)),
        (OwnClaim("groups", ("userinfo",), scope="groups"), "openid", ()),
        (OwnClaim("groups", ("userinfo",), scope="groups"), "openid groups", ("userinfo",)),
        (OwnClaim("groups", ("id_token", "userinfo", "access_token")), "openid", ("id_token", "userinfo", "access_token")),
    ],
)
def test_a_claim_is_told_in_its_places_where_its_scope_is_granted(claim: OwnClaim, scope: str, places: tuple[Place, ...]) -> None:
    found = told(with_groups(own_claims=(claim,)), scope)
    assert tuple(place for place, claims in found.items() if "groups" in claims) == places
    assert all(found[place]["groups"] == ["staff"] for place in places)


def test_a_scope_opens_the_claims_that_it_is_said_to() -> None:
    state = with_groups(scope_claims={"groups": ("groups", "locale")})
    assert told(state, "openid groups")["userinfo"] == {"sub": "alice", "groups": ["staff"], "locale": "en"}
    assert "groups" not in told(state, "openid")["userinfo"]


def test_a_value_is_everybodys_and_that_of_clients_alone() -> None:
    state = practice_state(own_claims=(OwnClaim("tenant", ("access_token",), value="t1"), OwnClaim("groups", ("access_token",))))
    world = World(state)
    granted = document(world.token_request({"grant_type": "client_credentials"}, client_id="service", secret=SECRET))
    claims = claims_of(granted["access_token"])
    assert claims["tenant"] == "t1"
    assert "groups" not in claims


def test_the_metadata_name_own_claims_and_leave_hidden_scopes_out() -> None:
    state = with_groups(own_claims=(OwnClaim("tenant", value="t1"),), unannounced_scopes=frozenset({"groups", "phone"}))
    metadata = document(World(state).get("/.well-known/openid-configuration"))
    assert "tenant" in metadata["claims_supported"]
    assert not {"groups", "phone"} & set(metadata["scopes_supported"])
    assert "openid" in metadata["scopes_supported"]


def test_a_provider_with_one_key_signs_all_with_it() -> None:
    state = practice_state(keys=keys()[1:])
    state = with_client(state, "public", id_token_signed_response_alg="ES256")
    world = World(state)
    tokens = world.tokens(scope="openid items.read")
    assert world.get("/api/items", Authorization=f"Bearer {tokens['access_token']}").status == 200
    forgotten = replace(world.state, access_tokens={})
    assert World(forgotten).get("/api/items", Authorization=f"Bearer {tokens['access_token']}").status == 200
