from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.findings import Severity
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import unsecured
from oauthctl.messages.remarks import remarks
from tests.jose.unsound import unsound_jwt

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
CLAIMS: dict[str, Any] = {"iss": "https://op.example", "aud": "app", "exp": AT + 900, "iat": AT - 5}


def slugs(changes: dict[str, Any], **header: Any) -> list[str]:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    signed = unsound_jwt(claims, {"alg": "RS256", **header}) + "AAAA"
    return [finding.rule for finding in remarks(take_apart(signed), NOW)]


def test_there_is_nothing_to_remark_about_a_good_token() -> None:
    assert slugs({}) == []


@pytest.mark.parametrize(
    ("changes", "header", "expected"),
    [
        ({"exp": AT}, {}, ["expired"]),
        ({"nbf": AT + 60}, {}, ["not-yet-valid"]),
        ({"iat": AT + 61}, {}, ["issued-in-future"]),
        ({"exp": None}, {}, ["no-expiry"]),
        ({"exp": (AT + 900) * 1000}, {}, ["seconds-as-milliseconds"]),
        ({"exp": (AT - 1) * 1000}, {}, ["seconds-as-milliseconds"]),
        ({"nbf": (AT + 900) * 1000}, {}, ["seconds-as-milliseconds"]),
        ({"exp": str(AT + 900)}, {}, ["time-as-string"]),
        ({"exp": "tomorrow"}, {}, ["time-unreadable"]),
        ({"exp": AT - 10, "iat": AT - 5}, {}, ["expired", "expires-before-issued"]),
        ({"exp": AT + 32 * 86400}, {}, ["long-lifetime"]),
        ({"exp": 253402300799}, {}, ["long-lifetime"]),
        ({"aud": None}, {}, ["no-audience"]),
        ({"iss": None}, {}, ["no-issuer"]),
        ({"password": "x"}, {}, ["secret-in-claims"]),
        ({"client_secret": "x"}, {}, ["secret-in-claims"]),
        ({"pad": "x" * 9000}, {}, ["large-token"]),
        ({}, {"alg": "HS256"}, ["shared-secret"]),
        ({}, {"alg": "none"}, ["not-signed"]),
        ({}, {"jwk": {"kty": "EC"}}, ["embedded-key"]),
        ({}, {"jku": "https://evil.example", "x5u": "https://evil.example"}, ["embedded-key", "embedded-key"]),
        ({}, {"typ": "dpop+jwt", "jwk": {"kty": "EC"}}, []),
        ({}, {"crit": ["b64"]}, ["critical-extension"]),
        ({}, {"kid": "../../dev/null"}, ["odd-kid"]),
        ({}, {"kid": "https://evil.example/key"}, ["odd-kid"]),
        ({}, {"kid": "x' OR '1'='1"}, ["odd-kid"]),
        ({}, {"kid": "2011-04-29_a.b:c=="}, []),
    ],
)
def test_what_is_remarked(changes: dict[str, Any], header: dict[str, Any], expected: list[str]) -> None:
    assert slugs(changes, **header) == expected


def test_the_worst_comes_first() -> None:
    found = remarks(take_apart(unsecured({"exp": AT - 1})), NOW)
    assert [finding.severity for finding in found] == [Severity.ERROR, Severity.ERROR, Severity.NOTE, Severity.NOTE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("opaque-token", ("opaque", Severity.NOTE)),
        (unsecured(CLAIMS, header={"alg": "RS256"}) + "AAAA====", ("padding", Severity.WARNING)),
        ("eyJhbGciOiJSUzI1NiJ9.eyJh", ("cut-off", Severity.ERROR)),
        ("eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjksImV4cCI6OX0.AAAA", ("duplicate-member", Severity.ERROR)),
    ],
)
def test_the_form_is_remarked(text: str, expected: tuple[str, Severity]) -> None:
    assert expected in [(finding.rule, finding.severity) for finding in remarks(take_apart(text), NOW)]


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("opaque-token", "RFC 6749 section 1.4"),
        ("eyJhbGciOiJkaXIifQ.a.b.c.d", "RFC 7516 section 3"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjksImV4cCI6OX0.AAAA", "RFC 7519 section 4"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJh", "RFC 7519 section 7.2"),
    ],
)
def test_a_remark_on_the_form_cites_the_clause_that_fits(text: str, section: str) -> None:
    assert section in {str(one) for finding in remarks(take_apart(text), NOW) for one in finding.sections}


@pytest.mark.parametrize(
    ("header", "payload", "severity"),
    [
        ('{"alg":"RS256"}', "plain text", Severity.NOTE),
        ('{"alg":"RS256"}', "[1]", Severity.NOTE),
        ('{"alg":"RS256","typ":"JWT"}', "plain text", Severity.ERROR),
        ('{"alg":"RS256","typ":"at+jwt"}', "[1]", Severity.ERROR),
        ('{"alg":"RS256"}', '{"a":x, "b":1}', Severity.ERROR),
    ],
)
def test_a_payload_that_is_no_object_is_wrong_only_in_a_jwt(header: str, payload: str, severity: Severity) -> None:
    first, second = (base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in (header, payload))
    (finding,) = remarks(take_apart(f"{first}.{second}.AAAA"), NOW)
    assert (finding.rule in {"not-json", "not-an-object"}, finding.severity) == (True, severity)


@pytest.mark.parametrize(("unit", "times"), [("milliseconds", 1000), ("microseconds", 10**6), ("nanoseconds", 10**9)])
def test_what_is_finer_than_seconds_is_shown_as_it_should_be(unit: str, times: int) -> None:
    (finding,) = remarks(take_apart(unsecured({**CLAIMS, "exp": 1772367300 * times}, header={"alg": "RS256"}) + "AAAA"), NOW)
    assert (finding.evidence[0].expected, finding.evidence[0].got) == ("1772367300", str(1772367300 * times))
    assert finding.message == f"`exp` is in {unit}, and must be in seconds"


@given(st.dictionaries(st.sampled_from([*CLAIMS, "nbf", "auth_time"]), st.none() | st.booleans() | st.integers() | st.floats() | st.text()))
def test_remarking_never_raises(changes: dict[str, Any]) -> None:
    assert isinstance(slugs(changes), list)
