from __future__ import annotations

import secrets

import pytest

from oauthctl.record.facts.masked import is_masked


@pytest.mark.parametrize(
    "value",
    [
        "REDACTED",
        "[code redacted]",
        "<redacted>",
        "redacted-code-471e96ac",
        "***",
        "*",
        "••••••",
        "abc***xyz",
        "eyJhbGciOi...",
        "eyJhbGciOi…",
        "xxxxxxxx-xxxx-xxxx",
        "XXX",
        "(removed)",
        "sanitized",
        "---",
    ],
)
def test_what_stands_in_a_secrets_place_is_recognised(value: str) -> None:
    assert is_masked(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "xoxb-17653672481-19874698323",
        "4/0AY0e-g7",
        "undefined",
        "<secret>",
        "${CLIENT_SECRET}",
        "eyJhbGciOiJkaXIifQ..yDeR1gu9Y6zGH00b.QysC.dQPB",
        "Unmaskedtoken",
        "a--b__c",
    ],
)
def test_secrets_and_placeholders_are_not_taken_for_masks(value: str) -> None:
    assert not is_masked(value)


def test_no_random_secret_is_taken_for_a_mask() -> None:
    assert not any(is_masked(secrets.token_urlsafe(48)) for _ in range(2000))
