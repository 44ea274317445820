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


_POINTER = "https://api.example.com/.well-known/oauth-protected-resource"


_REDEEMED = """```http
POST https://idp.example.com/token
Content-Type: application/x-www-form-urlencoded

grant_type=authorization_code&client_id=web&client_secret=s-1&code=c-2&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb

=> 200
Content-Type: application/json

{"access_token": "at-1", "token_type": "Bearer", "expires_in": 600}
```

"""


def _challenged(pointer: str = _POINTER, sent: str = "") -> str:
    asked = f"POST https://api.example.com/mcp\n{sent}Content-Type: application/json\n\n{{}}"
    return f'```http\n{asked}\n\n=> 401\nWWW-Authenticate: Bearer resource_metadata="{pointer}"\n```\n\n'


def _called(path: str) -> str:
    return (
        f"```http\nGET https://api.example.com{path}\nAuthorization: Bearer at-1\n\n=> 200\nContent-Type: application/json\n\n{{}}\n```\n\n"
    )


@pytest.mark.parametrize(
    ("section", "is_quiet"),
    [
        (_challenged() + _called("/orders"), True),
        (_challenged() + _called("/mcp"), True),
        (_challenged(f"{_POINTER}/mcp") + _called("/mcp/sse"), True),
        (_challenged(f"{_POINTER}/mcp") + _called("/orders"), False),
        (_challenged() + _sign_in(2, "code=c-2") + _REDEEMED, True),
        (_called("/orders") + _challenged(), False),
        (_sign_in(2, "code=c-2") + _REDEEMED + _challenged(), False),
        (_challenged(sent="Authorization: Bearer at-2\n") + _called("/orders"), False),
    ],
)
def test_a_first_challenge_is_answered_by_tokens_for_its_resource(section: str, *, is_quiet: bool) -> None:
    diagnosis = play(section).diagnosis()
    assert (not diagnosis.findings and not diagnosis.unexplained) is is_quiet
