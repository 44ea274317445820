"""How a client proves who it is, as the rules tell it."""

from __future__ import annotations

import pytest

from oauthctl.rules.client_proof import is_by_secret
from tests.rules.pages import play

REFUSED = """
```json token proof
{{"header": {{"alg": "{alg}", "typ": "JWT"}},
 "claims": {{"iss": "web", "sub": "web", "aud": "https://idp.example.com", "jti": "j-1", "iat": 1793610831, "exp": 1793610891}}}}
```

```http
POST https://idp.example.com/token
Content-Type: application/x-www-form-urlencoded

grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<proof>

=> 401
Content-Type: application/json

{{"error": "invalid_client", "error_description": "the signature of the client assertion is not good"}}
```
"""
INTROSPECTED = """
```http
POST https://idp.example.com/introspect
Content-Type: application/x-www-form-urlencoded

token=at-2YotnFZFEjr1&client_id=web

=> 401
Content-Type: application/json

{"error": "invalid_client", "error_description": "client authentication is required"}
```
"""


@pytest.mark.parametrize(("alg", "words"), [("HS256", "client_secret_jwt"), ("ES256", "the key that signed it")])
def test_an_assertion_by_the_secret_is_not_taken_for_one_by_a_key(alg: str, words: str) -> None:
    first = play(REFUSED.format(alg=alg)).diagnosis().findings[0]
    assert first.rule == "assertion-key-unknown"
    assert words in first.cause
    assert ("private key" in first.help) is (alg == "ES256")


def test_who_introspects_without_credentials_is_not_told_to_become_a_public_client() -> None:
    findings = play(INTROSPECTED).diagnosis().findings
    assert findings[0].rule == "introspection-client-not-allowed"
    assert "without credentials, by a public client (`web`)" in findings[0].cause
    assert "Ask with the credentials of an API" in findings[0].help
    assert [one for one in findings if "make it a public client" in one.help] == []


@pytest.mark.parametrize(("alg", "is_hmac"), [("HS256", True), ("HS512", True), ("RS256", False), ("none", False), (None, False)])
def test_an_hmac_is_made_by_a_secret(alg: str | None, is_hmac: bool) -> None:
    assert is_by_secret({"alg": alg} if alg else {}) is is_hmac


JAG_REFUSED = """
```json token A
{{"header": {{"alg": "ES256", "kid": "idp", "typ": "oauth-id-jag+jwt"}},
 "claims": {{"iss": "https://idp.example.net", "sub": "u-42", "aud": "https://as.example.com", "client_id": "wiki", "jti": "j-1",
 "iat": 1793610840, "exp": 1793611140}}}}
```

```http 2026-11-02T09:14:10+00:00
POST https://as.example.com/token
Content-Type: application/x-www-form-urlencoded
Authorization: Basic Y2hhdDpzM2NyM3QtOQ==

grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=<A>&scope=chat.read

=> 400
Content-Type: application/json

{{"error": "{error}", "error_description": "{words}"}}
```
"""


@pytest.mark.parametrize(
    ("error", "words", "rule"),
    [
        ("unauthorized_client", "the client may not use this grant", "grant-not-allowed"),
        ("unauthorized_client", "the assertion was made for another client", "assertion-of-another-client"),
        ("invalid_grant", "no", "assertion-of-another-client"),
    ],
)
def test_a_server_that_refuses_the_grant_did_not_look_at_the_assertion(error: str, words: str, rule: str) -> None:
    assert play(JAG_REFUSED.format(error=error, words=words)).diagnosis().findings[0].rule == rule
