"""Answers whose members are there, and of no use."""

from __future__ import annotations

import pytest

from tests.rules.pages import play

ASKED = """```http
POST https://idp.example.com/device_authorization
Content-Type: application/x-www-form-urlencoded

client_id=tv&scope=openid

=> 200
Content-Type: application/json

{{"device_code": "GmRh", "user_code": "WDJB-MJHT", "verification_uri": "https://idp.example.com/device", "expires_in": {seconds}}}
```
"""


@pytest.mark.parametrize(("seconds", "rules"), [(-1, ["device-answer-incomplete"]), (0, ["device-answer-incomplete"]), (1, [])])
def test_codes_that_are_over_at_once_are_found(seconds: int, rules: list[str]) -> None:
    findings = play(ASKED.format(seconds=seconds)).diagnosis().findings
    assert [one.rule for one in findings] == rules
    assert all(f"is {seconds}, and has to be a positive number" in one.cause for one in findings)
