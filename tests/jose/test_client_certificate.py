from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from oauthctl.errors import ConfigError
from oauthctl.jose.certificate import alternative_names, is_issued_by, is_self_signed, same_name, thumbprint
from oauthctl.jose.client_certificate import load_client_certificate
from tests.certificates import authority, made

CLIENT = made("CN=client,O=Example", by=authority(), names=("client.example", "https://client.example/id", "192.0.2.1"))
ALONE = made("CN=alone")
PASSPHRASE = "open sesame"


def nobody() -> str:
    raise AssertionError("no passphrase is needed")


def pkcs12(passphrase: str = "") -> bytes:
    hidden = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return serialize_key_and_certificates(b"client", CLIENT.key, CLIENT.certificate, (authority().certificate,), hidden)


@pytest.mark.parametrize(
    ("content", "key", "passphrase"),
    [
        (CLIENT.pem + CLIENT.key_pem(), b"", nobody),
        (CLIENT.key_pem() + CLIENT.pem, b"", nobody),
        (CLIENT.pem, CLIENT.key_pem(), nobody),
        (CLIENT.pem, CLIENT.key_pem(PASSPHRASE), lambda: PASSPHRASE),
        (CLIENT.pem + CLIENT.key_pem(PASSPHRASE), b"", lambda: PASSPHRASE),
        (authority().pem + CLIENT.pem + CLIENT.key_pem(), b"", nobody),
        (pkcs12(), b"", nobody),
        (pkcs12(PASSPHRASE), b"", lambda: PASSPHRASE),
        (CLIENT.pem, pkcs12(PASSPHRASE), lambda: PASSPHRASE),
    ],
)
def test_certificate_and_key_are_found_wherever_they_are(content: bytes, key: bytes, passphrase: object) -> None:
    found = load_client_certificate(content, key=key, passphrase=passphrase)  # type: ignore[arg-type]  # a table of callables
    assert found.chain[0] == CLIENT.der
    assert found.thumbprint == thumbprint(CLIENT.der)
    assert found.subject == "CN=client,O=Example"
    assert not found.is_self_signed


@pytest.mark.parametrize(
    ("content", "key", "slug"),
    [
        (CLIENT.pem, b"", "no-key"),
        (CLIENT.pem, ALONE.key_pem(), "key-certificate-differs"),
        (CLIENT.key_pem(), b"", "no-certificate"),
        (b"hello", b"", "no-certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"", "certificate-unreadable"),
        (CLIENT.pem + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"", "key-unreadable"),
        (CLIENT.pem, CLIENT.key_pem("another"), "key-unreadable"),
        (pkcs12("another"), b"", "key-unreadable"),
        (b"\x30\x03\x02\x01\x05", b"", "key-unreadable"),
    ],
)
def test_what_can_not_be_used_is_told_without_quoting_it(content: bytes, key: bytes, slug: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_client_certificate(content, key=key, passphrase=lambda: PASSPHRASE)
    assert caught.value.slug == slug
    told = f"{caught.value} {caught.value.notes} {caught.value.help}"
    assert PASSPHRASE not in told
    assert "AAAA" not in told


def test_the_key_never_shows_and_leaves_only_sealed() -> None:
    loaded = CLIENT.loaded
    assert "key" not in repr(loaded)
    sealed = loaded.sealed(b"a passphrase")
    assert b"ENCRYPTED PRIVATE KEY" in sealed
    assert b"BEGIN PRIVATE KEY" not in sealed
    assert load_client_certificate(sealed, passphrase=lambda: "a passphrase") == loaded


def test_a_certificate_is_its_issuers_alone() -> None:
    assert is_issued_by(CLIENT.der, authority().der)
    assert not is_issued_by(CLIENT.der, ALONE.der)
    assert not is_issued_by(made("CN=client", by=made("CN=test authority,O=Example", is_authority=True)).der, authority().der)
    assert is_self_signed(ALONE.der)
    assert not is_self_signed(CLIENT.der)
    assert not is_self_signed(b"no certificate")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("CN=client,O=Example", "CN=client,O=Example", True),
        ("CN=client, O=Example", "cn=client,o=Example", False),
        ("CN=client,O=Example", "O=Example,CN=client", False),
        ("CN=client", "CN=clients", False),
        ("client", "client", False),
    ],
)
def test_names_are_compared_part_by_part(one: str, other: str, expected: bool) -> None:
    assert same_name(one, other) is expected


@pytest.mark.parametrize(
    ("kind", "names"),
    [("dns", ("client.example",)), ("uri", ("https://client.example/id",)), ("ip", ("192.0.2.1",)), ("email", ())],
)
def test_further_names_are_told_by_their_kind(kind: str, names: tuple[str, ...]) -> None:
    assert alternative_names(CLIENT.der, kind) == names
    assert alternative_names(ALONE.der, kind) == ()
