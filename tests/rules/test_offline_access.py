"""How each provider wants to be asked for a refresh token."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

SIGN_IN = """```http
GET {url}?response_type=code&client_id=reader&redirect_uri=https%3A%2F%2Ffeeds.example.net%2Fdone&state=Aq7wKz21{more}

=> 302
Location: https://feeds.example.net/done?code=SplxlOBeZQQYbYS6WxSbIA&state=Aq7wKz21
```

```http
POST https://token.example.org/token
Content-Type: application/x-www-form-urlencoded

grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%3A%2F%2Ffeeds.example.net%2Fdone&client_id=reader

=> 200
Content-Type: application/json

{{"access_token": "2YotnFZFEjr1zCsicMWpAA", "token_type": "Bearer", "expires_in": 3600}}
```

```json given
{{"local_error": "{said}"}}
```
"""
PROVIDERS = [
    ("https://accounts.google.com/o/oauth2/v2/auth", "&access_type=offline", "`access_type=offline`"),
    ("https://www.dropbox.com/oauth2/authorize", "&token_access_type=offline", "`token_access_type=offline`"),
    ("https://www.reddit.com/api/v1/authorize", "&duration=permanent", "`duration=permanent`"),
    ("https://login.microsoftonline.com/common/oauth2/v2.0/authorize", "&scope=offline_access", "`offline_access`"),
    ("https://team.eu.auth0.com/authorize", "&scope=openid+offline_access", "`offline_access`"),
    ("https://login.xero.com/identity/connect/authorize", "&scope=offline_access", "`offline_access`"),
    ("https://x.com/i/oauth2/authorize", "&scope=tweet.read+offline.access", "`offline.access`"),
    ("https://login.salesforce.com/services/oauth2/authorize", "&scope=api+refresh_token", "`refresh_token`"),
]


def _cause(url: str, more: str = "", said: str = "KeyError: 'refresh_token' not in the stored credentials") -> str:
    findings = play(SIGN_IN.format(url=url, more=more, said=said)).diagnosis().findings
    return next((one.cause for one in findings if one.rule == "offline-access-not-asked"), "")


@pytest.mark.parametrize(("url", "more", "words"), PROVIDERS)
def test_a_missing_wish_for_offline_access_is_named_as_the_provider_calls_it(url: str, more: str, words: str) -> None:
    assert words in _cause(url)
    assert _cause(url, more) == ""


def test_nobody_misses_a_refresh_token_that_nobody_speaks_of() -> None:
    assert _cause(PROVIDERS[0][0], said="the calendar is empty") == ""


def test_a_provider_that_nobody_knows_is_not_blamed() -> None:
    assert _cause("https://idp.example.com/authorize") == ""
