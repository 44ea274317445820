"""The issuer that a callback names without metadata, ID tokens that came too late, consent that no page asked for."""

from __future__ import annotations

import json

import pytest

from oauthctl.findings import Certainty
from tests.rules.pages import play

ASKED = (
    "GET https://idp.example.com/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb"
    "&scope=openid&state=s1Z8qL0&nonce=n-1aaaabbbb"
)
REDEEMED = (
    "POST https://idp.example.com/token\nContent-Type: application/x-www-form-urlencoded\n\n"
    "grant_type=authorization_code&code=c-1&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&client_id=web"
)
CLAIMS = {"iss": "https://idp.example.com", "sub": "u-42", "aud": "web", "nonce": "n-1aaaabbbb", "iat": 1793610810, "exp": 1793614410}


def _came_back(issuer: str, answer: str) -> str:
    back = f"https://app.example.com/cb?code=c-1&state=s1Z8qL0&iss={issuer}"
    return f"```http\n{ASKED}\n\n=> 302\nLocation: {back}\n```\n\n```http\nGET {back}\n\n=> {answer}\n```\n\n"


def _redeemed(date: str = "", **changed: object) -> str:
    document = json.dumps({"header": {"alg": "RS256", "typ": "JWT", "kid": "rsa-1"}, "claims": {**CLAIMS, **changed}})
    answer = '{"access_token": "at-2YotnFZFEjr1", "token_type": "Bearer", "expires_in": 3600, "id_token": "<token>"}'
    kind = f"Content-Type: application/json{date and chr(10) + 'Date: ' + date}"
    return f"```json token token\n{document}\n```\n\n```http\n{REDEEMED}\n\n=> 200\n{kind}\n\n{answer}\n```\n"


@pytest.mark.parametrize("issuer", ["https%3A%2F%2Fother.example.com", "https%3A%2F%2Fidp.example.com%2F"])
def test_an_issuer_that_the_application_refuses_is_named(issuer: str) -> None:
    first = play(_came_back(issuer, "400\nContent-Type: text/plain\n\niss does not match issuer")).diagnosis().findings[0]
    assert (first.rule, first.certainty) == ("issuer-mixed-up", Certainty.LIKELY)


def test_an_issuer_other_than_the_id_tokens_is_named() -> None:
    first = play(_came_back("https%3A%2F%2Fother.example.com", "200") + _redeemed()).diagnosis().findings[0]
    assert first.rule == "issuer-mixed-up"
    assert "`https://idp.example.com`" in first.cause


@pytest.mark.parametrize(
    "section",
    [
        _came_back("https%3A%2F%2Fidp.example.com", "200") + _redeemed(),
        # A provider's issuer may be at another host than its pages.
        _came_back("https%3A%2F%2Faccounts.example.org", "200"),
        _came_back("https%3A%2F%2Fidp.example.com", "400\nContent-Type: text/plain\n\nstate does not match"),
    ],
)
def test_an_issuer_that_nothing_contradicts_is_left_alone(section: str) -> None:
    assert "issuer-mixed-up" not in [finding.rule for finding in play(section).diagnosis().findings]


LATE = "Sat, 07 Nov 2026 09:15:00 GMT"


def test_an_id_token_that_ended_days_before_its_answer_was_made_is_named() -> None:
    first = play(_came_back("https%3A%2F%2Fidp.example.com", "200") + _redeemed(LATE)).diagnosis().findings[0]
    assert first.rule == "token-expired-on-arrival"
    assert "kept" in first.cause


def test_a_nonce_of_null_is_none() -> None:
    section = _came_back("https%3A%2F%2Fidp.example.com", "200") + _redeemed(nonce=None)
    assert play(section).diagnosis().findings[0].rule == "nonce-not-returned"


def test_consent_that_a_grant_without_the_user_lacks_is_no_matter_of_a_prompt_alone() -> None:
    assertion = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=aaaa.bbbb.cccc"
    request = f"POST https://idp.example.com/token\nContent-Type: application/x-www-form-urlencoded\n\n{assertion}"
    answer = '400\nContent-Type: application/json\n\n{"error": "consent_required"}'
    first = play(f"```http\n{request}\n\n=> {answer}\n```\n").diagnosis().findings[0]
    assert first.rule == "consent-needed"
    assert "grant without the user" in first.cause


def _metadata(scheme: str) -> str:
    issuer = f"{scheme}://idp.example.com"
    document = json.dumps({"issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token"})
    url = "https://idp.example.com/.well-known/openid-configuration"
    return f"```http\nGET {url}\n\n=> 200\nContent-Type: application/json\n\n{document}\n```\n\n"


def test_metadata_with_the_wrong_scheme_is_the_cause_of_a_token_that_differs_from_it() -> None:
    first = play(_metadata("http") + _redeemed()).diagnosis().findings[0]
    assert first.rule == "metadata-issuer-over-http"
    assert len(first.consequences) == 1
    assert first.consequences[0].startswith("token-issuer-scheme-differs")
    assert "verifier" not in f"{first.cause} {first.help}"
    assert not any("issuer" in one.rule for one in play(_metadata("https") + _redeemed()).diagnosis().findings)
