"""A token for another API: what the client named when it asked for it is said, where that was seen."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

TOKEN = '```json token at\n{"header": {"alg": "RS256"}, "claims": {"iss": "https://idp.example.com", "aud": "https://other.example.com"}}\n```\n'
ASKED = """
```http
POST https://idp.example.com/token
Content-Type: application/x-www-form-urlencoded

grant_type={}&client_id=web{}

=> 200
Content-Type: application/json

{{"access_token": "<at>", "token_type": "Bearer", "expires_in": 3600}}
```
"""
DOCUMENT = """
```http
GET https://api.example.com/.well-known/oauth-protected-resource

=> 200
Content-Type: application/json

{"resource": "https://api.example.com", "authorization_servers": ["https://idp.example.com"]}
```

```http
GET https://api.example.com/orders
Authorization: Bearer <at>

=> 401
WWW-Authenticate: Bearer error="invalid_token"
```
"""


@pytest.mark.parametrize(
    ("asked", "word", "is_said"),
    [
        (ASKED.format("client_credentials", ""), "does not have a `resource`", True),
        (ASKED.format("client_credentials", "&resource=https%3A%2F%2Fother.example.com"), "asked for `https://other.example.com`", True),
        (ASKED.format("client_credentials", "&audience=https%3A%2F%2Fother.example.com"), "does not have a `resource`", False),
        (ASKED.format("authorization_code&code=c-1", ""), "`resource` (or", False),
        ("", "`resource` (or", False),
    ],
)
def test_what_was_asked_for_is_said(asked: str, word: str, is_said: bool) -> None:
    first = play(TOKEN + asked + DOCUMENT).diagnosis().findings[0]
    assert first.rule == "audience-differs"
    assert (word in first.cause) is is_said
