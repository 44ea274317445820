"""The authorization request inside of a JWT, as a played sign-in sends it (RFC 9101)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.flows.authorization_code import SignIn, authorization_url
from oauthctl.flows.steps import Offer
from oauthctl.http import Params, split_url
from oauthctl.jose.jwe import decrypt
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.messages.client_auth import Client
from tests.flows.test_authorization_code import ISSUER, PLAN, keys, metadata
from tests.played import Played, play, response

KEY = generate("ES256")
RSA = generate("RS256").with_(alg="", use="sig")
SERVER = generate("ES256").with_(use="enc", alg="ECDH-ES")
SIGNED = replace(PLAN, request_object="signed", keys=(KEY,))


def sent(played: Played[tuple[str, Offer | None]]) -> Params:
    return Params.parse(split_url(played.result[0]).query)


def test_the_browser_carries_client_and_jwt_alone() -> None:
    params = sent(play(authorization_url(SIGNED), []))
    assert [name for name, _ in params] == ["tenant", "client_id", "request"]
    claims = take_apart(params.get("request") or "").claims or {}
    assert (claims["aud"], claims["state"], claims["jti"]) == (ISSUER, PLAN.state, "random-1")


def test_it_is_pushed_as_it_is() -> None:
    plan = replace(SIGNED, is_pushed=True, metadata=metadata(pushed_authorization_request_endpoint=f"{ISSUER}/par"))
    played = play(authorization_url(plan), [response(201, {"request_uri": "urn:example:1", "expires_in": 60})])
    assert [name for name, _ in played.requests[0].form] == ["client_id", "request"]
    assert sent(played).get("request_uri") == "urn:example:1"


def test_it_is_left_where_the_server_fetches_it() -> None:
    played = play(authorization_url(replace(SIGNED, request_object="reference", request_uri="https://app.example/r.jwt")), [])
    params, (_, offer) = sent(played), played.result
    assert offer is not None
    hashed = urlsafe_b64encode(sha256(offer.body).digest()).rstrip(b"=").decode()
    assert (params.get("request_uri"), params.get("request")) == (f"https://app.example/r.jwt#{hashed}", None)
    assert (offer.uri, offer.content_type) == ("https://app.example/r.jwt", "application/oauth-authz-req+jwt")
    assert take_apart(offer.body.decode()).claim_text("state") == PLAN.state


def test_an_rsa_key_signs_as_the_server_announces() -> None:
    plan = replace(SIGNED, keys=(RSA,), metadata=metadata(request_object_signing_alg_values_supported=["ES256", "PS256", "RS256"]))
    assert take_apart(sent(play(authorization_url(plan), [])).get("request") or "").alg == "PS256"


def test_it_is_encrypted_with_a_key_that_the_server_publishes() -> None:
    played = play(authorization_url(replace(SIGNED, request_object="encrypted")), [keys(KEY, SERVER)])
    compact = sent(played).get("request") or ""
    assert take_apart(compact).kind is Kind.JWE
    assert take_apart(decrypt(compact, (SERVER,))).claim_text("state") == PLAN.state


@pytest.mark.parametrize(
    ("plan", "slug"),
    [
        (replace(SIGNED, keys=()), "no-key"),
        (replace(SIGNED, keys=(KEY.public(),)), "no-key"),
        (replace(SIGNED, keys=(SERVER,)), "no-key"),
        (replace(SIGNED, request_object="secret"), "no-secret"),
        (replace(SIGNED, request_object="secret", client=Client("s6BhdRkqt3", "short")), "secret-too-short"),
    ],
)
def test_without_what_signs_nothing_is_sent(plan: SignIn, slug: str) -> None:
    played = play(authorization_url(plan), [])
    assert isinstance(played.error, ConfigError)
    assert played.error.slug == slug


def test_a_server_without_a_key_to_encrypt_for_is_told_of() -> None:
    played = play(authorization_url(replace(SIGNED, request_object="encrypted")), [keys(KEY)])
    assert isinstance(played.error, BadAnswer)
    assert played.error.slug == "no-encryption-key"
