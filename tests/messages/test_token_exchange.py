from __future__ import annotations

import pytest

from oauthctl.jose.jwk import generate
from oauthctl.jose.sign import sign
from oauthctl.messages.token_exchange import (
    TOKEN_TYPES,
    Traded,
    issued_type_problem,
    short_token_type,
    token_type_problem,
    token_type_uri,
    usual_type,
)

URN = "urn:ietf:params:oauth:token-type:"


def test_each_type_of_the_standard_has_a_short_name() -> None:
    """RFC 8693 section 3."""
    assert {token_type_uri(name) for name in TOKEN_TYPES if name != "id-jag"} == {
        f"{URN}{name}" for name in ("access_token", "refresh_token", "id_token", "saml1", "saml2", "jwt")
    }
    assert [short_token_type(token_type_uri(name)) for name in TOKEN_TYPES] == list(TOKEN_TYPES)


@pytest.mark.parametrize(
    ("said", "uri"),
    [
        ("ACCESS-TOKEN", f"{URN}access_token"),
        ("id_jag", f"{URN}id-jag"),
        (f"{URN}jwt", f"{URN}jwt"),
        ("urn:example:token-type:badge", "urn:example:token-type:badge"),
    ],
)
def test_a_type_may_be_spelled_in_full_or_be_one_of_ones_own(said: str, uri: str) -> None:
    assert token_type_uri(said) == uri


def test_the_usual_type_is_told_from_the_form() -> None:
    key = generate("ES256")
    assert usual_type("opaque-token") == f"{URN}access_token"
    assert usual_type(sign({"sub": "a"}, key)) == f"{URN}jwt"
    assert usual_type(sign({"sub": "a"}, key, header={"typ": "at+jwt"})) == f"{URN}access_token"
    assert usual_type(sign({"sub": "a"}, key, header={"typ": "oauth-id-jag+jwt"})) == f"{URN}id-jag"


@pytest.mark.parametrize(
    ("requested", "issued", "fits"),
    [
        ("", "saml2", True),
        ("access_token", "access_token", True),
        ("access_token", "jwt", True),
        ("jwt", "access_token", True),
        ("access_token", "refresh_token", False),
        ("id-jag", "access_token", False),
        ("saml2", "saml1", False),
        ("id_token", "", True),
    ],
)
def test_what_is_issued_must_be_what_was_asked_for(requested: str, issued: str, fits: bool) -> None:
    problem = issued_type_problem(requested and token_type_uri(requested), issued and token_type_uri(issued))
    assert (problem == "") is fits
    assert fits or f"`{issued}`" in problem


@pytest.mark.parametrize(
    ("issued", "token_type", "fits"),
    [
        ("access_token", "Bearer", True),
        ("access_token", "N_A", False),
        ("jwt", "N_A", True),
        ("jwt", "Bearer", True),
        ("id-jag", "N_A", True),
        ("id-jag", "Bearer", False),
        ("saml2", "bearer", False),
        ("refresh_token", "n_a", True),
        ("urn:example:badge", "Badge", True),
    ],
)
def test_the_token_type_must_fit_what_is_issued(issued: str, token_type: str, fits: bool) -> None:
    assert (token_type_problem(token_type_uri(issued), token_type) == "") is fits


def test_a_traded_token_does_not_show_in_a_text() -> None:
    assert "secret-token" not in repr(Traded("secret-token", token_type_uri("jwt")))
