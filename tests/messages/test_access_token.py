"""The checks of an API: each on its own, none stopping the others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.messages.access_token import AccessTokenExpectations, check_access_token

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
KEY = Jwk((("kty", "oct"), ("k", "c2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXMtb3ItbW9yZQ")))

# Source: RFC 9068 section 2.2, the claims that an access token must have.
rfc9068_section_2_2 = {
    "iss": "https://op.example",
    "exp": SECONDS + 900,
    "aud": "https://api.example",
    "sub": "alice",
    "client_id": "app",
    "iat": SECONDS,
    "jti": "t1",
}


def outcomes(claims: dict[str, object], *, typ: str = "at+jwt", **expected: object) -> dict[str, Outcome]:
    token = take_apart(sign(claims, KEY, header={"typ": typ}))
    known = {"issuer": "https://op.example", "audience": "https://api.example"} | expected
    return {verdict.check: verdict.outcome for verdict in check_access_token(token, AccessTokenExpectations(NOW, **known))}


def test_a_token_of_the_profile_passes_every_check() -> None:
    assert set(outcomes(rfc9068_section_2_2).values()) == {Outcome.PASS}


@pytest.mark.parametrize("claim", ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"])
def test_a_claim_that_the_profile_demands_is_missed(claim: str) -> None:
    claims = {name: value for name, value in rfc9068_section_2_2.items() if name != claim}
    assert outcomes(claims)["required-claims"] is Outcome.FAIL
    assert "required-claims" not in outcomes(claims, typ="JWT")


@pytest.mark.parametrize(
    ("claims", "typ", "expected"),
    [
        ({}, "at+jwt", Outcome.PASS),
        ({}, "application/at+jwt", Outcome.PASS),
        ({}, "JWT", Outcome.UNCLEAR),
        ({"nonce": "n"}, "JWT", Outcome.FAIL),
        ({"at_hash": "h"}, "JWT", Outcome.FAIL),
        ({}, "logout+jwt", Outcome.FAIL),
        ({}, "dpop+jwt", Outcome.FAIL),
    ],
)
def test_another_kind_of_token_is_no_access_token(claims: dict[str, object], typ: str, expected: Outcome) -> None:
    assert outcomes(rfc9068_section_2_2 | claims, typ=typ)["type"] is expected


@pytest.mark.parametrize(
    ("audiences", "expected"),
    [
        ("https://api.example", Outcome.PASS),
        (["x", "https://api.example"], Outcome.PASS),
        (["x"], Outcome.FAIL),
        ([], Outcome.FAIL),
        (7, Outcome.FAIL),
        ("https://api.example/", Outcome.FAIL),
    ],
)
def test_the_audience_is_compared_exactly(audiences: object, expected: Outcome) -> None:
    assert outcomes(rfc9068_section_2_2 | {"aud": audiences})["audience"] is expected


def test_what_is_not_known_is_not_judged() -> None:
    found = outcomes(rfc9068_section_2_2, issuer="", audience="")
    assert (found["issuer"], found["audience"]) == (Outcome.UNCLEAR, Outcome.UNCLEAR)


def test_a_jwt_of_another_kind_without_issuer_or_end_is_unclear_about_them() -> None:
    claims = {"sub": "alice"}
    assert outcomes(claims, typ="JWT", issuer="", audience="", is_access_token=False) == {
        "issuer": Outcome.UNCLEAR,
        "audience": Outcome.UNCLEAR,
        "expiry": Outcome.UNCLEAR,
    }
    assert outcomes(claims, typ="JWT", issuer="", audience="")["expiry"] is Outcome.FAIL


@pytest.mark.parametrize("is_access_token", [True, False])
def test_what_calls_itself_an_access_token_must_have_issuer_and_end(is_access_token: bool) -> None:
    found = outcomes({"sub": "alice"}, typ="at+jwt", issuer="", audience="", is_access_token=is_access_token)
    assert (found["issuer"], found["expiry"]) == (Outcome.FAIL, Outcome.FAIL)


@pytest.mark.parametrize(("text", "expected"), [("opaque-token", Outcome.UNCLEAR), ("ey.x.y", Outcome.FAIL), ("", Outcome.UNCLEAR)])
def test_a_token_without_claims_gets_one_verdict(text: str, expected: Outcome) -> None:
    [verdict] = check_access_token(take_apart(text), AccessTokenExpectations(NOW))
    assert (verdict.check, verdict.outcome) == ("form", expected)
