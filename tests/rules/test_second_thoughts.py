"""What is said no to at first and goes well afterwards is no failure; nor is an API's first word to a client."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.findings import Severity
from oauthctl.record.pasted import read_pasted
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from tests.rules.pages import play

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)


def _sign_in(number: int, answer: str, client: str = "web") -> str:
    url = f"https://idp.example.com/authorize?response_type=code&client_id={client}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb"
    return f"""```http
GET {url}&scope=openid&state=s{number}Z8qL0

=> 302
Location: https://app.example.com/cb?{answer}&state=s{number}Z8qL0
```

```http
GET https://app.example.com/cb?{answer}&state=s{number}Z8qL0

=> 302
Location: /
```

"""


def _worst(section: str) -> Severity | None:
    findings = play(section).diagnosis().findings
    return findings[0].severity if findings else None


@pytest.mark.parametrize(
    ("section", "severity"),
    [
        (_sign_in(1, "error=access_denied") + _sign_in(2, "code=c-2"), Severity.NOTE),
        (_sign_in(1, "error=access_denied"), Severity.ERROR),
        (_sign_in(1, "code=c-1") + _sign_in(2, "error=access_denied"), Severity.ERROR),
        (_sign_in(1, "error=access_denied") + _sign_in(2, "error=access_denied"), Severity.ERROR),
        (_sign_in(1, "error=access_denied") + _sign_in(2, "code=c-2", client="another"), Severity.ERROR),
    ],
    ids=["then signed in", "alone", "signed in before", "twice", "another client"],
)
def test_a_denial_counts_unless_the_same_client_is_let_in_later(section: str, severity: Severity) -> None:
    assert _worst(section) is severity


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ('WWW-Authenticate: Bearer realm="api", resource_metadata="https://a.example/.well-known/oauth-protected-resource"', Severity.NOTE),
        ('WWW-Authenticate: Bearer realm="api"', Severity.ERROR),
        ('WWW-Authenticate: Bearer error="invalid_token", resource_metadata="https://a.example/x"', Severity.ERROR),
    ],
)
def test_a_first_challenge_with_a_pointer_is_no_error(text: str, severity: Severity) -> None:
    assert diagnose(scene_of(read_pasted(text, now=NOW), now=NOW, salt=b"s")).findings[0].severity is severity
