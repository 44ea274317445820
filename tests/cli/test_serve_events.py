from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest

from oauthctl.cli.output import Output
from oauthctl.cli.serve_events import tell_answer, tell_event
from oauthctl.cli.terminal import Terminal
from oauthctl.http import Headers, Response, get_request
from oauthctl.provider.records import Event

AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
REFUSED = Event(1, AT, "token", "web", "invalid_grant", "the code is unknown")
BUG = Event(2, AT, "bug", "POST /token", "server_error", "a bug of the provider")
WELL = Event(3, AT, "token", "web", "", "granted\x1b[2J")


def told(*events: Event, json: bool = False, verbose: bool = False, quiet: bool = False, issuer: str = "") -> list[str]:
    stderr = io.StringIO()
    out = Output(Terminal(io.StringIO(), io.StringIO(), stderr, {}, verbose=verbose, quiet=quiet, json_errors=json))
    for event in events:
        tell_event(out, event, issuer)
    if verbose:
        tell_answer(out, issuer, get_request("http://localhost/jwks?token=hush"), Response(200, Headers(), b""), AT)
    return stderr.getvalue().splitlines()


def test_a_person_gets_a_line_for_what_goes_wrong() -> None:
    assert told(REFUSED, BUG, WELL) == [
        "03:04:05 token web: invalid_grant, the code is unknown",
        "03:04:05 bug POST /token: server_error, a bug of the provider",
    ]
    assert told(REFUSED, issuer="/one") == ["03:04:05 /one token web: invalid_grant, the code is unknown"]
    assert told(WELL, verbose=True) == ["03:04:05 token web: granted\\x1b[2J", "03:04:05 GET /jwks 200"]


def test_a_program_gets_a_line_of_json_for_it() -> None:
    lines = [json.loads(line) for line in told(REFUSED, BUG, WELL, json=True)]
    at = "2030-01-02T03:04:05Z"
    assert lines == [
        {"event": {"at": at, "endpoint": "token", "who": "web", "error": "invalid_grant", "reason": "the code is unknown"}},
        {"event": {"at": at, "endpoint": "bug", "who": "POST /token", "error": "server_error", "reason": "a bug of the provider"}},
    ]
    assert json.loads(told(REFUSED, json=True, issuer="/one")[0])["event"]["issuer"] == "/one"
    granted, answer = told(WELL, json=True, verbose=True)
    assert "error" not in json.loads(granted)["event"]
    assert "\x1b" not in granted
    assert json.loads(answer) == {"answer": {"at": at, "method": "GET", "path": "/jwks", "status": 200}}


@pytest.mark.parametrize("json", [False, True])
def test_quiet_keeps_it_back(json: bool) -> None:
    assert told(REFUSED, BUG, quiet=True, json=json) == []
