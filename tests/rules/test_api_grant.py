"""A client that may not get tokens for an API, in any wording; scopes, grants and URIs that are not allowed are something else."""

from __future__ import annotations

import json

import pytest

from tests.rules.pages import play

FORM = "grant_type=client_credentials&client_id=worker&client_secret=s3cr3t-of-worker"


def _asked(words: str, *, audience: str = "&audience=https%3A%2F%2Forders.example.com%2F") -> str:
    said = json.dumps({"error": "access_denied", "error_description": words})
    lines = "Content-Type: application/x-www-form-urlencoded\n\n" + FORM + audience
    return f"```http\nPOST https://login.example.com/oauth/token\n{lines}\n\n=> 403\nContent-Type: application/json\n\n{said}\n```\n\n"


def _rules(section: str) -> list[str]:
    return [one.rule for one in play(section).diagnosis().findings]


@pytest.mark.parametrize(
    "words",
    [
        'Client is not authorized to access "https://orders.example.com/". You need to create a "client-grant" associated to this API.',
        'Client "worker" is not authorized to access resource server "https://orders.example.com/".',
        "The application has not been granted access to the API.",
        "app isn't allowed to request tokens for the audience https://orders.example.com/",
        "Client has no access to resource orders",
    ],
)
def test_a_client_without_the_api_is_known_in_any_wording(words: str) -> None:
    assert _rules(_asked(words))[:1] == ["api-not-granted"]


@pytest.mark.parametrize(
    "words",
    [
        "Client is not allowed to request the scope orders.write of this API",
        "The client is not authorized to use this grant type",
        "The client is not authorized to use the redirect URI",
        "The client is not enabled",
    ],
)
def test_what_else_a_client_may_not_do_is_something_else(words: str) -> None:
    assert "api-not-granted" not in _rules(_asked(words))


def test_a_client_that_got_a_token_for_the_api_has_its_grant() -> None:
    given = (
        _asked("x")
        .replace("=> 403", "=> 200")
        .replace('{"error": "access_denied", "error_description": "x"}', '{"access_token": "a-1", "token_type": "Bearer"}')
    )
    assert "api-not-granted" not in _rules(
        given
        + _asked(
            "Client is not authorized to access https://orders.example.com/",
            audience="&audience=https%3A%2F%2Forders.example.com%2F&scope=x",
        )
    )
