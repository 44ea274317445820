from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from oauthctl.http import Response
from oauthctl.jose.sign import sign
from oauthctl.provider.api_parts import ApiPart
from tests.provider.world import ISSUER, SECRET, START, World, claims_of, document, practice_state


def challenge(response: Response) -> dict[str, str]:
    """The parameters of the Bearer challenge."""
    value = response.headers.get("www-authenticate") or ""
    assert value.startswith("Bearer ")
    return dict(re.findall(r'([a-z_]+)="([^"]*)"', value))


def call(world: World, token: str, path: str = "/api/items", *, body: object = None) -> Response:
    headers = {"Authorization": f"Bearer {token}"}
    return world.get(path, **headers) if body is None else world.send("POST", path, headers=headers, body=json.dumps(body).encode())


@pytest.mark.parametrize("path", ["/api/items", "/api/photos", "/photos"])
def test_without_a_token_the_challenge_says_where_to_learn_more(path: str) -> None:
    world = World()
    response = world.get(path)
    assert response.status == 401
    assert challenge(response) == {"resource_metadata": f"{ISSUER}/.well-known/oauth-protected-resource{path}"}
    described = document(world.get(f"/.well-known/oauth-protected-resource{path}"))
    assert described["resource"] == ISSUER + path
    assert described["authorization_servers"] == [ISSUER]
    assert "items.read" in described["scopes_supported"]
    assert world.state.log[-1].endpoint == "api"


def test_the_right_scope_opens_the_collection() -> None:
    world = World()
    token = world.tokens()["access_token"]
    response = call(world, token)
    assert response.status == 200
    assert document(response)["for"] == "alice"
    assert len(document(response)["items"]) == 2


def test_a_scope_too_few_is_named() -> None:
    world = World()
    token = world.tokens()["access_token"]
    for response, scope in ((call(world, token, "/api/photos"), "photos.read"), (call(world, token, body={"name": "x"}), "items.write")):
        assert response.status == 403
        assert challenge(response)["error"] == "insufficient_scope"
        assert challenge(response)["scope"] == scope
        assert (world.state.log[-1].who, world.state.log[-1].error) == ("alice", "insufficient_scope")


def test_a_new_thing_is_kept() -> None:
    world = World()
    token = world.tokens(scope="items.read items.write offline_access")["access_token"]
    created = call(world, token, body={"name": "A <b>ruler</b>"})
    assert created.status == 201
    assert document(created)["id"] == "3"
    assert document(call(world, token))["items"][-1] == {"id": "3", "name": "A <b>ruler</b>"}
    assert call(world, token, body={"title": "x"}).status == 400


@pytest.mark.parametrize(
    ("header", "status", "error"),
    [
        ("Bearer nonsense", 401, "invalid_token"),
        ("Bearer a.b.c", 401, "invalid_token"),
        ("Bearer ", 400, "invalid_request"),
        ("Bearer two words", 400, "invalid_request"),
        ("Basic abc", 401, None),
        ("", 401, None),
    ],
)
def test_what_is_no_token_is_refused(header: str, status: int, error: str | None) -> None:
    world = World()
    response = world.get("/api/items", Authorization=header)
    assert response.status == status
    assert challenge(response).get("error") == error


def test_an_expired_token_is_refused_to_the_second() -> None:
    world = World()
    token = world.tokens()["access_token"]
    world.wait(299)
    assert call(world, token).status == 200
    world.wait(1)
    response = call(world, token)
    assert response.status == 401
    assert challenge(response)["error"] == "invalid_token"
    assert "expired" in challenge(response)["error_description"]


def test_a_token_for_another_audience_is_refused() -> None:
    world = World()
    token = world.tokens(resource=ISSUER + "/api/photos", scope="items.read photos.read offline_access")["access_token"]
    assert call(world, token, "/api/photos").status == 200
    assert challenge(call(world, token))["error_description"] == "The access token is for another audience"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"aud": ["x", ISSUER + "/api"]}, 200),
        ({"aud": "https://elsewhere.example"}, 401),
        ({"aud": None}, 401),
        ({"iss": "https://elsewhere.example"}, 401),
        ({"exp": int(START.timestamp())}, 401),
        ({"exp": None}, 401),
        ({"exp": "soon"}, 401),
        ({"scope": "openid"}, 403),
        ({"scope": None}, 403),
    ],
)
def test_a_token_that_is_not_in_the_books_is_judged_by_its_signature_and_claims(changes: dict[str, object], status: int) -> None:
    world = World()
    claims = {
        "iss": ISSUER,
        "sub": "alice",
        "aud": ISSUER + "/api",
        "exp": START.timestamp() + 60,
        "client_id": "public",
        "scope": "items.read",
    }
    present = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    for key in world.state.keys:
        assert call(world, sign(present, key, header={"typ": "at+jwt"})).status == status
    assert call(world, sign(present, world.state.keys[0])).status == 401, "an ID token is no access token"


def test_a_token_with_a_foreign_or_broken_signature_is_refused() -> None:
    from oauthctl.jose.jwk import generate
    from oauthctl.jose.sign import unsecured

    world = World()
    claims = {"iss": ISSUER, "sub": "alice", "aud": ISSUER + "/api", "exp": START.timestamp() + 60, "scope": "items.read"}
    foreign = sign(claims, generate("ES256").with_(kid=world.state.keys[1].kid), header={"typ": "at+jwt"})
    for token in (foreign, foreign[:-4] + "AAAA", unsecured(claims, header={"typ": "at+jwt"})):
        assert challenge(call(world, token))["error"] == "invalid_token"


def test_a_scope_of_the_providers_own_opens_what_it_stands_for() -> None:
    state = practice_state(scopes={"source:w": "Read and write sources"}, scope_aliases={"source:w": ("items.read", "items.write")})
    state = replace(state, clients={**state.clients, "service": replace(state.clients["service"], scopes=("source:w",))})
    world = World(state)
    form: dict[str, str | None] = {"grant_type": "client_credentials", "scope": "source:w"}
    token = document(world.token_request(form, client_id="service", secret=SECRET))["access_token"]
    assert call(world, token).status == 200
    assert call(world, token, body={"name": "x"}).status == 201
    assert document(world.get("/.well-known/oauth-protected-resource"))["scopes_supported"] == ["source:w"]


def test_a_part_of_ones_own_has_path_scopes_and_an_audience() -> None:
    orders = ApiPart("orders", "items.read", "", ({"id": "1", "name": "Ink"},), audience="urn:orders")
    world = World(practice_state(api={"/orders": orders}))
    form = {"grant_type": "client_credentials", "scope": "items.read"}
    elsewhere, own = (
        document(world.token_request({**form, "resource": resource}, client_id="service", secret=SECRET))["access_token"]
        for resource in (f"{ISSUER}/orders", "urn:orders")
    )
    assert claims_of(own)["aud"] == "urn:orders"
    for token in (elsewhere, own):
        answer = call(world, token, "/orders")
        assert document(answer)["orders"] == [{"id": "1", "name": "Ink"}]
    assert call(world, own, "/orders", body={"name": "Pen"}).status == 201
    assert world.get("/api/items").status == 404
    assert document(world.get("/.well-known/oauth-protected-resource/orders"))["scopes_supported"] == ["items.read"]
