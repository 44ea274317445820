"""A secret that a text names in one place is hidden in every report about the text."""

from __future__ import annotations

import time

import pytest

from oauthctl.record.paste_secrets import named_secrets
from tests.cli.running import oauthctl

SECRET = "purpleelephant"
ECHO = '{"error":"invalid_client","error_description":"not with {}, said admin"}'
PASTES = {
    "a query in the line before": "10:00:00 INFO GET https://idp.example/token?client_secret={}&a=b\n" + ECHO,
    "a query within the line": 'oauth2: Post "https://idp.example/token?client_secret={}": oauth2: cannot fetch token: 401 Response: '
    + ECHO,
    "a label in a log": "2026-11-03 10:00:00 ERROR CLIENT_SECRET: {}\n2026-11-03 10:00:01 ERROR response " + ECHO,
    "an environment": "OAUTH_CLIENT_SECRET={}\nCLIENT_ID=web\n" + ECHO,
    "YAML": 'oauth:\n  client-secret: "{}"\n\n' + ECHO,
    "a member in a log": '10:00:01 DEBUG sent {"client_secret": "{}"}\n10:00:02 ERROR ' + ECHO,
    "a command": "$ curl -u web:{} https://idp.example/token\n" + ECHO,
    "a user part": "psql postgres://app:{}@db/keycloak refused\n" + ECHO,
}


@pytest.mark.parametrize("form", ["text", "json", "sarif", "markdown"])
@pytest.mark.parametrize("paste", PASTES.values(), ids=PASTES)
def test_no_report_quotes_a_secret_that_is_named_elsewhere_in_the_text(paste: str, form: str) -> None:
    ran = oauthctl("diagnose", "-", "--format", form, stdin=paste.replace("{}", SECRET))
    assert SECRET not in ran.out + ran.err
    if form == "json":
        assert "said admin" in ran.out


def test_words_about_a_secret_are_none() -> None:
    assert named_secrets('client_secret: missing\npassword=incorrect\n{"error": "invalid_grant", "code": 400, "token": "expired"}') == ()


@pytest.mark.parametrize("unit", ["client_secret=a ", '{"a":', "token=", "a: b\n", "?password="])
def test_a_long_text_costs_a_bounded_time(unit: str) -> None:
    begun = time.process_time()
    named_secrets(unit * (256 * 1024 // len(unit)))
    assert time.process_time() - begun < 3
