from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, pkcs12

from oauthctl.errors import ConfigError
from oauthctl.jose.jwk import from_private_key, generate
from oauthctl.jose.key_file import assertion_header, load_private_key

EC = ec.generate_private_key(ec.SECP256R1())
EXPECTED = from_private_key(EC)
PASSPHRASE = "correct horse"


def told() -> str:
    return PASSPHRASE


def never() -> str:
    raise AssertionError("the passphrase is not needed")


def pem(form: PrivateFormat, *, encrypted: bool = False) -> bytes:
    return EC.private_bytes(Encoding.PEM, form, BestAvailableEncryption(PASSPHRASE.encode()) if encrypted else NoEncryption())


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, EC.public_key(), x509.random_serial_number(), now, now + timedelta(days=9))
    return builder.sign(EC, hashes.SHA256())


@pytest.mark.parametrize(
    "content",
    [
        pem(PrivateFormat.PKCS8),
        pem(PrivateFormat.TraditionalOpenSSL),
        json.dumps(EXPECTED.as_dict()).encode(),
        json.dumps({"keys": [generate("ES256").public().as_dict(), EXPECTED.as_dict()]}).encode(),
        b"\n" + pem(PrivateFormat.PKCS8) + b"\n",
    ],
)
def test_a_key_is_read_in_whatever_file_it_comes(content: bytes) -> None:
    assert load_private_key(content, passphrase=never).thumbprint() == EXPECTED.thumbprint()


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_takes_its_passphrase(form: PrivateFormat) -> None:
    assert load_private_key(pem(form, encrypted=True), passphrase=told).thumbprint() == EXPECTED.thumbprint()
    with pytest.raises(ConfigError, match="can't be read") as caught:
        load_private_key(pem(form, encrypted=True), passphrase=lambda: "wrong")
    assert "wrong" in caught.value.notes[0]


def test_a_key_store_brings_the_thumbprint_of_its_certificate() -> None:
    made = certificate()
    content = pkcs12.serialize_key_and_certificates(b"client", EC, made, None, BestAvailableEncryption(PASSPHRASE.encode()))
    key = load_private_key(content, passphrase=told)
    assert key.thumbprint() == EXPECTED.thumbprint()
    assert len(str(assertion_header(key)["x5t#S256"])) == 43
    with pytest.raises(ConfigError, match="PKCS#12"):
        load_private_key(content, passphrase=lambda: "wrong")


def test_an_encryption_key_signs_nothing() -> None:
    rsa_key = from_private_key(rsa.generate_private_key(65537, 2048)).with_(use="enc")
    with pytest.raises(ConfigError, match="no private key that signs"):
        load_private_key(json.dumps(rsa_key.as_dict()).encode(), passphrase=never)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"{}",
        b"{",
        b"\x30\x82\x00\x01\x02",
        json.dumps(EXPECTED.public().as_dict()).encode(),
        EC.public_key().public_bytes(Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        certificate().public_bytes(Encoding.PEM),
    ],
)
def test_what_is_no_private_key_is_refused_without_being_quoted(content: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        load_private_key(content, passphrase=told)
    assert "AAAA" not in str(caught.value)
