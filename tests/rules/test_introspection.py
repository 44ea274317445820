"""`active` false: mostly the plain truth, a failure only where the token is shown to be good."""

from __future__ import annotations

import pytest

from oauthctl.findings import Severity
from tests.rules.pages import play

TOKEN = "a8_bzt0Ty89qO4GGaq2AG"
ASKED = f"""```http
POST https://idp.example.com/introspect
Content-Type: application/x-www-form-urlencoded
Authorization: Basic bXktc2VydmljZTpjbGllbnQtc2VjcmV0

token={TOKEN}

=> 200
Content-Type: application/json

{{"active": false}}
```
"""


def _call(status: int) -> str:
    asked = f"GET https://api.example.com/orders\nAuthorization: Bearer {TOKEN}"
    return f"```http\n{asked}\n\n=> {status}\nContent-Type: application/json\n\n[]\n```\n\n"


@pytest.mark.parametrize(
    ("section", "severity"),
    [
        (ASKED, Severity.NOTE),
        (_call(200) + ASKED, Severity.ERROR),
        (_call(401) + ASKED, Severity.ERROR),
        ('```json given\n{"local_error": "401: the token that was just issued is not active"}\n```\n\n' + ASKED, Severity.ERROR),
    ],
)
def test_an_inactive_token_is_a_failure_only_where_it_should_be_good(section: str, severity: Severity) -> None:
    first = play(section).diagnosis().findings[0]
    assert first.severity is severity


def test_an_answer_alone_is_no_failure() -> None:
    assert not play('```paste\n{"active": false}\n```').diagnosis().findings


def _asked(url: str, issuer: str, active: str) -> str:
    token = f'```json token at\n{{"header": {{"alg": "RS256", "kid": "k1"}}, "claims": {{"iss": "{issuer}", "sub": "u"}}}}\n```\n\n'
    return token + ASKED.replace("https://idp.example.com/introspect", url).replace(TOKEN, "<at>").replace("false", active)


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        ("https://sso.firm.example/realms/staff/protocol/openid-connect/token/introspect", "https://sso.firm.example/realms/shop"),
        ("https://sso.firm.example/auth/realms/staff/protocol/openid-connect/token/introspect", "http://keycloak:8080/realms/shop"),
        ("https://firm.okta.example/oauth2/aus1abc/v1/introspect", "https://firm.okta.example/oauth2/default"),
        ("https://firm.example/t/one/oauth2/introspect", "https://firm.example/t/two/oauth2/token"),
    ],
)
def test_another_tenants_token_is_told_without_metadata(url: str, issuer: str) -> None:
    slugs = [one.rule for one in play(_asked(url, issuer, "false")).diagnosis().findings]
    assert slugs[:1] == ["introspected-at-another-server"]
    assert "introspected-at-another-server" not in [one.rule for one in play(_asked(url, issuer, "true")).diagnosis().findings]


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        ("https://sso.firm.example/realms/staff/protocol/openid-connect/token/introspect", "http://keycloak:8080/realms/staff"),
        ("https://sso.firm.example/realms/staff/protocol/openid-connect/token/introspect", "https://sso.firm.example/auth/realms/Staff/"),
        ("https://firm.okta.example/oauth2/v1/introspect", "https://firm.okta.example"),
        # authentik has one endpoint for all of its issuers.
        ("https://auth.firm.example/application/o/introspect/", "https://auth.firm.example/application/o/parts/"),
    ],
)
def test_the_same_tenant_under_another_address_is_no_other_server(url: str, issuer: str) -> None:
    assert "introspected-at-another-server" not in [one.rule for one in play(_asked(url, issuer, "false")).diagnosis().findings]
