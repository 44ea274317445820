from __future__ import annotations

from base64 import standard_b64encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256, sha512
from urllib.parse import quote

import pytest

from oauthctl.record.facts.challenge import challenge_fit, verifier_change

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def _challenge(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


RIGHT = _challenge(sha256(VERIFIER.encode()).digest())


@pytest.mark.parametrize(
    ("octets", "fit"),
    [
        (sha256(VERIFIER.encode()).digest(), "S256"),
        (sha256(urlsafe_b64decode(VERIFIER + "=")).digest(), "of-octets"),
        (sha256(VERIFIER.encode("utf-16-le")).digest(), "of-utf-16"),
        (sha512(VERIFIER.encode()).digest(), "other-hash"),
        (sha256(f"{VERIFIER}\n".encode()).digest(), "of-line-break"),
        (sha256(f"{VERIFIER}\r\n".encode()).digest(), "of-line-break"),
        (sha256(f"{VERIFIER}=".encode()).digest(), "of-padded"),
        (sha256(f'"{VERIFIER}"'.encode()).digest(), "of-quoted"),
        (sha256(VERIFIER.encode().hex().encode()).digest(), "of-hex"),
        (sha256(VERIFIER.lower().encode()).digest(), "of-case"),
        (sha256(sha256(VERIFIER.encode()).digest()).digest(), "hashed-twice"),
        (sha256(sha256(VERIFIER.encode()).hexdigest().encode()).digest(), "hashed-twice"),
        (sha256(b"another").digest(), ""),
    ],
)
def test_a_challenge_tells_what_was_hashed(octets: bytes, fit: str) -> None:
    assert challenge_fit(VERIFIER, _challenge(octets)) == fit


@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        (f"{VERIFIER}\n", "blanks"),
        (f'"{VERIFIER}"', "quotes"),
        (VERIFIER.replace("-", "%2D"), "encoded"),
        (RIGHT, "challenge"),
        (VERIFIER[:-1], "cut"),
        (VERIFIER[1:], "cut"),
        (VERIFIER[:-2], ""),
        (f"{VERIFIER}x", "more"),
        (VERIFIER, ""),
        ("x" * 43, ""),
    ],
)
def test_a_verifier_that_was_changed_on_its_way_is_known(sent: str, changed: str) -> None:
    assert verifier_change(sent, RIGHT) == changed


def test_a_verifier_that_was_hashed_before_it_became_base64url_is_known() -> None:
    octets = bytes(range(200, 232))
    standard = standard_b64encode(octets).decode()
    assert verifier_change(_challenge(octets), _challenge(sha256(standard.encode()).digest())) == "standard"


def test_a_challenge_that_was_cut_off_is_known() -> None:
    assert challenge_fit(VERIFIER, RIGHT[:40]) == "cut"
    assert challenge_fit(VERIFIER, RIGHT[:8]) == ""


def test_the_hash_of_the_encoded_verifier_is_known() -> None:
    sent = "a~b+c/d" * 8
    assert challenge_fit(sent, _challenge(sha256(quote(sent, safe="").encode()).digest())) == "of-encoded"


def test_hexadecimal_digits_are_known_in_either_case() -> None:
    digits = sha256(VERIFIER.encode()).hexdigest()
    assert challenge_fit(VERIFIER, digits) == challenge_fit(VERIFIER, digits.upper()) == "hex"
