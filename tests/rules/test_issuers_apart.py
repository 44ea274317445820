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


def _metadata(asked: str, issuer: str, *, endpoints: str = "") -> tuple[str, str]:
    members = f'{{"issuer": "{issuer}", {_ENDPOINTS.format(endpoints or asked)}}}'
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
        ("http://127.0.0.1:8080", "https://sso.example.com", "metadata-issuer-differs", "host"),
        ("http://localhost:8080", "https://sso.example.com:8080", "metadata-issuer-internal-name", "another host name"),
        ("http://localhost:8080", "http://keycloak:8080", "metadata-issuer-internal-name", "another host name"),
        ("http://hydra:4444", "https://sso.example.com", "metadata-issuer-internal-name", "another host name"),
        ("https://sso.example.com", "http://provider:8080", "metadata-issuer-internal-name", "another host name"),
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


def test_a_server_on_this_machine_whose_endpoints_are_at_the_public_name_too_is_that_server() -> None:
    issuer = "https://sso.example.com"
    members = f'{{"issuer": "{issuer}", {_ENDPOINTS.format(issuer)}}}'
    section = (
        f"```http\nGET http://localhost:8080/.well-known/openid-configuration\n\n=> 200\nContent-Type: application/json\n\n{members}\n```\n"
    )
    assert play(section).diagnosis().findings[0].rule == "metadata-issuer-internal-name"


@pytest.mark.parametrize(
    ("expected", "written", "rule"),
    [
        ("http://127.0.0.1:9000", "https://id.elsewhere.example", "token-issuer-differs"),
        ("http://127.0.0.1:9000/one", "https://sso.example.com/one", "token-issuer-internal-name"),
        ("http://localhost:9000", "http://auth:9000", "token-issuer-internal-name"),
        ("http://auth:9000", "https://sso.example.com", "token-issuer-internal-name"),
        ("https://sso.example.com", "http://localhost:9000", "token-issuer-internal-name"),
    ],
)
def test_a_token_of_another_server_is_not_one_of_the_same_server_for_the_loopback_alone(expected: str, written: str, rule: str) -> None:
    given = f'```json given\n{{"issuer": "{expected}", "audience": "https://api.example.com"}}\n```\n'
    token = _TOKEN.format(issuer=written, api="https://api.example.com/items").partition("```http")[0]
    assert play(f"{token}{given}```paste\n<token>\n```\n").diagnosis().findings[0].rule == rule
