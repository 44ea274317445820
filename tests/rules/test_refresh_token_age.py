"""Refresh tokens whose age is known: past a provider's limit, or not."""

from __future__ import annotations

import json

import pytest

from tests.rules.pages import play

REFUSED = """```http 2026-11-02T09:14:00+00:00
POST {url}
Content-Type: application/x-www-form-urlencoded
{headers}

grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&client_id=calendar

=> 400
Content-Type: application/json

{{"error": "invalid_grant"}}
```

```json given
{given}
```
"""
GOOGLE, ENTRA = "https://oauth2.googleapis.com/token", "https://login.microsoftonline.com/common/oauth2/v2.0/token"


def _cause(url: str, given: dict[str, object], headers: str = "Accept: */*") -> str:
    findings = play(REFUSED.format(url=url, headers=headers, given=json.dumps(given))).diagnosis().findings
    return next((one.cause for one in findings if one.rule == "refresh-token-too-old"), "")


@pytest.mark.parametrize(
    ("url", "issued_at", "words"),
    [
        (GOOGLE, "2026-10-24T08:00:00Z", "7 days"),
        (GOOGLE, 1792000000, "7 days"),
        (GOOGLE, "2026-01-24T08:00:00Z", "6 months without use"),
        (GOOGLE, "2026-11-01T08:00:00Z", ""),
        (ENTRA, "2026-06-01T00:00:00Z", "90 days without use"),
        (ENTRA, "2026-10-30T00:00:00Z", ""),
        ("https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer", "2026-05-01", "100 days"),
        ("https://sso.example.net/token", "2020-01-01T00:00:00Z", ""),
        (GOOGLE, "last week", ""),
        (GOOGLE, 1e14, ""),
    ],
)
def test_an_age_is_compared_with_the_providers_limits(url: str, issued_at: object, words: str) -> None:
    found = _cause(url, {"refresh_token_issued_at": issued_at})
    assert words in found
    assert bool(found) is bool(words)


def test_a_single_page_application_has_a_day() -> None:
    given: dict[str, object] = {"refresh_token_issued_at": "2026-10-31T00:00:00Z"}
    assert "24 hours" in _cause(ENTRA, given, "Origin: https://app.example.com")


@pytest.mark.parametrize(("life", "is_over"), [(3600, True), (864000, False)])
def test_a_lifetime_that_is_given_goes_before_the_limits(life: int, is_over: bool) -> None:
    given: dict[str, object] = {"refresh_token_issued_at": "2026-10-24T08:00:00Z", "refresh_token_expires_in": life}
    assert bool(_cause(GOOGLE, given)) is is_over
