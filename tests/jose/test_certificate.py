from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from oauthctl.jose.certificate import is_of_another_key
from oauthctl.jose.jwk import Jwk, from_public_key

OWN, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")])


def _certificate(key: ec.EllipticCurvePrivateKey) -> str:
    unsigned = x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME).public_key(key.public_key()).serial_number(1)
    dated = unsigned.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    return b64encode(dated.sign(key, SHA256()).public_bytes(Encoding.DER)).decode()


@pytest.mark.parametrize(
    ("chain", "differs"),
    [
        ([_certificate(OWN)], False),
        ([_certificate(OTHER)], True),
        (["bm8gY2VydGlmaWNhdGU="], False),
        ([], False),
        ("x", False),
        ([7], False),
    ],
)
def test_a_certificate_of_another_key_is_known(chain: object, differs: bool) -> None:
    assert is_of_another_key(from_public_key(OWN.public_key()).with_(x5c=chain)) is differs


def test_a_key_that_cannot_be_read_has_no_other() -> None:
    assert is_of_another_key(Jwk.from_dict({"kty": "EC", "x5c": [_certificate(OWN)]})) is False
