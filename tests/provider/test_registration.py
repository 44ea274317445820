"""Clients that register themselves (RFC 7591), and what they do with it later (RFC 7592)."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from oauthctl.http import Response
from oauthctl.jose.jwk import from_public_key
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.local_clients import local_origins
from tests.certificates import made
from tests.provider.world import CALLBACK, World, callback, document, keys, practice_state

PUBLIC = keys()[1].public().as_dict()
RSA = keys()[0].public().with_(use="enc", alg="RSA-OAEP").as_dict()
NATIVE = {"redirect_uris": ["http://127.0.0.1/callback"], "token_endpoint_auth_method": "none", "application_type": "native"}


def send(world: World, method: str, path: str, body: dict[str, Any] | None = None, *, token: str = "") -> Response:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return world.send(method, path, headers=headers, body=json.dumps(body).encode() if body is not None else b"")


def registered(world: World, **metadata: Any) -> dict[str, Any]:
    answer = send(world, "POST", "/register", {**NATIVE, **metadata})
    assert answer.status == 201, answer.text
    assert answer.headers.get("cache-control") == "no-store"
    return document(answer)


def manage(world: World, method: str, client: dict[str, Any], body: dict[str, Any] | None = None) -> Response:
    uri = urlsplit(client["registration_client_uri"])
    return send(world, method, f"{uri.path}?{uri.query}", body, token=client["registration_access_token"])


def test_a_public_client_registers_and_signs_in() -> None:
    world = World()
    client = registered(world, grant_types=["authorization_code", "refresh_token"], client_name="Newcomer")
    assert "client_secret" not in client
    assert client["response_types"] == ["code"]
    code = world.code(client_id=client["client_id"], scope="openid items.read")
    answer = world.redeem(code, client_id=client["client_id"])
    assert answer.status == 200, answer.text
    assert {"refresh_token", "id_token"} <= document(answer).keys()


def test_a_client_that_says_little_gets_a_secret_and_the_code_grant() -> None:
    """The defaults of RFC 7591 section 2."""
    world = World()
    client = document(send(world, "POST", "/register", {"redirect_uris": [CALLBACK], "nobody_knows": 1}))
    assert client["token_endpoint_auth_method"] == "client_secret_basic"
    assert client["grant_types"] == ["authorization_code"]
    assert client["client_secret_expires_at"] == 0
    assert "nobody_knows" not in client
    code = world.code(client_id=client["client_id"], scope="openid")
    assert world.redeem(code, client_id=client["client_id"], secret=client["client_secret"]).status == 200
    assert world.redeem("x", client_id=client["client_id"], secret="another").status == 401


def test_metadata_that_are_nested_too_deeply_are_called_that() -> None:
    for body in (b"[" * 60_000, b'{"jwks":' + b"[" * 60_000):
        answer = World().send("POST", "/register", headers={"Content-Type": "application/json"}, body=body)
        assert (answer.status, "nested too deeply" in document(answer)["error_description"]) == (400, True)


def test_a_service_registers_for_its_own_tokens() -> None:
    world = World()
    asked = {"grant_types": ["client_credentials"], "scope": "items.read"}
    client = document(send(world, "POST", "/register", asked))
    assert client["response_types"] == []
    headers = {"Authorization": basic_credentials(client["client_id"], client["client_secret"])}
    answer = world.post("/token", {"grant_type": "client_credentials"}, **headers)
    assert document(answer)["scope"] == "items.read"


@pytest.mark.parametrize(
    ("changes", "error", "names"),
    [
        ({"redirect_uris": ["http://app.example/cb"]}, "invalid_redirect_uri", "http://app.example/cb"),
        ({"redirect_uris": ["https://app.example/cb#x"]}, "invalid_redirect_uri", "fragment"),
        ({"redirect_uris": ["http://127.0.0.1:\uff11/cb"]}, "invalid_redirect_uri", "has to be"),
        ({"redirect_uris": ["https://\u00e4pp.example/cb"]}, "invalid_redirect_uri", "has to be"),
        ({"post_logout_redirect_uris": ["https://app.example/\u20ac"]}, "invalid_redirect_uri", "has to be"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri", "javascript"),
        ({"redirect_uris": []}, "invalid_redirect_uri", "needs a redirect URI"),
        ({"redirect_uris": "https://app.example/cb"}, "invalid_client_metadata", "redirect_uris"),
        ({"token_endpoint_auth_method": "sworn_oath"}, "invalid_client_metadata", "sworn_oath"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata", "public keys"),
        ({"grant_types": ["telepathy"]}, "invalid_client_metadata", "telepathy"),
        ({"grant_types": ["authorization_code", "client_credentials"]}, "invalid_client_metadata", "prove who they are"),
        ({"grant_types": ["refresh_token"], "response_types": ["code"]}, "invalid_client_metadata", "go together"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata", "none"),
        ({"id_token_signed_response_alg": "HS256"}, "invalid_client_metadata", "secret"),
        ({"scope": "openid everything"}, "invalid_client_metadata", "everything"),
        ({"jwks_uri": "https://app.example/jwks"}, "invalid_client_metadata", "not fetched"),
        ({"jwks": {"keys": [keys()[1].as_dict()]}}, "invalid_client_metadata", "private key"),
        ({"jwks": {}}, "invalid_client_metadata", "no array keys"),
        ({"jwks": {"keys": {}}}, "invalid_client_metadata", "no array keys"),
        ({"jwks": {"keys": ["x"]}}, "invalid_client_metadata", "no JSON object"),
        ({"jwks": {"keys": [{}]}}, "invalid_client_metadata", "kty"),
        ({"jwks": {"keys": [{"kty": 7}]}}, "invalid_client_metadata", "kty"),
        ({"jwks": {"keys": [{"kty": "RSA"}]}}, "invalid_client_metadata", "no RSA key"),
        ({"jwks": {"keys": [{"kty": "RSA", "n": 5, "e": []}]}}, "invalid_client_metadata", "no RSA key"),
        ({"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}}, "invalid_client_metadata", "no EC key"),
        ({"jwks": {"keys": [{"kty": "oct"}]}}, "invalid_client_metadata", "no oct key"),
        ({"jwks": {"keys": [{**RSA, "n": RSA["n"][:171]}]}}, "invalid_client_metadata", "fewer than 2048 bits"),
        ({"jwks": {"keys": [{**RSA, "n": RSA["n"][:-1] + "A"}]}}, "invalid_client_metadata", "nothing can be encrypted for an RSA key"),
        ({"jwks": {"keys": [{**RSA, "n": "_" * 2736}]}}, "invalid_client_metadata", "nothing can be encrypted for an RSA key"),
        *(
            ({"jwks": {"keys": [{"kty": "OKP", "crv": crv, "x": "A" * size}]}}, "invalid_client_metadata", "for an OKP key")
            for crv, size in (("X25519", 43), ("X25519", 40), ("X448", 75))
        ),
        ({"jwks": {"keys": [{**PUBLIC, "x5c": ["!!!"]}]}}, "invalid_client_metadata", "x5c"),
        ({"jwks": {"keys": [{**PUBLIC, "x5c": [5]}]}}, "invalid_client_metadata", "x5c"),
        ({"jwks": {"keys": [{**PUBLIC, "x5c": []}]}}, "invalid_client_metadata", "x5c"),
        ({"jwks": {"keys": [{**PUBLIC, "x5c": [b64encode(made("CN=other").der).decode()]}]}}, "invalid_client_metadata", "x5c"),
        ({"redirect_uris": ["https://user@app.example/cb"]}, "invalid_redirect_uri", "user info"),
        ({"redirect_uris": ["http://127.0.0.1:80@127.0.0.1/cb"]}, "invalid_redirect_uri", "user info"),
        ({"redirect_uris": ["com.example.app://user@host/cb"]}, "invalid_redirect_uri", "user info"),
        ({"post_logout_redirect_uris": ["https://:x@app.example/"]}, "invalid_redirect_uri", "user info"),
        *(({"default_max_age": one}, "invalid_client_metadata", "default_max_age") for one in ("\uff11", "60", -1, 1e308, True, 10**30)),
        ({"client_name": "\x1b[2Jgone"}, "invalid_client_metadata", "client_name has characters that can't be shown"),
        ({"contacts": ["a@b.example", "\x1b"]}, "invalid_client_metadata", "contacts has characters"),
        ({"client_name": 7}, "invalid_client_metadata", "client_name is not of the right type"),
        ({"software_statement": "e30.e30."}, "unapproved_software_statement", "software statement"),
    ],
)
def test_what_can_not_be_registered_is_refused(changes: dict[str, Any], error: str, names: str) -> None:
    world = World()
    before = world.state.clients
    answer = send(world, "POST", "/register", {**NATIVE, **changes})
    assert answer.status == 400
    assert document(answer)["error"] == error
    assert names in document(answer)["error_description"]
    assert world.state.clients == before


@pytest.mark.parametrize(
    ("method", "x5c", "status"),
    [("self_signed_tls_client_auth", True, 201), ("self_signed_tls_client_auth", False, 400), ("tls_client_auth", True, 400)],
)
def test_a_client_with_a_certificate_brings_it_along(method: str, x5c: bool, status: int) -> None:
    """RFC 8705 section 2.2.2."""
    pair = made("CN=alone")
    key = from_public_key(pair.key.public_key()).with_(**({"x5c": [b64encode(pair.der).decode()]} if x5c else {}))
    wanted = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": method, "jwks": {"keys": [key.as_dict()]}}
    world = World(practice_state(mtls_origin="https://127.0.0.1:9443"))
    assert send(world, "POST", "/register", wanted).status == status


def test_keys_of_a_kind_that_nobody_knows_are_passed_over() -> None:
    """RFC 7517 section 5: implementations should ignore keys of types that they do not understand."""
    unknown = [
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
        {"kty": "OKP", "crv": "X25519", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"},
    ]
    client = registered(World(), jwks={"keys": [*unknown, PUBLIC]})
    assert client["jwks"] == {"keys": [*unknown, PUBLIC]}


def test_a_client_may_want_users_who_signed_in_lately() -> None:
    world = World()
    client = registered(world, default_max_age=60)
    assert client["default_max_age"] == 60
    asked = {"client_id": client["client_id"], "scope": "openid", "redirect_uri": client["redirect_uris"][0]}
    world.answer(**asked)
    world.wait(61)
    again = {**asked, "state": "state-2", "prompt": "none"}
    assert callback(world.ask(**again)).get("error") == "login_required"
    assert callback(world.ask(**again, max_age="600")).get("error") is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 5000, b'{"a":NaN}', b'{"client_name":"a","client_name":"b"}'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    answer = World().send("POST", "/register", headers={"Content-Type": "application/json"}, body=body)
    assert (answer.status, document(answer)["error"]) == (400, "invalid_client_metadata")


CIBA_CLIENT = {
    "grant_types": ["urn:openid:params:grant-type:ciba"],
    "token_endpoint_auth_method": "client_secret_basic",
    "backchannel_token_delivery_mode": "ping",
}


@pytest.mark.parametrize("endpoint", ["https://app.example/ciba", "http://127.0.0.1:8400/ciba"])
def test_a_client_registers_for_the_ping_mode(endpoint: str) -> None:
    world = World()
    client = registered(world, **CIBA_CLIENT, backchannel_client_notification_endpoint=endpoint)
    assert client["backchannel_token_delivery_mode"] == "ping"
    assert world.state.clients[client["client_id"]].notification_endpoint == endpoint


@pytest.mark.parametrize(
    "wishes",
    [
        {"backchannel_token_delivery_mode": "push"},
        {"backchannel_client_notification_endpoint": "http://app.example/ciba"},
        {"backchannel_client_notification_endpoint": "https://127.0.0.1@app.example/ciba"},
        {"backchannel_client_notification_endpoint": "file:///etc/passwd"},
        {"backchannel_client_notification_endpoint": 1},
        {},
    ],
)
def test_ping_mode_needs_an_address_that_is_safe(wishes: dict[str, Any]) -> None:
    answer = send(World(), "POST", "/register", {**NATIVE, **CIBA_CLIENT, **wishes})
    assert (answer.status, document(answer)["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize(
    "wishes",
    [
        {"request_uris": ["http://127.0.0.1:6379/x"]},
        {"request_uris": ["https://app.example/x", "https://localhost/x"]},
        {**CIBA_CLIENT, "backchannel_client_notification_endpoint": "http://[::1]:8400/ciba"},
    ],
)
def test_a_page_registers_no_client_that_would_be_asked_on_this_machine(wishes: dict[str, Any]) -> None:
    world = World()
    for headers, status in (({"Origin": "https://evil.example"}, 400), ({}, 201)):
        sent = {"Content-Type": "application/json", **headers}
        answer = world.send("POST", "/register", headers=sent, body=json.dumps({**NATIVE, **wishes}).encode())
        assert answer.status == status, answer.text
    assert local_origins(world.state)
    world.state = replace(world.state, client_documents=dict.fromkeys(world.state.clients, 1e12))
    assert not local_origins(world.state)


def test_a_registration_is_read_and_changed() -> None:
    world = World()
    client = registered(world)
    assert document(manage(world, "GET", client)) == client
    wanted = {**NATIVE, "client_id": client["client_id"], "client_name": "Renamed", "token_endpoint_auth_method": "client_secret_post"}
    changed = document(manage(world, "PUT", client, wanted))
    assert changed["client_name"] == "Renamed"
    assert changed["client_secret"]
    assert document(manage(world, "GET", client)) == changed
    assert world.state.clients[client["client_id"]].name == "Renamed"


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "web"}, {"client_id": None}, {"registration_access_token": "x"}, {"client_secret": "guessed"}, {"scope": "everything"}],
)
def test_a_change_that_is_not_the_clients_is_refused(changes: dict[str, Any]) -> None:
    world = World()
    client = registered(world)
    answer = manage(world, "PUT", client, {**NATIVE, "client_id": client["client_id"], **changes})
    assert (answer.status, document(answer)["error"]) == (400, "invalid_client_metadata")


def test_a_registration_that_is_taken_back_takes_its_tokens_along() -> None:
    world = World()
    client = registered(world, grant_types=["authorization_code", "refresh_token"])
    tokens = document(world.redeem(world.code(client_id=client["client_id"]), client_id=client["client_id"]))
    assert manage(world, "DELETE", client).status == 204
    assert manage(world, "GET", client).status == 401
    assert world.get("/api/items", Authorization=f"Bearer {tokens['access_token']}").status == 401
    assert world.refresh(tokens["refresh_token"], client_id=client["client_id"]).status == 401


@pytest.mark.parametrize("path", ["/register", "/register?client_id=web", "/register?client_id=nobody"])
def test_a_registration_is_nobody_elses_to_see(path: str) -> None:
    world = World()
    token = registered(world)["registration_access_token"]
    for method in ("GET", "DELETE"):
        answer = send(world, method, path, token=token)
        assert answer.status == 401
        assert (answer.headers.get("www-authenticate") or "").startswith("Bearer")


def test_a_provider_that_is_closed_takes_no_client() -> None:
    world = World(practice_state(takes_registrations=False))
    assert send(world, "POST", "/register", NATIVE).status == 403
    assert "registration_endpoint" not in document(world.get("/.well-known/openid-configuration"))


def test_the_state_keeps_no_registration_access_token() -> None:
    world = World()
    token = registered(world)["registration_access_token"]
    assert token not in repr(world.state)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"client_name": "n" * 2001}, "client_name is longer than 2000 characters"),
        ({"client_uri": "https://shop.example/" + "p" * 2000}, "client_uri is longer than 2000 characters"),
        ({"contacts": ["c" * 2001]}, "contacts is longer than 2000 characters"),
        ({"redirect_uris": [f"https://shop.example/{number}" for number in range(101)]}, "redirect_uris has more than 100 values"),
        ({"response_types": ["code"] * 101}, "response_types has more than 100 values"),
        ({"jwks": {"keys": [PUBLIC] * 101}}, "jwks has more than 100 keys"),
        ({"nobody_knows_it": "x" * 70_000}, "the body is longer than 65536 octets"),
    ],
)
def test_what_is_kept_of_anybody_has_its_bounds(metadata: dict[str, Any], reason: str) -> None:
    world = World()
    answer = send(world, "POST", "/register", {**NATIVE, **metadata})
    assert (answer.status, document(answer)) == (400, {"error": "invalid_client_metadata", "error_description": reason})
    assert not world.state.registrations
