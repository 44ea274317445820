from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import Jwk, from_private_key, generate, load_key, parse_key_set
from tests.jose.examples import rfc7638_3_1_key, rfc8037_a4_key


def test_thumbprint_is_that_of_rfc7638() -> None:
    assert rfc7638_3_1_key.thumbprint() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_thumbprint_of_an_ed25519_key_is_that_of_rfc8037() -> None:
    assert rfc8037_a4_key.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_thumbprint_of_half_a_key_is_empty() -> None:
    assert Jwk.from_dict({"kty": "EC", "crv": "P-256", "x": "AA"}).thumbprint() == ""


@pytest.mark.parametrize("alg", ["ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed448"])
def test_a_generated_key_says_what_it_is_for_and_hides_its_secret(alg: str) -> None:
    key = generate(alg)
    assert (key.alg, key.use, key.kid) == (alg, "sig", key.thumbprint())
    assert key.is_private
    assert not key.public().is_private
    assert key.public().thumbprint() == key.kid
    assert key.as_dict()["d"] not in repr(key)


def test_a_generated_rsa_key_has_2048_bits() -> None:
    assert generate("RS256").bits == 2048


def test_nothing_is_generated_for_hmac() -> None:
    with pytest.raises(ConfigError, match="no key can be made for `HS256`"):
        generate("HS256")


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ({"keys": [{"kty": "RSA"}, 3, None, {"kty": "EC"}]}, 2),
        ({"kty": "RSA"}, 1),
        ([{"kty": "RSA"}, "x"], 1),
        ({"keys": "x"}, 0),
        ({}, 0),
        ("<html>", 0),
        (None, 0),
    ],
)
def test_a_key_set_is_read_leniently(document: object, count: int) -> None:
    assert len(parse_key_set(document)) == count


def test_a_pem_file_gives_private_and_public_keys() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    loaded = load_key(parameters + private + public)
    assert loaded == (from_private_key(key), from_private_key(key).public())


def test_a_jwks_file_is_read() -> None:
    assert load_key(json.dumps({"keys": [rfc7638_3_1_key.as_dict()]})) == (rfc7638_3_1_key,)


def test_an_encrypted_key_names_the_way_out() -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"hunter2")
    )
    with pytest.raises(ConfigError, match="the private key is encrypted") as caught:
        load_key(pem)
    assert "openssl" in caught.value.help


@pytest.mark.parametrize(
    "content", ["", "hello", "{", "{}", "[" * 100_000, b"\xff\xfe", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_gives_an_error_that_does_not_quote_it(content: str | bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        load_key(content)
    assert "AAAA" not in caught.value.message
