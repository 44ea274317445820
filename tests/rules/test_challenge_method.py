"""A `code_challenge_method` that no server knows decides by itself where the refusal names nothing."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

URL = (
    "https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&scope=openid"
    "&state=s1Z8qL0&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method={}"
)


def _first(method: str, said: str = "error=invalid_request") -> str:
    section = f"```http\nGET {URL.format(method)}\n\n=> 302\nLocation: https://app.example.com/cb?{said}&state=s1Z8qL0\n```\n"
    findings = play(section).diagnosis().findings
    return findings[0].rule if findings else ""


@pytest.mark.parametrize("method", ["SHA256", "sha256", "SHA-256", "s256", "PLAIN"])
def test_another_spelling_of_a_method_is_the_cause(method: str) -> None:
    assert _first(method) == "code-challenge-method-case"


@pytest.mark.parametrize("method", ["S512", "plain256", "RS256", "md5"])
def test_a_method_that_does_not_exist_is_the_cause(method: str) -> None:
    assert _first(method) == "code-challenge-method-unknown"


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("S256", "error=invalid_request"),
        ("plain", "error=invalid_request"),
        ("SHA256", "error=invalid_scope"),
        ("SHA256", "error=access_denied"),
        ("SHA256", "error=invalid_request&error_description=the%20scope%20is%20missing"),
        ("SHA256", "code=c-1"),
    ],
)
def test_a_refusal_for_something_else_is_not_laid_upon_it(method: str, said: str) -> None:
    assert not _first(method, said).startswith("code-challenge-method-")
