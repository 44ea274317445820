"""Two issuers that differ in one thing alone: the finding names that thing, and no other."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

_ENDPOINTS = '"authorization_endpoint": "{0}/authorize", "token_endpoint": "{0}/token", "jwks_uri": "{0}/jwks"'
_TOKEN = (
    '```json token token\n{{"header": {{"alg": "RS256", "typ": "at+jwt", "kid": "rsa-1"}}, "claims": {{"iss": "{issuer}", "sub": "u-42", '
    '"aud": "https://api.example.com", "iat": 1793610810, "exp": 1793614410}}}}\n```\n\n'
    "```http\nGET {api}\nAuthorization: Bearer <token>\n\n=> 401\n"
    'WWW-Authenticate: Bearer error="invalid_token", error_description="the token comes from another issuer"\n```\n'
)


def _metadata(asked: str, issuer: str) -> tuple[str, str]:
    members = f'{{"issuer": "{issuer}", {_ENDPOINTS.format(asked)}}}'
    section = f"```http\nGET {asked}/.well-known/openid-configuration\n\n=> 200\nContent-Type: application/json\n\n{members}\n```\n"
    found = play(section).diagnosis().findings[0]
    return found.rule, found.cause


@pytest.mark.parametrize(
    ("asked", "issuer", "word"),
    [
        ("http://127.0.0.1:9606", "https://127.0.0.1:9606", "http in one and https in the other"),
        ("http://localhost:8080/one", "https://localhost/one", "scheme (and with it the port)"),
        ("http://idp.example.com", "https://idp.example.com", "http in one and https in the other"),
        ("https://127.0.0.1:9606", "http://127.0.0.1:9606", "A proxy ends TLS"),
        ("https://idp.example.com", "http://idp.example.com:8080", "A proxy ends TLS"),
    ],
)
def test_an_issuer_with_the_other_scheme_is_told_by_its_scheme(asked: str, issuer: str, word: str) -> None:
    rule, cause = _metadata(asked, issuer)
    assert rule == "metadata-issuer-over-http"
    assert word in cause
    assert "host name" not in cause


@pytest.mark.parametrize(
    ("asked", "issuer", "rule", "word"),
    [
        ("http://localhost:8080/one", "http://localhost:9090/one", "metadata-issuer-differs", "port"),
        ("http://127.0.0.1:8080/one", "https://sso.example.com/two", "metadata-issuer-differs", "host"),
        ("http://127.0.0.1:8080/one", "https://sso.example.com/one", "metadata-issuer-internal-name", "another host name"),
    ],
)
def test_an_internal_name_is_one_of_another_host_at_the_same_path(asked: str, issuer: str, rule: str, word: str) -> None:
    found, cause = _metadata(asked, issuer)
    assert found == rule
    assert word in cause


def test_a_token_of_the_issuer_beside_at_the_same_host_is_no_matter_of_host_names() -> None:
    found = play(_TOKEN.format(issuer="http://127.0.0.1:9000/one", api="http://127.0.0.1:9000/two/api/items")).diagnosis().findings[0]
    assert found.rule == "token-issuer-differs"
    assert "http://127.0.0.1:9000/one" in found.cause


def test_a_token_of_an_internal_address_at_an_api_elsewhere_still_is() -> None:
    found = play(_TOKEN.format(issuer="http://keycloak:8080/realms/shop", api="https://api.example.com/orders")).diagnosis().findings[0]
    assert found.rule == "token-issuer-internal-name"
