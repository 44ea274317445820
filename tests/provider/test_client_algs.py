"""What a client registers of signing and encrypting is what it gets; and so is all else that the metadata announce."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oauthctl.jose.jwe import decrypt
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign, unsecured
from oauthctl.messages.client_assertion import ASSERTION_TYPE, client_assertion
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.client_algs import SUPPORTED
from oauthctl.provider.metadata import document as metadata_of
from oauthctl.provider.second_factor import CODE
from tests.provider.world import CALLBACK, ISSUER, START, World, callback, claims_of, document, practice_state

EC, RSA = generate("ES256").with_(kid="ec"), generate("RS256").with_(kid="rsa")
SEALED, SEALED_RSA = EC.with_(use="enc", alg="ECDH-ES", kid="sealed"), RSA.with_(use="enc", alg="RSA-OAEP", kid="sealed-rsa")
JWKS = {"keys": [key.public().as_dict() for key in (EC, RSA, SEALED, SEALED_RSA)]}
ASKED = {"redirect_uris": [CALLBACK], "jwks": JWKS, "token_endpoint_auth_method": "client_secret_basic"}


def register(there: World, **metadata: Any) -> tuple[int, dict[str, Any]]:
    body = json.dumps({**ASKED, **metadata}).encode()
    answer = there.send("POST", "/register", headers={"Content-Type": "application/json"}, body=body)
    return answer.status, document(answer)


def registered(there: World, **metadata: Any) -> dict[str, Any]:
    status, told = register(there, **metadata)
    assert (status, {name: told.get(name) for name in metadata}) == (201, metadata), told
    return told


@pytest.mark.parametrize("name", SUPPORTED)
def test_whatever_the_metadata_announce_can_be_registered(name: str) -> None:
    there = World()
    beside = {f"{name.removesuffix('enc')}alg": "ECDH-ES"} if name.endswith("_enc") else {}
    for value in metadata_of(there.state)[SUPPORTED[name]]:
        registered(there, **{name: value}, **beside)


@pytest.mark.parametrize(
    "metadata",
    [
        {"require_auth_time": True},
        {"require_signed_request_object": True},
        {"tls_client_certificate_bound_access_tokens": True},
        {"default_acr_values": ["second-factor", "password"]},
        {"authorization_details_types": ["items"]},
        {"client_uri": "https://app.example/", "logo_uri": "http://app.example/logo.png"},
    ],
)
def test_so_can_all_else(metadata: dict[str, Any]) -> None:
    registered(World(), **metadata)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        *(({name: "HS1"}, f"{name} HS1 is not supported") for name in SUPPORTED if not name.endswith("_enc")),
        ({"userinfo_signed_response_alg": 5}, "not of the right type"),
        ({"userinfo_signed_response_alg": "none"}, "not supported"),
        ({"userinfo_signed_response_alg": "HS256", "token_endpoint_auth_method": "none"}, "needs a client secret"),
        ({"request_object_signing_alg": "HS256", "token_endpoint_auth_method": "private_key_jwt"}, "needs a client secret"),
        ({"request_object_signing_alg": "ES256", "jwks": {"keys": []}}, "needs the client's public keys"),
        ({"id_token_encrypted_response_alg": "ECDH-ES", "jwks": {"keys": [SEALED_RSA.public().as_dict()]}}, "needs a key of the client"),
        ({"id_token_encrypted_response_enc": "A128GCM"}, "needs id_token_encrypted_response_alg"),
        ({"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "HS256"}, "needs a client secret"),
        ({"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "RS256"}, "does not go with"),
        ({"authorization_details_types": ["moon_landing"]}, "moon_landing is not supported"),
        ({"require_signed_request_object": "yes"}, "not of the right type"),
        ({"logo_uri": "javascript:alert(1)"}, "logo_uri has to be the http or https URL"),
        ({"client_uri": "not a uri"}, "client_uri has to be the http or https URL"),
        ({"policy_uri": "https://app.example@evil.example/"}, "policy_uri has to be the http or https URL"),
        ({"request_uris": ["http://169.254.169.254/x"]}, "request_uris has to name https URLs"),
        ({"redirect_uris": ["https://*.example/"]}, "wildcard"),
    ],
)
def test_what_can_not_be_is_refused(metadata: dict[str, Any], said: str) -> None:
    status, told = register(World(), **metadata)
    assert status == 400
    assert said in told["error_description"]


@pytest.mark.parametrize(
    ("uri", "kind", "status"),
    [
        ("https://app.example/cb", "web", 201),
        ("http://localhost:8080/cb", "web", 400),
        ("https://localhost/cb", "web", 400),
        ("http://127.0.0.1/cb", "web", 400),
        ("http://127.0.0.1/cb", "native", 201),
    ],
)
def test_a_web_client_gets_no_token_on_this_machine_by_the_browser(uri: str, kind: str, status: int) -> None:
    there = World(practice_state(is_legacy=True))
    wishes = {"redirect_uris": [uri], "application_type": kind, "grant_types": ["implicit"], "response_types": ["token"]}
    assert register(there, **wishes)[0] == status


def tokens(there: World, client: dict[str, Any]) -> dict[str, Any]:
    code = there.code(client_id=client["client_id"], scope="openid profile items.read")
    return document(there.redeem(code, client_id=client["client_id"], secret=client["client_secret"]))


def test_answers_are_signed_and_encrypted_as_registered() -> None:
    there = World()
    client = registered(
        there,
        id_token_signed_response_alg="ES256",
        id_token_encrypted_response_alg="ECDH-ES+A128KW",
        id_token_encrypted_response_enc="A256GCM",
        userinfo_signed_response_alg="ES256",
        introspection_signed_response_alg="ES256",
        authorization_signed_response_alg="ES256",
    )
    answer = tokens(there, client)
    assert (take_apart(answer["id_token"]).header or {})["enc"] == "A256GCM"
    assert take_apart(decrypt(answer["id_token"], (SEALED,))).alg == "ES256"
    bearer = f"Bearer {answer['access_token']}"
    assert take_apart(there.get("/userinfo", Authorization=bearer).text).alg == "ES256"
    secret = basic_credentials(client["client_id"], client["client_secret"])
    form = {"token": answer["access_token"]}
    jwt = there.post("/introspect", form, Authorization=secret, Accept="application/token-introspection+jwt")
    assert take_apart(jwt.text).alg == "ES256"
    page = there.ask(client_id=client["client_id"], scope="openid profile items.read", response_mode="jwt")
    assert take_apart(callback(page).get("response") or "").alg == "ES256"


@pytest.mark.parametrize(("wishes", "error"), [({"request_object_signing_alg": "none"}, None), ({}, "invalid_request_object")])
def test_a_request_object_without_signature_is_for_those_who_registered_so(wishes: dict[str, Any], error: str | None) -> None:
    there = World()
    client_id = registered(there, **wishes)["client_id"]
    inside = {"client_id": client_id, "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid", "state": "state-1"}
    beside = dict.fromkeys(("nonce", "code_challenge", "code_challenge_method"))
    answer = there.answer(client_id=client_id, scope="openid", request=unsecured(inside), **beside)
    assert (answer.get("error"), bool(answer.get("code"))) == (error, error is None)


def test_a_plain_request_is_refused_of_a_client_that_always_signs() -> None:
    there = World()
    client_id = registered(there, require_signed_request_object=True)["client_id"]
    assert callback(there.ask(client_id=client_id)).get("error") == "invalid_request"
    inside = {"response_type": "code", "redirect_uri": CALLBACK, "scope": "openid", "client_id": client_id}
    page = there.ask(client_id=client_id, request=sign(inside, EC), scope="openid")
    assert b'name="password"' in page.body


@pytest.mark.parametrize(("key", "status"), [(EC, 200), (RSA, 401)])
def test_an_assertion_is_signed_with_the_registered_algorithm(key: Any, status: int) -> None:
    there = World()
    wishes = {"token_endpoint_auth_method": "private_key_jwt", "grant_types": ["client_credentials"], "scope": "items.read"}
    client_id = registered(there, **wishes, token_endpoint_auth_signing_alg="ES256")["client_id"]
    assertion = client_assertion(client_id, key, audience=ISSUER, now=START, jti="one")
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    assert there.post("/token", form).status == status


def test_the_registered_level_of_sign_in_is_wanted_where_a_request_names_none() -> None:
    there = World()
    client_id = registered(there, default_acr_values=["second-factor"])["client_id"]
    page = there.sign_in(there.ask(client_id=client_id, scope="openid items.read"))
    assert CODE in page.text
    page = World(there.state)
    asked = page.sign_in(page.ask(client_id=client_id, scope="openid items.read", acr_values="password"))
    assert "Allow access?" in asked.text


def test_registered_types_of_details_are_all_that_may_be_asked_for() -> None:
    there = World()
    client_id = registered(there, authorization_details_types=["items"])["client_id"]
    for kind, error in (("items", None), ("photo_album", "invalid_authorization_details")):
        page = there.ask(client_id=client_id, authorization_details=json.dumps([{"type": kind}]))
        assert (callback(page).get("error") if page.status == 303 else None) == error
    assert claims_of(tokens(there, document_of(there, client_id))["id_token"])["aud"] == client_id


def document_of(there: World, client_id: str) -> dict[str, Any]:
    return {"client_id": client_id, "client_secret": there.state.clients[client_id].secret}
