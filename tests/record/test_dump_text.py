from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.record.exchange import Exchange
from oauthctl.record.pasted import read_pasted

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
PYTHON = """send: b'POST /token HTTP/1.1\\r\\nHost: op.example\\r\\nContent-Type: application/x-www-form-urlencoded\\r\\n\\r\\n'
send: b'grant_type=authorization_code&code=it\\'s'
reply: 'HTTP/1.1 400 Bad Request\\r\\n'
header: Content-Type: application/json
header: Date: Mon, 02 Nov 2026 09:00:00 GMT
{"error": "invalid_grant"}
"""
GO = (
    '2026/11/02 09:00:00 sent "POST /token HTTP/1.1\\r\\nHost: op.example\\r\\n\\r\\ngrant_type=refresh_token"\n'
    '2026/11/02 09:00:00 got "HTTP/1.1 400 Bad Request\\r\\nContent-Type: application/json\\r\\n\\r\\n{\\"error\\":\\"invalid_grant\\"}"\n'
)
CHROME = """General
Request URL:
https://op.example/token
Request Method:
POST
Status Code:
400 Bad Request
Response Headers
content-type:
application/json
Request Headers
:authority:
op.example
origin:
https://app.example
Form Data
grant_type: authorization_code
code: a b
"""
OLD_CHROME = """Request URL: https://op.example/token
Request Method: POST
Status Code: 400 Bad Request
content-type: application/json
Origin: https://app.example
grant_type: ignored as a header
"""


def only(text: str) -> Exchange:
    (exchange,) = read_pasted(text, now=NOW).recording.exchanges
    return exchange


@pytest.mark.parametrize("text", [PYTHON, GO, CHROME, OLD_CHROME], ids=["python", "go", "chrome", "older chrome"])
def test_a_dump_is_the_exchange_that_was_dumped(text: str) -> None:
    exchange = only(text)
    assert (exchange.purpose, exchange.request.method, exchange.request.url) == ("token", "POST", "https://op.example/token")
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.content_type) == (400, "application/json")


def test_a_dump_of_python_has_the_bodies_of_both() -> None:
    exchange = only(PYTHON)
    assert exchange.request.form.get("code") == "it's"
    assert exchange.response is not None
    assert exchange.response.body == b'{"error": "invalid_grant"}'
    assert exchange.started_at == datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_a_quoted_dump_loses_its_quotes() -> None:
    exchange = only(GO)
    assert exchange.request.form.get("grant_type") == "refresh_token"
    assert exchange.response is not None
    assert exchange.response.body == b'{"error":"invalid_grant"}'


def test_the_lists_of_the_network_panel_are_told_apart() -> None:
    exchange = only(CHROME)
    assert exchange.request.form.pairs == (("grant_type", "authorization_code"), ("code", "a b"))
    assert exchange.request.headers.get("origin") == "https://app.example"
    assert only(OLD_CHROME).request.headers.get("origin") == "https://app.example"


LINES = {
    'INFO:httpx:HTTP Request: POST https://op.example/token "HTTP/1.1 401 Unauthorized"': ("POST", 401),
    'DEBUG:urllib3.connectionpool:https://op.example:443 "POST /token HTTP/1.1" 401 75': ("POST", 401),
    "--2026-11-02 09:00:00--  https://op.example/token\nHTTP request sent, awaiting response...\n  HTTP/1.1 401 Unauthorized\n": (
        "GET",
        401,
    ),
}


@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
def test_a_line_of_a_client_is_a_request_and_its_status(text: str) -> None:
    exchange = only(text)
    assert exchange.response is not None
    assert exchange.request.url == "https://op.example/token"
    assert (exchange.request.method, exchange.response.status) == LINES[text]
