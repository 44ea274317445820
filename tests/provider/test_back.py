"""Authorization responses inside of a JWT (JARM)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from oauthctl.findings import Outcome
from oauthctl.http import Params, Response
from oauthctl.jose.jwe import decrypt
from oauthctl.jose.jwk import Jwk, generate, parse_key_set
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.jose.verify import check_signature
from tests.provider.world import CALLBACK, ISSUER, START, World, document, last_form, practice_state, with_client

KEY = generate("ES256").with_(use="enc", alg="ECDH-ES")


def answered(mode: str, **client: Any) -> tuple[World, Response]:
    there = World(with_client(practice_state(), "public", **client))
    return there, there.allow(there.sign_in(there.ask(response_mode=mode)))


def params_of(response: Response, mode: str) -> Params:
    if mode.startswith("form_post"):
        action, hidden = last_form(response)
        assert action == CALLBACK
        return hidden
    parts = urlsplit(response.headers.get("location") or "")
    return Params.parse(parts.fragment if mode.startswith("fragment") else parts.query)


def keys_of(there: World) -> tuple[Jwk, ...]:
    return parse_key_set(document(there.get("/jwks")))


def checked(there: World, compact: str) -> Token:
    token = take_apart(compact)
    assert check_signature(token, keys_of(there)).outcome is Outcome.PASS
    return token


@pytest.mark.parametrize("mode", ["query.jwt", "fragment.jwt", "form_post.jwt", "jwt"])
def test_the_answer_is_one_signed_jwt_in_each_mode(mode: str) -> None:
    there, response = answered(mode)
    params = params_of(response, mode)
    assert [name for name, _ in params] == ["response"]
    claims = checked(there, params.get("response") or "").claims or {}
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "public"
    assert claims["exp"] == int(START.timestamp()) + 600
    assert claims["state"] == "state-1"
    assert there.redeem(claims["code"]).status == 200


def test_an_error_is_inside_as_well() -> None:
    there = World()
    params = params_of(there.ask(response_mode="jwt", prompt="none"), "query")
    assert checked(there, params.get("response") or "").claim_text("error") == "login_required"


def test_the_client_chooses_the_algorithm() -> None:
    there, response = answered("jwt", authorization_signed_response_alg="ES256")
    assert checked(there, params_of(response, "query").get("response") or "").alg == "ES256"


def test_it_is_encrypted_for_a_client_that_is_registered_so() -> None:
    there, response = answered("jwt", keys=(KEY.public(),), auth_methods=("none",), authorization_encrypted_response_alg="ECDH-ES")
    compact = params_of(response, "query").get("response") or ""
    assert take_apart(compact).header_text("cty") == "JWT"
    assert checked(there, decrypt(compact, (KEY,))).claim_text("code")


def test_the_metadata_names_modes_and_algorithms() -> None:
    said = document(World().get("/.well-known/openid-configuration"))
    assert {"query.jwt", "fragment.jwt", "form_post.jwt", "jwt"} <= set(said["response_modes_supported"])
    assert "RS256" in said["authorization_signing_alg_values_supported"]
