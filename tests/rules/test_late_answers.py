"""Answers that come, and later than many clients wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.findings import Severity
from oauthctl.http import Headers, Params, Response, form_request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GRANTED = Response(
    200,
    Headers.of({"Content-Type": "application/json"}),
    b'{"access_token": "2YotnFZFEjr1zCsicMWpAA", "token_type": "Bearer", "expires_in": 60}',
)


@pytest.mark.parametrize(
    ("seconds", "grant", "is_found"),
    [
        (0.2, "client_credentials", False),
        (3.4, "client_credentials", False),
        (5.1, "client_credentials", True),
        (25.0, "urn:openid:params:grant-type:ciba", False),
        (25.0, "urn:ietf:params:oauth:grant-type:device_code", False),
    ],
)
def test_a_late_answer_is_noted_where_nobody_has_to_decide_first(seconds: float, grant: str, is_found: bool) -> None:
    request = form_request("https://idp.example.com/token", Params.of({"grant_type": grant, "client_id": "web", "scope": "orders"}))
    recording = Recording((Exchange(1, "token", Channel.WIRE, request, AT, seconds, GRANTED),))
    found = [
        one
        for one in diagnose(scene_of(Material("recording", recording), now=AT, salt=b"x" * 24)).findings
        if one.rule == "server-too-slow"
    ]
    assert [(one.severity, one.evidence[0].got) for one in found] == ([(Severity.NOTE, "5.1 s")] if is_found else [])
