"""ID tokens, userinfo and introspection as JWTs, signed and encrypted."""

from __future__ import annotations

from typing import Any

import pytest

from oauthctl.findings import Outcome
from oauthctl.jose.jwe import decrypt
from oauthctl.jose.jwk import Jwk, generate, parse_key_set
from oauthctl.jose.jwt import Kind, Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.client_auth import basic_credentials
from tests.provider.world import ISSUER, SECRET, World, document, practice_state, with_client

KEY = generate("ES256").with_(use="enc", alg="ECDH-ES+A128KW")
RSA = generate("RS256").with_(use="enc", alg="RSA-OAEP-256")
JWT = "application/token-introspection+jwt"


def world(**client: Any) -> World:
    return World(with_client(practice_state(), "public", keys=(KEY.public(), RSA.public()), auth_methods=("none",), **client))


def checked(there: World, compact: str) -> Token:
    token = take_apart(compact)
    assert check_signature(token, parse_key_set(document(there.get("/jwks")))).outcome is Outcome.PASS
    return token


@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A256GCM"])
@pytest.mark.parametrize("key", [KEY, RSA], ids=["EC", "RSA"])
def test_an_id_token_is_signed_and_then_encrypted(key: Any, enc: str) -> None:
    there = world(id_token_encrypted_response_alg=key.alg, id_token_encrypted_response_enc=enc)
    compact = there.tokens()["id_token"]
    assert take_apart(compact).kind is Kind.JWE
    assert take_apart(compact).header == {**(take_apart(compact).header or {}), "alg": key.alg, "enc": enc, "cty": "JWT", "kid": key.kid}
    assert checked(there, decrypt(compact, (KEY, RSA))).claim_text("sub") == "alice"


def test_userinfo_is_signed_for_a_client_that_is_registered_so() -> None:
    there = world(userinfo_signed_response_alg="ES256")
    answer = there.get("/userinfo", Authorization=f"Bearer {there.tokens()['access_token']}")
    assert answer.content_type == "application/jwt"
    token = checked(there, answer.text)
    assert (token.alg, token.claim_text("iss"), token.claim_text("aud"), token.claim_text("sub")) == ("ES256", ISSUER, "public", "alice")


def test_userinfo_is_encrypted_for_a_client_that_is_registered_so() -> None:
    there = world(userinfo_encrypted_response_alg=KEY.alg)
    answer = there.get("/userinfo", Authorization=f"Bearer {there.tokens()['access_token']}")
    assert checked(there, decrypt(answer.text, (KEY,))).claim_text("name") == "Alice Adams"


def test_introspection_is_signed_for_who_asks_for_that() -> None:
    there = world()
    form = {"token": there.tokens()["access_token"]}
    answer = there.post("/introspect", form, Authorization=basic_credentials("api", SECRET), Accept=JWT)
    assert answer.content_type == JWT
    token = checked(there, answer.text)
    claims = token.claims or {}
    assert (token.typ, claims["iss"], claims["aud"]) == ("token-introspection+jwt", ISSUER, "api")
    assert set(claims) == {"iss", "aud", "iat", "token_introspection"}
    assert claims["token_introspection"]["active"] is True
    plain = there.post("/introspect", form, Authorization=basic_credentials("api", SECRET), Accept="application/json")
    assert document(plain) == claims["token_introspection"]


WEAK = Jwk.from_dict({"kty": "RSA", "use": "enc", "n": RSA.as_dict()["n"][:171], "e": "AQAB"})


@pytest.mark.parametrize("keys", [(), (WEAK,)], ids=["none", "weak"])
def test_a_client_without_a_good_key_is_told_so(keys: tuple[Jwk, ...]) -> None:
    names = ("id_token", "userinfo", "authorization", "introspection")
    state = practice_state()
    for client_id, method in (("public", "none"), ("api", "client_secret_basic")):
        state = with_client(
            state, client_id, keys=keys, auth_methods=(method,), **{f"{name}_encrypted_response_alg": "RSA-OAEP" for name in names}
        )
    there = World(state)
    page = there.ask(response_mode="jwt", prompt="none")
    assert (page.status, page.content_type, "no key" in page.text) == (400, "text/html", True)
    token = document(there.redeem(there.code(scope="items.read")))["access_token"]
    proof = basic_credentials("api", SECRET)
    for refused in (
        there.redeem(there.code(scope="openid")),
        there.post("/introspect", {"token": token}, Authorization=proof, Accept=JWT),
    ):
        assert (refused.status, document(refused)["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("keys", [(), (WEAK,)], ids=["none", "weak"])
def test_userinfo_tells_it_too(keys: tuple[Jwk, ...]) -> None:
    there = World(with_client(practice_state(), "public", keys=keys, auth_methods=("none",), userinfo_encrypted_response_alg="RSA-OAEP"))
    refused = there.get("/userinfo", Authorization=f"Bearer {there.tokens()['access_token']}")
    assert (refused.status, document(refused)["error"]) == (400, "invalid_request")
