"""Why a signature doesn't hold: each cause has a slug of its own."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from oauthctl.jose.algorithms import sign_bytes
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import encode_part, sign, unsecured
from oauthctl.record.facts.signature import signature_reason

OWN = generate("RS256").with_(kid="own", alg="RS256")
OTHER = generate("RS256").with_(kid="other", alg="RS256")
CURVE = generate("ES256").with_(kid="curve", alg="ES256")
SECRET = Jwk.from_dict({"kty": "oct", "k": "c2VjcmV0LW9mLXRoZS1jbGllbnQtMzItb2N0ZXRzLWxvbmc"})
CLAIMS = {"iss": "https://idp.example.com", "sub": "u-42", "role": "reader"}
GOOD = sign(CLAIMS, OWN, alg="RS256", header={"kid": "own"})
PUBLISHED = (OWN.public(), CURVE.public())


def _changed(compact: str) -> str:
    protected, _, signature = compact.split(".")
    return f"{protected}.{encode_part({**CLAIMS, 'role': 'admin'})}.{signature}"


def _with_public_key_as_secret() -> str:
    secret = Jwk.from_dict({"kty": "oct", "k": _base64url(OWN.public_encodings()[0])})
    return sign(CLAIMS, secret, alg="HS256", header={"kid": "own"})


def _under_another_header(made_by: str) -> str:
    signing_input = f"{encode_part({'alg': 'RS256', 'kid': 'own'})}.{encode_part(CLAIMS)}"
    return f"{signing_input}.{_base64url(sign_bytes(made_by, OWN.as_dict(), signing_input.encode()))}"


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")


CASES = {
    "unsecured": unsecured(CLAIMS),
    "altered": _changed(GOOD),
    "too-short": GOOD[:-40],
    "too-long": GOOD + "AAAA",
    "differs": sign(CLAIMS, OTHER, alg="RS256", header={"kid": "own"}),
    "key-unknown": sign(CLAIMS, OTHER, alg="RS256", header={"kid": "other"}),
    "key-misnamed": sign(CLAIMS, OWN, alg="RS256", header={"kid": "gone"}),
    "key-misfit": sign(CLAIMS, OWN, alg="RS256", header={"kid": "curve"}),
    "embedded-key": sign(CLAIMS, OTHER, alg="RS256", header={"kid": "other", "jwk": OTHER.public().as_dict()}),
    "other-algorithm": _under_another_header("PS256"),
    "hmac-with-public-key": _with_public_key_as_secret(),
    "hmac": sign(CLAIMS, SECRET, alg="HS256"),
    "critical": f"{encode_part({'alg': 'RS256', 'kid': 'own', 'crit': ['x'], 'x': 1})}.{encode_part(CLAIMS)}.{GOOD.rpartition('.')[2]}",
    "algorithm-unknown": f"{encode_part({'alg': 'XX1'})}.{encode_part(CLAIMS)}.c2ln",
}


@pytest.mark.parametrize("reason", CASES)
def test_each_cause_is_told_apart(reason: str) -> None:
    assert signature_reason(take_apart(CASES[reason]), PUBLISHED) == reason


def test_a_changed_token_of_another_key_is_not_called_altered() -> None:
    assert signature_reason(take_apart(_changed(sign(CLAIMS, OTHER, alg="RS256", header={"kid": "own"}))), PUBLISHED) == "differs"


@pytest.mark.parametrize("members", [{"n": 1}, {"n": "", "e": ""}, {"n": "AQAB", "e": "AQAB"}, {}, {"n": "?", "e": "?"}])
def test_a_broken_key_is_no_reason_to_fail(members: dict[str, object]) -> None:
    broken = Jwk.from_dict({"kty": "RSA", "kid": "own", **members})
    assert isinstance(signature_reason(take_apart(GOOD), (broken,)), str)
