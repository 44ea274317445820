"""Another `sub` for each client (OIDC Core section 8)."""

from __future__ import annotations

from typing import Any

import pytest

from oauthctl.http import Params, with_query
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.subject import subject_of
from tests.provider.test_registration import NATIVE, send
from tests.provider.world import CALLBACK, SECRET, World, claims_of, document, practice_state, with_client

ELSEWHERE = "http://localhost:8080/callback"


def pairwise_world() -> World:
    return World(with_client(practice_state(), "public", subject_type="pairwise"))


def signed_in(world: World, **changes: Any) -> dict[str, Any]:
    return document(world.redeem(world.code(scope="openid profile", **changes), client_id=changes.get("client_id", "public")))


def test_a_client_knows_a_person_by_one_name_that_says_nothing() -> None:
    world = pairwise_world()
    tokens = signed_in(world)
    subject = claims_of(tokens["id_token"])["sub"]
    assert subject != "alice"
    assert len(subject) == 43
    assert claims_of(tokens["access_token"])["sub"] == subject
    assert document(world.get("/userinfo", Authorization=f"Bearer {tokens['access_token']}"))["sub"] == subject
    assert claims_of(signed_in(world)["id_token"])["sub"] == subject


def test_introspection_does_not_give_the_person_away() -> None:
    world = pairwise_world()
    token = signed_in(world)["access_token"]
    told = document(world.post("/introspect", {"token": token}, Authorization=basic_credentials("api", SECRET)))
    assert told["sub"] == claims_of(token)["sub"]
    assert "alice" not in told.values()


def test_the_sector_and_the_person_make_the_name() -> None:
    state = with_client(practice_state(), "public", subject_type="pairwise", redirect_uris=(CALLBACK,))
    state = with_client(state, "neighbour", subject_type="pairwise", redirect_uris=(CALLBACK.replace("callback", "other"),))
    state = with_client(state, "stranger", subject_type="pairwise", redirect_uris=(ELSEWHERE,))
    names = {(client, user): subject_of(state, client, user) for client in ("public", "neighbour", "stranger") for user in ("alice", "bob")}
    assert names["public", "alice"] == names["neighbour", "alice"]
    assert len(set(names.values())) == 4
    assert subject_of(state, "web", "alice") == "alice"
    assert subject_of(state, "public", "service") == "service"


def test_a_hint_with_such_a_name_is_about_the_person() -> None:
    world = pairwise_world()
    hint = signed_in(world)["id_token"]
    assert "code" in world.answer(prompt="none", scope="openid profile", id_token_hint=hint)
    query = Params.of({"id_token_hint": hint, "post_logout_redirect_uri": "http://localhost:8080/"})
    out = world.browse(with_query(world.state.url("/end_session"), query))
    assert (out.status, out.headers.get("location")) == (303, "http://localhost:8080/")


@pytest.mark.parametrize(("uris", "status"), [((CALLBACK,), 201), ((CALLBACK, ELSEWHERE), 400)])
def test_a_client_registers_for_such_names_with_one_host(uris: tuple[str, ...], status: int) -> None:
    world = World()
    answer = send(world, "POST", "/register", {**NATIVE, "redirect_uris": list(uris), "subject_type": "pairwise"})
    assert answer.status == status, answer.text
    if status == 201:
        client_id = document(answer)["client_id"]
        assert claims_of(signed_in(world, client_id=client_id)["id_token"])["sub"] != "alice"
