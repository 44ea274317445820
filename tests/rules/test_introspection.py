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
