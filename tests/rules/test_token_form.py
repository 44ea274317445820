"""Tokens with something around them, wherever they are shown, and good ones that only look like it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.findings import Finding
from oauthctl.jose.jwt import take_apart
from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from tests.record.played import jwt

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
JWT = jwt({"iss": "https://idp.example.com", "sub": "u-42"})
OPAQUE = "2YotnFZFEjr1zCsicMWpAA-x0"
REFUSED = '\n\nHTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error="invalid_token"\n\n'


def _findings(text: str) -> tuple[Finding, ...]:
    return diagnose(scene_of(read_pasted(text, now=NOW), now=NOW, salt=b"s")).findings


@pytest.mark.parametrize("token", [JWT, OPAQUE, "s3cr3t-word"])
@pytest.mark.parametrize(
    "form",
    [
        "Authorization: Bearer Bearer {}",
        "authorization: bearer Bearer {}",
        "bearer Bearer {}",
        "access_token: Bearer {}",
        'curl -H "Authorization: Bearer Bearer {}" https://api.example/x',
        'curl -H "Authorization: bearer Bearer {}" https://api.example/x' + REFUSED,
        "GET /x HTTP/1.1\nHost: api.example\nAuthorization: Bearer Bearer {}" + REFUSED,
    ],
)
def test_a_second_scheme_is_seen_before_any_token(form: str, token: str) -> None:
    assert [one.rule for one in _findings(form.format(token))][:1] == ["bearer-prefix-doubled"]


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {OPAQUE}",
        f"Bearer {OPAQUE}",
        f"access_token: {OPAQUE}",
        f'curl -H "Authorization: Bearer {OPAQUE}" https://api.example/x',
        f"Authorization: Bearer bearer-{OPAQUE}",
    ],
)
def test_one_scheme_is_none_too_many(text: str) -> None:
    assert not _findings(text)


@pytest.mark.parametrize("dot", ["%2E", "%2e", "%252E"])
@pytest.mark.parametrize(
    "form", ["{}", "Authorization: Bearer {}", "GET /x HTTP/1.1\nHost: api.example\nAuthorization: Bearer {}" + REFUSED]
)
def test_a_token_with_escapes_for_its_dots_is_percent_encoded(form: str, dot: str) -> None:
    first = _findings(form.format(JWT.replace(".", dot)))[0]
    assert first.rule == "token-percent-encoded"
    assert "percent-encoded" in first.cause
    assert "twice" not in first.help


def test_what_stands_around_a_token_is_named() -> None:
    assert take_apart(JWT).is_jwt
    for wrapped, word in ((f'"{JWT}"', "quotes"), (f"access_token={JWT}", "name of a parameter")):
        first = _findings(f"GET /x HTTP/1.1\nHost: api.example\nAuthorization: Bearer {wrapped}{REFUSED}")[0]
        assert first.rule == "token-wrapped"
        assert word in first.cause


@pytest.mark.parametrize(
    ("token", "expected", "got"),
    [
        (JWT, "a signature of at least 256 bytes", "a signature of 32 bytes"),
        (JWT.rpartition(".")[0], "three parts", "two parts"),
    ],
)
def test_a_cut_token_shows_what_it_lacks_in_the_unit_that_was_expected(token: str, expected: str, got: str) -> None:
    first = _findings(f"Authorization: Bearer {token}")[0]
    assert first.rule == "token-truncated"
    assert (first.evidence[0].expected, first.evidence[0].got) == (expected, got)
