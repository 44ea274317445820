"""Tokens in exchange for tokens, at the provider."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import Response
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.messages.token_exchange import TOKEN_EXCHANGE, token_type_uri
from tests.provider.world import ISSUER, SECRET, World, practice_state

OTHER = "https://original-issuer.example.net"
OTHER_KEY: Jwk = generate("ES256").with_(kid="16")
API = f"{ISSUER}/api/items"


def trusting(**changes: Any) -> World:
    return World(replace(practice_state(), trusted_issuers={OTHER: (OTHER_KEY.public(),)}, **changes))


def exchange(world: World, token: str, kind: str = "access_token", *, client_id: str = "web", **more: str | None) -> Response:
    form: dict[str, str | None] = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": token_type_uri(kind)}
    named = {name: token_type_uri(value) if value and name.endswith("_type") else value for name, value in more.items()}
    return world.token_request({**form, **named}, client_id=client_id, secret=SECRET)


def sign_in(world: World, scope: str = "openid items.read items.write offline_access") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(world.redeem(world.code(client_id="web", scope=scope), client_id="web", secret=SECRET).body)
    return document


def body(response: Response) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(response.body)
    return document


def claims(document: dict[str, Any]) -> dict[str, Any]:
    return dict(take_apart(document["access_token"]).claims or {})


def theirs(world: World, **changes: Any) -> str:
    now = int(world.now.timestamp())
    own = {"iss": OTHER, "sub": "alice", "aud": ISSUER, "exp": now + 60, "iat": now}
    return sign({name: value for name, value in (own | changes).items() if value is not None}, OTHER_KEY)


def test_a_persons_token_becomes_another_services_own() -> None:
    world = World()
    answer = body(exchange(world, sign_in(world)["access_token"], client_id="service", resource=API, scope="items.read"))
    assert (answer["issued_token_type"], answer["token_type"]) == (token_type_uri("access_token"), "Bearer")
    assert "refresh_token" not in answer
    found = claims(answer)
    assert (found["sub"], found["client_id"], found["aud"], found["scope"]) == ("alice", "service", API, "items.read")
    assert "act" not in found
    assert world.get("/api/items", Authorization=f"Bearer {answer['access_token']}").status == 200
    assert world.get("/api/photos", Authorization=f"Bearer {answer['access_token']}").status == 401


def test_scopes_never_grow_and_need_not_be_named() -> None:
    world = World()
    token = sign_in(world, "openid items.read offline_access")["access_token"]
    assert body(exchange(world, token))["scope"] == "items.read"
    assert body(exchange(world, token, scope="items.write"))["error"] == "invalid_scope"


def test_who_acts_is_said_with_those_who_acted_before() -> None:
    """RFC 8693 section 4.1."""
    world = World()
    person = sign_in(world)["access_token"]
    form: dict[str, str | None] = {"grant_type": "client_credentials"}
    service = body(world.token_request(form, client_id="service", secret=SECRET))["access_token"]
    web = body(world.token_request(form, client_id="web", secret=SECRET))["access_token"]
    first = body(exchange(world, person, actor_token=service, actor_token_type="access_token"))
    assert claims(first)["act"] == {"sub": "service"}
    second = body(exchange(world, first["access_token"], actor_token=web, actor_token_type="access_token"))
    assert claims(second)["act"] == {"sub": "web", "act": {"sub": "service"}}
    kept = body(exchange(world, second["access_token"]))
    assert claims(kept)["act"] == claims(second)["act"]
    told = body(world.post("/introspect", {"token": second["access_token"], "client_id": "api", "client_secret": SECRET}))
    assert (told["sub"], told["act"]) == ("alice", claims(second)["act"])


@pytest.mark.parametrize(("may_act", "status"), [({"sub": "bob"}, 200), ({"sub": "carol"}, 400)])
def test_who_may_act_is_heeded(may_act: dict[str, str], status: int) -> None:
    """RFC 8693 section 4.4 and appendix A.2.1."""
    world = trusting()
    actor = theirs(world, sub="bob")
    answer = exchange(world, theirs(world, may_act=may_act), "jwt", actor_token=actor, actor_token_type="jwt")
    assert answer.status == status
    if status == 200:
        assert claims(body(answer))["act"] == {"sub": "bob"}


@pytest.mark.parametrize("kind", ["access_token", "id_token", "refresh_token", "jwt"])
def test_each_type_of_ours_can_be_traded(kind: str) -> None:
    world = World()
    tokens = sign_in(world)
    answer = body(exchange(world, tokens["access_token" if kind == "jwt" else kind], kind, scope="items.read"))
    assert claims(answer)["sub"] == "alice"
    assert "refresh_token" not in answer


def test_an_id_token_comes_as_what_it_is() -> None:
    world = World()
    answer = body(exchange(world, sign_in(world)["access_token"], requested_token_type="id_token"))
    assert (answer["issued_token_type"], answer["token_type"]) == (token_type_uri("id_token"), "N_A")
    assert (claims(answer)["sub"], claims(answer)["aud"]) == ("alice", "web")
    assert "id_token" not in answer


def test_a_machine_that_a_trusted_issuer_speaks_for_gets_a_token_in_its_own_name() -> None:
    world = trusting()
    answer = body(exchange(world, theirs(world, sub="repo:octo/site:ref:refs/heads/main"), "jwt", client_id="service", scope="items.read"))
    assert claims(answer)["sub"] == "repo:octo/site:ref:refs/heads/main"
    seen = body(world.get("/api/items", Authorization=f"Bearer {answer['access_token']}"))
    assert seen["for"] == "repo:octo/site:ref:refs/heads/main"


def test_an_id_jag_is_made_for_another_server() -> None:
    """draft-ietf-oauth-identity-assertion-authz-grant: what is in it, and that it is no access token."""
    world = World()
    answer = body(
        exchange(
            world,
            sign_in(world)["id_token"],
            "id_token",
            requested_token_type="id-jag",
            audience="https://chat.example",
            scope="chat.read",
            resource="https://chat.example/api",
        )
    )
    assert (answer["issued_token_type"], answer["token_type"], answer["scope"]) == (token_type_uri("id-jag"), "N_A", "chat.read")
    token = take_apart(answer["access_token"])
    assert token.typ == "oauth-id-jag+jwt"
    found = claims(answer)
    assert (found["iss"], found["sub"], found["aud"], found["client_id"]) == (ISSUER, "alice", "https://chat.example", "web")
    assert (found["scope"], found["resource"], found["email"]) == ("chat.read", "https://chat.example/api", "alice@example.com")
    assert found["exp"] - found["iat"] == 300
    assert world.get("/api/items", Authorization=f"Bearer {answer['access_token']}").status == 401


def test_a_chained_identity_is_a_plain_jwt_for_another_server() -> None:
    """draft-ietf-oauth-identity-chaining."""
    world = World()
    answer = body(exchange(world, sign_in(world)["access_token"], requested_token_type="jwt", audience="https://b.example"))
    assert (answer["issued_token_type"], answer["token_type"], claims(answer)["aud"]) == (token_type_uri("jwt"), "N_A", "https://b.example")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"subject_token": None}, "invalid_request", "belong together"),
        ({"subject_token_type": None}, "invalid_request", "belong together"),
        ({"actor_token": "x"}, "invalid_request", "actor_token_type"),
        ({"actor_token_type": "access_token"}, "invalid_request", "actor_token"),
        ({"subject_token_type": "saml2"}, "invalid_request", "subject_token_type is unsupported"),
        ({"requested_token_type": "saml2"}, "invalid_request", "requested_token_type is unsupported"),
        ({"audience": "nobody"}, "invalid_target", "unknown"),
        ({"resource": "https://elsewhere.example"}, "invalid_target", "unknown"),
        ({"requested_token_type": "id-jag"}, "invalid_request", "audience"),
        ({"requested_token_type": "id-jag", "audience": ISSUER}, "invalid_target", "this very server"),
        ({"subject_token": "not-a-token"}, "invalid_request", "no access token of this server"),
    ],
)
def test_what_is_wrong_with_the_request_is_said(changes: dict[str, str | None], error: str, words: str) -> None:
    world = World()
    good: dict[str, str | None] = {"subject_token": sign_in(world)["access_token"], "subject_token_type": "access_token"}
    form = {name: token_type_uri(value) if value and name.endswith("_type") else value for name, value in (good | changes).items()}
    answer = body(world.token_request({"grant_type": TOKEN_EXCHANGE, **form}, client_id="web", secret=SECRET))
    assert answer["error"] == error
    assert words in answer["error_description"]


def test_a_token_that_is_over_or_revoked_is_not_traded() -> None:
    world = World()
    tokens = sign_in(world)
    world.post("/revoke", {"token": tokens["refresh_token"], "client_id": "web", "client_secret": SECRET})
    assert "revoked" in body(exchange(world, tokens["access_token"]))["error_description"]
    later = sign_in(world)
    world.wait(301)
    assert "expired" in body(exchange(world, later["access_token"]))["error_description"]


def test_an_id_token_is_for_its_own_client_alone() -> None:
    world = World()
    answer = body(exchange(world, sign_in(world)["id_token"], "id_token", client_id="service", scope="items.read"))
    assert (answer["error"], "another client" in answer["error_description"]) == ("invalid_request", True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://stranger.example"}, "not trusted"),
        ({"aud": "https://elsewhere.example"}, "another audience"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "no exp"),
        ({"sub": None}, "no sub"),
        ({"nbf": 4102444800}, "future"),
    ],
)
def test_a_token_of_another_issuer_is_judged(changes: dict[str, Any], words: str) -> None:
    world = trusting()
    answer = body(exchange(world, theirs(world, **changes), "jwt", scope="items.read"))
    assert answer["error"] == "invalid_request"
    assert words in answer["error_description"]


def test_another_key_under_a_trusted_name_is_no_good() -> None:
    world = trusting(clients=practice_state().clients)
    forged = sign(dict(take_apart(theirs(world)).claims or {}), generate("ES256").with_(kid="16"))
    assert "signature" in body(exchange(world, forged, "jwt", scope="items.read"))["error_description"]
    unsigned = theirs(world).rpartition(".")[0] + "."
    assert body(exchange(world, unsigned, "jwt", scope="items.read"))["error"] == "invalid_request"


def test_a_public_client_exchanges_nothing() -> None:
    world = World()
    form = {"grant_type": TOKEN_EXCHANGE, "client_id": "public", "subject_token": "x", "subject_token_type": token_type_uri("jwt")}
    assert body(world.post("/token", form))["error"] == "unauthorized_client"


def test_the_metadata_says_so() -> None:
    document = json.loads(World().get("/.well-known/openid-configuration").body)
    assert TOKEN_EXCHANGE in document["grant_types_supported"]
    assert token_type_uri("id-jag") in document["identity_chaining_requested_token_types_supported"]
