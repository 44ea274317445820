"""The number of an error in the address of its page is no authorization code; a code at any other address is one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.redact import redact

_JSON = Headers((("Content-Type", "application/json"),))


def _redacted(body: str) -> str:
    request = Request("POST", "https://idp.example.com/token", Headers(), b"grant_type=authorization_code&client_id=public")
    exchange = Exchange(1, "token", Channel.WIRE, request, datetime(2026, 11, 21, tzinfo=UTC), response=Response(401, _JSON, body.encode()))
    response = redact(Recording((exchange,)), salt=b"salt").exchanges[0].response
    assert response is not None
    return response.body.decode()


@pytest.mark.parametrize(
    "said",
    [
        '{"error": "invalid_client", "error_codes": [700025], "error_uri": "https://login.microsoftonline.com/error?code=700025"}',
        '{"error": "invalid_grant", "error_uri": "https://idp.example.com/help/errors?lang=en&code=70008"}',
    ],
)
def test_the_number_of_an_error_page_stays(said: str) -> None:
    assert _redacted(said) == said


@pytest.mark.parametrize("address", ["https://app.example.com/callback?code=700025", "https://app.example.com/error/back?code=70008123"])
def test_digits_at_another_address_are_a_code(address: str) -> None:
    assert "redacted-code-" in _redacted(f'{{"error": "invalid_grant", "error_uri": "{address}"}}')


def test_what_is_no_number_is_a_code_at_an_error_page_too() -> None:
    assert "SplxlOBeZQQYbYS6" not in _redacted('{"error": "x", "error_uri": "https://app.example.com/error?code=SplxlOBeZQQYbYS6"}')
