from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.flows.pkce import METHODS, challenge


@pytest.fixture
def rfc7636_appendix_b() -> tuple[str, str]:
    return "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_example_challenge(rfc7636_appendix_b: tuple[str, str]) -> None:
    verifier, expected = rfc7636_appendix_b
    assert challenge(verifier) == expected
    assert challenge(verifier, "S256") == expected


def test_plain_is_the_verifier_itself(rfc7636_appendix_b: tuple[str, str]) -> None:
    assert challenge(rfc7636_appendix_b[0], "plain") == rfc7636_appendix_b[0]


@given(st.text("abcXYZ019-._~", min_size=43, max_size=128))
def test_a_challenge_has_43_characters_of_base64url(verifier: str) -> None:
    made = challenge(verifier)
    assert len(made) == 43
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_the_safe_method_comes_first() -> None:
    assert METHODS == ("S256", "plain", "none")
