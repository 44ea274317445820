from __future__ import annotations

import pytest

from oauthctl.errors import ConfigError
from oauthctl.flows.assertion_grant import made_assertion, redeem_assertion, without_proof
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_auth import Client
from oauthctl.messages.token_exchange import JWT_BEARER, SAML2_BEARER
from tests.played import BEGAN, play, response

ENDPOINT = "https://authz.example.net/token.oauth2"
GRANTED = {"access_token": "at-1", "token_type": "Bearer"}
# Source: RFC 7523 section 4.
RFC7523_SECTION_4_CLAIMS = {
    "iss": "https://jwt-idp.example.com",
    "sub": "mailto:mike@example.com",
    "aud": "https://jwt-rp.example.net",
    "nbf": 1300815780,
    "exp": 1300819380,
    "http://claims.example.com/member": True,
}


def test_an_assertion_may_be_all_that_there_is() -> None:
    """RFC 7523 sections 2.1 and 4: no `client_id`, no authentication."""
    played = play(redeem_assertion(ENDPOINT, Client(""), "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.e30.sig"), [response(200, GRANTED)])
    (request,) = played.requests
    assert request.form.pairs == (("grant_type", JWT_BEARER), ("assertion", "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.e30.sig"))
    assert "authorization" not in request.headers
    assert played.result.response.access_token == "at-1"


def test_a_client_may_prove_itself_all_the_same() -> None:
    client = Client("app", "secret-of-app", "client_secret_basic")
    flow = redeem_assertion(ENDPOINT, client, "PHNhbWw", grant_type=SAML2_BEARER, scope=("a", "b"), resource=("https://r.example",))
    (request,) = play(flow, [response(200, GRANTED)]).requests
    assert request.form.pairs == (
        ("grant_type", SAML2_BEARER),
        ("assertion", "PHNhbWw"),
        ("scope", "a b"),
        ("resource", "https://r.example"),
    )
    assert (request.headers.get("authorization") or "").startswith("Basic ")


def test_the_claims_of_the_example_can_be_made() -> None:
    """RFC 7523 section 4."""
    client = Client("", key=generate("ES256").with_(kid="16"), audience="https://jwt-rp.example.net")
    own = {name: value for name, value in RFC7523_SECTION_4_CLAIMS.items() if name not in ("iss", "sub", "aud")}
    flow = made_assertion(
        client, issuer="https://jwt-idp.example.com", subject="mailto:mike@example.com", claims={**own, "iat": "", "jti": ""}
    )
    token = take_apart(play(flow, []).result)
    assert token.claims == RFC7523_SECTION_4_CLAIMS
    assert token.header == {"alg": "ES256", "typ": "JWT", "kid": "16"}


def test_each_assertion_is_dated_and_told_from_all_others() -> None:
    client = Client("app", method="private_key_jwt", key=generate("ES256"), audience="https://as.example")
    claims = take_apart(play(made_assertion(client, issuer="app"), []).result).claims or {}
    assert (claims["iat"], claims["jti"], claims["sub"]) == (int(BEGAN.timestamp()), "random-1", "app")


def test_without_a_key_the_way_out_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        _ = play(made_assertion(Client("app"), issuer="app"), []).result
    assert caught.value.slug == "no-key"
    assert "--assertion-file" in caught.value.help


def test_a_client_without_proof_is_named_alone() -> None:
    bare = without_proof(Client("app", "s", "client_secret_post", key=generate("ES256")))
    assert (bare.client_id, bare.secret, bare.method) == ("app", "", "none")
