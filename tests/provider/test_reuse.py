"""Codes and refresh tokens against a model: whatever is used twice takes everything back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.provider.world import World, document, practice_state, with_client


def opaque_world() -> World:
    """Without signatures a world is quick."""
    return World(with_client(practice_state(), "public", access_token_format="opaque"))


def is_let_in(world: World, access_token: str) -> bool:
    return world.get("/api/items", Authorization=f"Bearer {access_token}").status == 200


@settings(max_examples=40, deadline=None)
@given(uses=st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_a_family_lives_until_one_of_its_refresh_tokens_comes_back(uses: list[int]) -> None:
    world = opaque_world()
    tokens = [document(world.redeem(world.code(scope="items.read offline_access")))]
    used: set[int] = set()
    is_alive = True
    for use in uses:
        index = use % len(tokens)
        response = world.refresh(tokens[index]["refresh_token"])
        is_alive = is_alive and index not in used
        assert (response.status == 200) is is_alive
        if is_alive:
            used.add(index)
            tokens.append(document(response))
    assert [is_let_in(world, token["access_token"]) for token in tokens] == [is_alive] * len(tokens)


@settings(max_examples=30, deadline=None)
@given(uses=st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_each_code_works_once_and_its_second_use_revokes_what_it_gave_and_no_more(uses: list[int]) -> None:
    world = opaque_world()
    codes = [world.code(scope="items.read offline_access") for _ in range(3)]
    gave: dict[int, str] = {}
    revoked: set[int] = set()
    for use in uses:
        response = world.redeem(codes[use])
        assert (response.status == 200) is (use not in gave)
        if use in gave:
            revoked.add(use)
        else:
            gave[use] = document(response)["access_token"]
    for use, token in gave.items():
        assert is_let_in(world, token) is (use not in revoked)


def test_a_refresh_token_may_come_again_within_the_grace_window() -> None:
    world = World(with_client(practice_state(refresh_grace_seconds=10), "public", access_token_format="opaque"))
    first = document(world.redeem(world.code(scope="items.read offline_access")))["refresh_token"]
    second = document(world.refresh(first))
    world.wait(9)
    again = world.refresh(first)
    assert again.status == 200
    assert document(again)["refresh_token"] != second["refresh_token"]
    assert world.refresh(second["refresh_token"]).status == 200
    # The window begins with the first use, and no later one makes it longer.
    world.wait(1)
    assert world.refresh(first).status == 400
    assert not is_let_in(world, second["access_token"])


def test_no_grace_brings_a_revoked_family_back() -> None:
    world = World(practice_state(refresh_grace_seconds=10))
    first = world.tokens()["refresh_token"]
    second = document(world.refresh(first))["refresh_token"]
    assert world.post("/revoke", {"token": second, "client_id": "public"}).status == 200
    assert world.refresh(first).status == 400
