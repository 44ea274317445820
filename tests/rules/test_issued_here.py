"""Tokens that are refused, or taken, by the server that has issued them."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

_TOKEN = (
    '```json token token\n{"header": {"alg": "RS256", "typ": "at+jwt", "kid": "rsa-1"}, "claims": {"iss": "https://op.example.com", '
    '"sub": "u-42", "aud": "https://op.example.com/api", "iat": 1793610810, "exp": 1793614410, "scope": "openid"}}\n```\n\n'
)
_METADATA = (
    "```http\nGET https://op.example.com/.well-known/openid-configuration\n\n=> 200\nContent-Type: application/json\n\n"
    '{"issuer": "https://op.example.com", "token_endpoint": "https://op.example.com/token", "jwks_uri": "https://op.example.com/jwks", '
    '"authorization_endpoint": "https://op.example.com/authorize", "userinfo_endpoint": "https://op.example.com/userinfo", '
    '"revocation_endpoint": "https://op.example.com/revoke"}\n```\n\n'
)
_REVOKED = (
    "```http\nPOST https://op.example.com/revoke\nContent-Type: application/x-www-form-urlencoded\n\n"
    "token=<token>&token_type_hint=access_token&client_id=app\n\n=> 200\n```\n\n"
)
_REFUSED = '=> 401\nWWW-Authenticate: Bearer error="invalid_token"\n```\n'
_TAKEN = '=> 200\nContent-Type: application/json\n\n{"sub": "u-42"}\n```\n'


def _asked(url: str, answer: str) -> str:
    return f"```http\nGET {url}\nAuthorization: Bearer <token>\n\n{answer}"


@pytest.mark.parametrize(
    ("section", "rules"),
    [
        (_asked("https://op.example.com/userinfo", _REFUSED), ["api-rejects-valid-token"]),
        (_asked("https://api.example.com/items", _REFUSED), ["api-call-refused"]),
        (_asked("https://op.example.com/userinfo", _TAKEN), []),
        (_REVOKED + _asked("https://op.example.com/userinfo", _TAKEN), ["token-not-revoked"]),
        # An API that judges a JWT by itself knows of no revocation.
        (_REVOKED + _asked("https://api.example.com/items", _TAKEN), []),
    ],
    ids=["refused", "elsewhere", "taken", "taken-after-revocation", "taken-elsewhere"],
)
def test_what_the_issuer_makes_of_its_own_token_tells(section: str, rules: list[str]) -> None:
    assert [finding.rule for finding in play(_TOKEN + _METADATA + section).diagnosis().findings] == rules
