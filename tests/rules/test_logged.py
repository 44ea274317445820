"""What logs of many libraries tell of two values that were compared."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.record.exchange import Recording
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.given import Given
from oauthctl.rules.scene import Scene

AUDIENCES = {
    "a Go map": "audience from claim aud with value [shop] does not match with any of allowed audiences map[desk:{}]",
    "a Go list": 'oidc: expected audience "desk" got ["shop" "mail"]',
    ".NET, one": "IDX10214: Audience validation failed. Audiences: 'shop'. Did not match: validationParameters.ValidAudience: 'desk' or …",
    ".NET, several": "IDX10214: Audience validation failed. Audiences: 'shop'. Did not match: validationParameters.ValidAudience: 'null' "
    "or validationParameters.ValidAudiences: 'desk, phone'",
    "JavaScript": 'Audience (aud) claim mismatch in the ID token; expected "desk" but found "shop"',
    "Python": "Token has wrong audience 77-shop.apps.example, expected one of ['desk']",
    "an unequal sign": "audience mismatch: 'shop' !== 'desk'",
    "a list of those allowed": 'token audience "shop" is not in the allowed audiences ["desk"]',
}
ISSUERS = {
    "Go": 'oidc: issuer did not match the issuer returned by provider, expected "https://id.example/a" got "https://id.example/a/"',
    "Java": 'The Issuer "https://id.example/a" provided in the configuration did not match the requested issuer "https://id.example/b"',
    "JavaScript": "unexpected iss value, expected https://id.example/a, got: https://id.example/b",
}
# Nothing here names two values that differ.
SILENT = (
    "jwt audience invalid. expected: https://api.example.com",
    "audience validation failed, expected desk",
    'unexpected "aud" claim value',
    "issuer mismatch",
    'expected audience "desk" got ["desk" "shop"]',
    "the issuer is not expected to change",
    "",
)


def _rules(line: str) -> list[str]:
    scene = Scene(Recording(()), datetime(2026, 11, 2, 9, 14, tzinfo=UTC), Given({"local_error": line}))
    return [one.rule for one in diagnose(scene).findings if one.rule.startswith("logged-")]


@pytest.mark.parametrize("name", AUDIENCES)
def test_a_log_names_both_audiences(name: str) -> None:
    assert _rules(AUDIENCES[name]) == ["logged-audience-differs"]


@pytest.mark.parametrize("name", ISSUERS)
def test_a_log_names_both_issuers(name: str) -> None:
    assert _rules(ISSUERS[name]) == ["logged-issuer-differs"]


@pytest.mark.parametrize("line", SILENT)
def test_a_log_without_two_values_tells_nothing(line: str) -> None:
    assert _rules(line) == []
