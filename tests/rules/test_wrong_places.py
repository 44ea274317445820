"""Good tokens, codes and cookies in the wrong place: what looks alike and is something else."""

from __future__ import annotations

import pytest

from oauthctl.findings import Severity
from tests.rules.pages import play

FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"
ISSUED = f"""```http
POST https://login.example.org/token
{FORM}

grant_type=authorization_code&code=c-5&redirect_uri=https%3A%2F%2Fapp.example.org%2Fback&client_id=shop&client_secret=s-hidden-1

=> 200
{JSON}

{{"access_token": "at-7hQ2mWz9Kd4v", "token_type": "Bearer", "expires_in": 3600, "scope": "orders.read"}}
```

"""


def _call(header: str, answer: str, *, url: str = "https://api.example.org/orders", status: int = 401) -> str:
    return f"```http\nGET {url}\n{header}\n\n=> {status}\n{JSON}\n\n{answer}\n```\n\n"


def _found(section: str) -> list[str]:
    return [finding.rule for finding in play(section).diagnosis().findings if finding.severity is not Severity.NOTE]


@pytest.mark.parametrize(
    ("scheme", "url", "words"),
    [
        ("token", "https://api.github.com/user", "Bad credentials"),
        ("Zoho-oauthtoken", "https://www.zohoapis.com/crm/v5/Leads", "INVALID_TOKEN"),
        ("Special", "https://api.example.org/orders", "the token was revoked"),
    ],
)
def test_a_scheme_that_the_api_takes_is_not_blamed(scheme: str, url: str, words: str) -> None:
    call = _call(f"Authorization: {scheme} at-7hQ2mWz9Kd4v", f'{{"message": "{words}"}}', url=url)
    assert "authorization-scheme-differs" not in _found(ISSUED + call)


def test_a_scheme_that_was_taken_before_is_not_blamed() -> None:
    good = _call("Authorization: Special at-7hQ2mWz9Kd4v", "{}", url="https://api.example.org/me", status=200)
    bad = _call("Authorization: Special at-7hQ2mWz9Kd4v", '{"message": "no"}')
    assert "authorization-scheme-differs" in _found(ISSUED + bad)
    assert "authorization-scheme-differs" not in _found(ISSUED + good + bad)


def test_a_list_of_scopes_that_the_token_has_does_not_count_as_the_missing_ones() -> None:
    words = '{"message": "insufficient scope: this token has the scopes [orders.read]"}'
    assert _found(ISSUED + _call("Authorization: Bearer at-7hQ2mWz9Kd4v", words, status=403))[:1] == ["scope-insufficient"]


def test_the_scopes_that_a_400_lists_as_missing_are_named() -> None:
    words = '{"message": "token does not contain scopes: [orders.write, orders.read]"}'
    first = play(ISSUED + _call("Authorization: Bearer at-7hQ2mWz9Kd4v", words, status=400)).diagnosis().findings[0]
    assert first.rule == "scope-insufficient"
    assert "asks for `orders.write`, and" in first.cause


@pytest.mark.parametrize(("header", "is_named"), [("X-Trace: 1", True), ("Ocp-Apim-Subscription-Key: 0123", False)])
def test_a_subscription_key_that_was_sent_is_not_missing(header: str, is_named: bool) -> None:
    words = '{"message": "Access denied due to missing subscription key."}'
    found = _found(_call(f"Authorization: Bearer at-7hQ2mWz9Kd4v\n{header}", words))
    assert ("api-subscription-missing" in found) is is_named


def test_the_path_of_an_azure_subscription_is_no_subscription() -> None:
    words = '{"message": "does not have authorization over scope /subscriptions/1b2c or the scope is invalid"}'
    assert "api-subscription-missing" not in _found(_call("Authorization: Bearer at-7hQ2mWz9Kd4v", words, status=403))


@pytest.mark.parametrize(("life", "is_named"), [(3600, True), (1800, True), (300, False), (60, False)])
@pytest.mark.parametrize("host", ["login.example.org", "api.box.com"])
def test_an_assertion_that_the_server_calls_too_long_is_so_only_if_it_is(life: int, is_named: bool, host: str) -> None:
    issued = 1793610840
    token = f'{{"header": {{"alg": "RS256"}}, "claims": {{"iss": "batch", "sub": "batch", "aud": "https://{host}/token", "jti": "j-1", '
    token += f'"iat": {issued}, "exp": {issued + life}}}}}'
    sent = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=<A>"
    answer = '{"error": "invalid_grant", "error_description": "exp lies too far in the future"}'
    section = f"```json token A\n{token}\n```\n\n"
    section += f"```http 2026-11-02T09:14:01Z\nPOST https://{host}/token\n{FORM}\n\n{sent}\n\n=> 400\n{JSON}\n\n{answer}\n```\n"
    assert ("assertion-lives-too-long" in _found(section)) is (is_named or (host == "api.box.com" and life > 60))


def test_a_list_of_alternatives_does_not_say_that_the_registration_was_lost() -> None:
    words = "Client authentication failed due to unknown client, no credentials included, or an unsupported method."
    asked = """```http
GET https://login.example.org/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.org%2Fback&state=st-1

=> 302
Location: https://app.example.org/back?code=c-5&state=st-1
```

"""
    redeemed = f"""```http
POST https://login.example.org/token
{FORM}

grant_type=authorization_code&code=c-5&redirect_uri=https%3A%2F%2Fapp.example.org%2Fback&client_id=web

=> 401
{JSON}

{{"error": "invalid_client", "error_description": "{words}"}}
```"""
    assert "registration-lost" not in _found(asked + redeemed)


def test_an_id_token_that_the_server_of_a_page_takes_is_not_judged() -> None:
    claims = '"iss": "https://accounts.google.com", "sub": "1", "aud": "77-phone", "iat": 1793610810, "exp": 1793614410'
    section = f"""```json given
{{"client_id": "77-site", "issuer": "https://accounts.google.com"}}
```

```json token T
{{"header": {{"alg": "RS256", "kid": "k1"}}, "claims": {{{claims}}}}}
```

```http
POST https://app.example.org/session
{JSON}

{{"idToken": "<T>"}}

=> STATUS
{JSON}

{{"message": "no"}}
```"""
    assert _found(section.replace("STATUS", "401"))[:1] == ["id-token-audience-differs"]
    assert _found(section.replace("STATUS", "200")) == []
