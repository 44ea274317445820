"""Signing keys and their successors."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.provider.key_rotation import begun, is_due, rotated
from oauthctl.provider.moment import Moment
from tests.provider.world import START, World, document, practice_state


def successors() -> tuple:
    return generate("RS256"), generate("ES256")


def served(world: World) -> set[str]:
    return {key["kid"] for key in document(world.get("/jwks"))["keys"] if key.get("use") != "enc"}


def test_keys_are_old_enough_when_their_time_is_over() -> None:
    state = begun(practice_state(key_seconds=60), Moment(START, b""))
    assert not is_due(state, Moment(START + timedelta(seconds=59), b""))
    assert is_due(state, Moment(START + timedelta(seconds=60), b""))
    assert not is_due(replace(state, key_seconds=0), Moment(START + timedelta(days=9999), b""))
    assert begun(state, Moment(START + timedelta(days=1), b"")) == state


def test_new_keys_sign_and_the_old_ones_are_still_served_for_one_round() -> None:
    world = World()
    before, first = world.tokens(), served(world)
    world.state = rotated(world.state, successors(), Moment(START, b""))
    after = world.tokens()
    assert len(served(world)) == 4
    assert take_apart(before["id_token"]).kid in first
    assert take_apart(after["id_token"]).kid in served(world) - first
    assert world.get("/api/items", Authorization=f"Bearer {before['access_token']}").status == 200
    assert "code" in world.answer(prompt="none", id_token_hint=before["id_token"])
    world.state = rotated(world.state, successors(), Moment(START, b""))
    assert len(served(world)) == 4
    assert not first & served(world)


def test_the_metadata_name_each_algorithm_once() -> None:
    world = World()
    algs = document(world.get("/.well-known/openid-configuration"))["id_token_signing_alg_values_supported"]
    world.state = rotated(world.state, successors(), Moment(START, b""))
    assert document(world.get("/.well-known/openid-configuration"))["id_token_signing_alg_values_supported"] == algs
