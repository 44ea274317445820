"""An access token is compared with the one that was issued: whatever was added to it or taken away on its way is told."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.rules.pages import play

TOKEN = "kV9_u3Lq-SbN2/rX8+w0Zt=="
REFUSAL = '401\nWWW-Authenticate: Bearer error="invalid_token"'


def _first(sent: str, answered: str = REFUSAL, *, issued: str = TOKEN) -> tuple[str, str]:
    section = f"""```http
POST https://idp.example.com/token
Content-Type: application/x-www-form-urlencoded

grant_type=client_credentials&client_id=web

=> 200
Content-Type: application/json

{{"access_token": "{issued}", "token_type": "Bearer", "expires_in": 3600}}
```

```http
GET https://api.example.com/orders
Authorization: Bearer {sent}

=> {answered}
```
"""
    played = play(section)
    findings = played.diagnosis().findings
    assert [one.rule for one in findings] == [one.rule for one in played.diagnosis_of_redacted().findings]
    return (findings[0].rule, findings[0].cause) if findings else ("", "")


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        (f'"{TOKEN}"', "quotes"),
        (f"'{TOKEN}'", "quotes"),
        (f"`{TOKEN}`", "quotes"),
        (TOKEN[:-3], "cut off"),
        (TOKEN[:14], "cut off (truncated) after 14 of 24"),
        (TOKEN[4:], "at its beginning"),
        (f"{TOKEN}%0A", "line break"),
        (f"{TOKEN}%0d%0a", "line break"),
        (f"{TOKEN}\\n", "line break"),
        (f"%20{TOKEN}", "blank"),
        (TOKEN.replace("+", " "), "space"),
        (TOKEN.lower(), "case"),
        (TOKEN.upper(), "case"),
        (f"{TOKEN};", "followed by other text"),
        (f"{TOKEN},", "followed by other text"),
        (f"access_token={TOKEN}", "preceded by other text"),
        (f'{{"access_token":"{TOKEN}"}}', "JSON"),
        (f"{TOKEN[:12]} {TOKEN[12:]}", "white space"),
    ],
)
def test_what_became_of_a_token_is_told(sent: str, word: str) -> None:
    slug, cause = _first(sent)
    assert slug == "access-token-mangled"
    assert word in cause


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (TOKEN, REFUSAL),
        ("another-token-altogether", REFUSAL),
        (f'"{TOKEN}"', "200\nContent-Type: application/json\n\n[]"),
        (TOKEN[:-3], '403\nWWW-Authenticate: Bearer error="insufficient_scope", scope="orders"'),
        (TOKEN[:-3], "404"),
        ("undefined", REFUSAL),
    ],
)
def test_a_token_that_is_whole_or_another_one_is_not_called_changed(sent: str, answered: str) -> None:
    assert _first(sent, answered)[0] != "access-token-mangled"


@pytest.mark.parametrize("issued", ["token-10", "at-2", "tok-1-of-2"])
def test_short_tokens_that_begin_alike_are_two(issued: str) -> None:
    assert _first(issued[:-1], issued=issued)[0] != "access-token-mangled"


def test_a_token_that_is_encoded_once_more_keeps_its_own_name() -> None:
    assert _first(quote(TOKEN, safe=""))[0] == "token-percent-encoded"


def test_what_an_object_turns_into_is_quoted_as_it_was_sent() -> None:
    slug, cause = _first("[object Object]")
    assert slug == "token-is-placeholder"
    assert "`[object Object]`" in cause
