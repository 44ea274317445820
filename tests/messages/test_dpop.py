from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.findings import Outcome
from oauthctl.http import Headers, Response
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.dpop import dpop_proof, target, token_hash, wants_nonce

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def rfc9449_7_1() -> tuple[str, str, str]:
    """The example's access token, its hash in the proof, and the thumbprint to which it is bound (section 6.1)."""
    return (
        "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
        "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
    )


def test_the_hash_of_the_examples_token(rfc9449_7_1: tuple[str, str, str]) -> None:
    assert token_hash(rfc9449_7_1[0]) == rfc9449_7_1[1]


def test_the_thumbprint_of_the_examples_key(rfc9449_7_1: tuple[str, str, str]) -> None:
    key = {
        "kty": "EC",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
        "crv": "P-256",
    }
    assert Jwk.from_dict(key).thumbprint() == rfc9449_7_1[2]


def test_a_proof_is_for_one_request_and_holds_the_public_key_alone() -> None:
    key = generate("ES256")
    proof = dpop_proof(key, "GET", "https://api.example:8443/items?page=2#x", now=NOW, jti="j", access_token="token", nonce="n")
    token = take_apart(proof)
    assert token.claims == {
        "jti": "j",
        "htm": "GET",
        "htu": "https://api.example:8443/items",
        "iat": int(NOW.timestamp()),
        "ath": token_hash("token"),
        "nonce": "n",
    }
    header = token.header or {}
    assert (header["typ"], header["alg"]) == ("dpop+jwt", "ES256")
    assert set(header["jwk"]) == {"kty", "crv", "x", "y"}
    assert "kid" not in header
    assert check_signature(token, (key.public(),)).outcome is Outcome.PASS


def test_a_token_request_needs_neither_hash_nor_nonce() -> None:
    claims = take_apart(dpop_proof(generate("ES256"), "POST", "https://op.example", now=NOW, jti="j")).claims or {}
    assert set(claims) == {"jti", "htm", "htu", "iat"}
    assert claims["htu"] == "https://op.example/"


@pytest.mark.parametrize(
    ("url", "htu"),
    [
        ("https://op.example/token", "https://op.example/token"),
        ("https://op.example/token?a=b", "https://op.example/token"),
        ("https://op.example/a%20b/", "https://op.example/a%20b/"),
        ("http://[::1]:9000", "http://[::1]:9000/"),
    ],
)
def test_the_target_is_the_url_without_query_and_fragment(url: str, htu: str) -> None:
    assert target(url) == htu


@pytest.mark.parametrize(
    ("status", "headers", "body", "wanted"),
    [
        (400, {"DPoP-Nonce": "n", "Content-Type": "application/json"}, b'{"error": "use_dpop_nonce"}', True),
        (401, {"DPoP-Nonce": "n", "WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}, b"", True),
        (401, {"DPoP-Nonce": "n", "WWW-Authenticate": 'DPoP error="invalid_token"'}, b"", False),
        (401, {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}, b"", False),
        (200, {"DPoP-Nonce": "n", "Content-Type": "application/json"}, b'{"error": "use_dpop_nonce"}', False),
        (400, {"DPoP-Nonce": "n"}, b"<html>", False),
    ],
)
def test_a_nonce_is_wanted_when_the_answer_says_so_and_brings_one(status: int, headers: dict[str, str], body: bytes, wanted: bool) -> None:
    assert wants_nonce(Response(status, Headers.of(headers), body)) is wanted
