from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.http import Headers, Request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts.written import written_facts


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("client_secret=a+b", {"raw_plus": ["client_secret"]}),
        ("client_secret=a%252Bb", {"escaped": ["client_secret"]}),
        ("client_secret=a%2Bb&scope=a+b", {}),
        ("client_secret=ab+", {}),
        ('{"client_secret": "a+b"}', {}),
    ],
)
def test_how_a_forms_secrets_are_written_is_told(body: str, told: dict[str, object]) -> None:
    request = Request("POST", "https://op.example/token", Headers(), body.encode())
    recording = Recording((Exchange(1, "", Channel.WIRE, request, datetime(2026, 1, 1, tzinfo=UTC)),))
    assert written_facts(recording).get(1, {}) == told
