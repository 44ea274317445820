"""A secret in the place of a grant's name is told, and is not shown."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

SECRET = "kR7vLm3xTpW9bNc5"


def _section(grant: str, error: str = "unsupported_grant_type") -> str:
    return f"""```http
POST https://idp.example.com/token
Content-Type: application/x-www-form-urlencoded

grant_type={grant}&client_id=web&client_secret=client-secret

=> 400
Content-Type: application/json

{{"error": "{error}"}}
```
"""


@pytest.mark.parametrize("error", ["unsupported_grant_type", "invalid_request", "invalid_grant"])
def test_a_secret_where_the_grant_belongs_is_named_and_hidden(error: str) -> None:
    played = play(_section(SECRET, error))
    for diagnosis in (played.diagnosis(), played.diagnosis_of_redacted()):
        assert diagnosis.findings[0].rule == "grant-unsupported"
        assert "secret" in diagnosis.findings[0].cause
        assert SECRET not in repr(diagnosis)


@pytest.mark.parametrize("grant", ["authorization_code", "ig_exchange_token", "client-credentials", "urn:example:grant"])
def test_a_grants_name_is_no_secret_whatever_it_is(grant: str) -> None:
    assert "hidden" not in play(_section(grant)).diagnosis().findings[0].cause
