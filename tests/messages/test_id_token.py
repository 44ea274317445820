from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.id_token import IdTokenExpectations, check_id_token, half_hash, issuer_difference
from tests.jose.unsound import unsound_jwt

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
CLAIMS: dict[str, Any] = {
    "iss": "https://op.example",
    "sub": "alice",
    "aud": "app",
    "exp": AT + 900,
    "iat": AT - 5,
    "nonce": "n-0S6_WzA2Mj",
}
EXPECTED = IdTokenExpectations(now=NOW, issuer="https://op.example", client_id="app", nonce="n-0S6_WzA2Mj", leeway_seconds=10)


def verdicts(changes: dict[str, Any], expected: IdTokenExpectations = EXPECTED, **header: Any) -> dict[str, Verdict]:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    token = take_apart(unsound_jwt(claims, {"alg": "RS256", **header}))
    return {verdict.check: verdict for verdict in check_id_token(token, expected)}


def test_a_good_token_passes_every_check() -> None:
    found = verdicts({})
    assert set(found) == {"issuer", "subject", "audience", "expiry", "issued-at", "nonce"}
    assert {verdict.outcome for verdict in found.values()} == {Outcome.PASS}


@pytest.mark.parametrize(
    ("changes", "check", "why"),
    [
        ({"iss": "https://op.example/"}, "issuer", "`iss` differs from the issuer by a trailing slash"),
        ({"iss": None}, "issuer", "there is no `iss`"),
        ({"sub": None}, "subject", "there is no `sub`"),
        ({"sub": "a" * 256}, "subject", "`sub` is no string of at most 255 ASCII characters"),
        ({"sub": "älice"}, "subject", "`sub` is no string of at most 255 ASCII characters"),
        ({"aud": "other"}, "audience", "`aud` does not name this client: the token is for somebody else"),
        ({"aud": ["other", 3]}, "audience", "`aud` does not name this client: the token is for somebody else"),
        ({"aud": None}, "audience", "there is no `aud`"),
        ({"aud": ["app", "api"]}, "authorized-party", "there are several audiences and no `azp` to say for whom the token was issued"),
        ({"azp": "other"}, "authorized-party", "`azp` is another client"),
        ({"exp": AT - 10}, "expiry", "expired 10 seconds ago"),
        ({"exp": AT - 3 * 86400}, "expiry", "expired 3 days ago"),
        ({"exp": None}, "expiry", "there is no `exp`"),
        ({"exp": str(AT + 900)}, "expiry", "`exp` is no number"),
        ({"exp": (AT + 900) * 1000}, "expiry", "`exp` counts milliseconds, and must count seconds"),
        ({"iat": AT * 1000}, "issued-at", "`iat` counts milliseconds, and must count seconds"),
        ({"iat": AT * 1_000_000}, "issued-at", "`iat` counts microseconds, and must count seconds"),
        ({"iat": AT * 1_000_000_000}, "issued-at", "`iat` counts nanoseconds, and must count seconds"),
        ({"iat": 10**30}, "issued-at", "`iat` counts no known unit, and must count seconds"),
        ({"iat": AT + 11}, "issued-at", "issued 11 seconds in the future: the clocks differ"),
        ({"iat": None}, "issued-at", "there is no `iat`"),
        ({"nbf": AT + 300}, "not-before", "not valid for another 5 minutes"),
        ({"nbf": "x"}, "not-before", "`nbf` is no number"),
        ({"nonce": None}, "nonce", "the request sent a `nonce` and the token has none"),
        ({"nonce": "other"}, "nonce", "`nonce` is not the one that was sent: the token answers another request"),
        ({"nonce": 3}, "nonce", "`nonce` is not the one that was sent: the token answers another request"),
        ({"events": {}}, "type", "it has `events`: a logout token or security event, no ID token"),
    ],
)
def test_one_wrong_claim_fails_one_check(changes: dict[str, Any], check: str, why: str) -> None:
    failed = {verdict.check: verdict.why for verdict in verdicts(changes).values() if verdict.outcome != Outcome.PASS}
    assert failed == {check: why}


def test_every_failure_is_reported() -> None:
    found = verdicts({"iss": "https://evil.example", "aud": "other", "exp": AT - 900, "nonce": "other"})
    assert [name for name, verdict in found.items() if verdict.outcome == Outcome.FAIL] == ["issuer", "audience", "expiry", "nonce"]
    assert (found["issuer"].expected, found["issuer"].got) == ("https://op.example", "https://evil.example")
    assert (found["expiry"].expected, found["expiry"].got) == ("after 2026-03-01T12:00:00Z", "2026-03-01T11:45:00Z")


@pytest.mark.parametrize(
    ("changes", "expectation", "check", "outcome"),
    [
        ({"exp": AT - 9}, {}, "expiry", Outcome.PASS),
        ({"iat": AT + 9}, {}, "issued-at", Outcome.PASS),
        ({"iat": AT - 700}, {"max_iat_age_seconds": 600}, "issued-at", Outcome.FAIL),
        ({"iat": AT - 600}, {"max_iat_age_seconds": 600}, "issued-at", Outcome.PASS),
        ({"azp": "app", "aud": ["app", "api"]}, {}, "authorized-party", Outcome.PASS),
        ({"azp": "app", "aud": ["app", "api"]}, {"trusted_audiences": ("x",)}, "audience", Outcome.FAIL),
        ({"azp": "app", "aud": ["app", "api"]}, {"trusted_audiences": ("api",)}, "audience", Outcome.PASS),
        ({"acr": "mfa"}, {"acr_values": ("mfa", "pwd")}, "acr", Outcome.PASS),
        ({"acr": "pwd"}, {"acr_values": ("mfa",)}, "acr", Outcome.FAIL),
        ({}, {"acr_values": ("mfa",)}, "acr", Outcome.FAIL),
        ({"auth_time": AT - 50}, {"max_age": 60}, "auth-time", Outcome.PASS),
        ({"auth_time": AT - 80}, {"max_age": 60}, "auth-time", Outcome.FAIL),
        ({}, {"max_age": 60}, "auth-time", Outcome.FAIL),
        ({"auth_time": AT - 80}, {"max_age": 0}, "auth-time", Outcome.FAIL),
        ({}, {"algs": ("RS256",)}, "algorithm", Outcome.PASS),
        ({}, {"algs": ("ES256",)}, "algorithm", Outcome.FAIL),
        ({}, {"issuer": ""}, "issuer", Outcome.UNCLEAR),
        ({}, {"client_id": ""}, "audience", Outcome.UNCLEAR),
        ({}, {"nonce": None}, "nonce", Outcome.UNCLEAR),
        ({"azp": "app"}, {"client_id": ""}, "authorized-party", Outcome.UNCLEAR),
        ({}, {"subject": "alice"}, "subject", Outcome.PASS),
        ({}, {"subject": "bob"}, "subject", Outcome.FAIL),
        ({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}, {"access_token": "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"}, "at-hash", Outcome.PASS),
        ({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}, {"access_token": "another"}, "at-hash", Outcome.FAIL),
        ({"at_hash": ""}, {"access_token": "another"}, "at-hash", Outcome.FAIL),
        ({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}, {}, "at-hash", Outcome.UNCLEAR),
        (
            {"c_hash": "LDktKdoQak3Pk0cnXxCltA"},
            {"code": "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"},
            "c-hash",
            Outcome.PASS,
        ),
        ({"c_hash": 3}, {"code": "x"}, "c-hash", Outcome.FAIL),
        ({"s_hash": half_hash("af0ifjsldkj", "RS256")}, {"state": "af0ifjsldkj"}, "s-hash", Outcome.PASS),
        ({"s_hash": half_hash("af0ifjsldkj", "RS256")}, {"state": "x"}, "s-hash", Outcome.FAIL),
    ],
)
def test_what_the_client_knows_decides(changes: dict[str, Any], expectation: dict[str, Any], check: str, outcome: Outcome) -> None:
    assert verdicts(changes, replace(EXPECTED, **expectation))[check].outcome == outcome


def test_another_type_of_jwt_is_no_id_token() -> None:
    assert verdicts({}, typ="application/at+jwt")["type"].outcome == Outcome.FAIL
    assert "type" not in verdicts({}, typ="JWT")


def test_an_encrypted_or_broken_token_gives_one_verdict() -> None:
    assert [verdict.outcome for verdict in check_id_token(take_apart("eyJhbGciOiJkaXIifQ.a.b.c.d"), EXPECTED)] == [Outcome.UNCLEAR]
    assert [verdict.outcome for verdict in check_id_token(take_apart("eyJhbGciOiJkaXIifQ.ey.b"), EXPECTED)] == [Outcome.FAIL]


@pytest.mark.parametrize(
    ("got", "difference"),
    [
        ("https://op.example/realm/", "by a trailing slash"),
        ("https://op.example/Realm", "in upper and lower case"),
        ("http://op.example/realm", "in the scheme"),
        ("op.example/realm", "by a missing scheme"),
        ("https://op.example:8443/realm", "in the port"),
        ("https://op.example/other", "in the path"),
        ("https://other.example/realm", "in the host"),
        ("https://other.example/other", "altogether"),
        ("https://[", "altogether"),
    ],
)
def test_it_is_said_how_issuers_differ(got: str, difference: str) -> None:
    assert issuer_difference("https://op.example/realm", got) == difference


@given(
    st.dictionaries(
        st.sampled_from([*CLAIMS, "azp", "acr", "auth_time", "at_hash", "nbf"]), st.none() | st.integers() | st.floats() | st.text()
    )
)
def test_checking_never_raises(changes: dict[str, Any]) -> None:
    expected = replace(EXPECTED, access_token="x", max_age=1, acr_values=("a",), algs=("RS256",))
    assert verdicts(changes, expected)
