from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oauthctl.jose.jwt import Token, take_apart
from oauthctl.record.log_time import Stamp, moment_for, stamp_of
from tests.record.test_log_text import read

MOMENT = datetime(2024, 11, 8, 7, 29, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "2024/11/08 07:29:32 [error] 50#50: *1 upstream sent too big header",
        '10.1.2.3 - kim [08/Nov/2024:08:29:32 +0100] "GET /cb HTTP/1.1" 302 0',
        '[2024-11-08T07:29:32.165Z] "GET /hello HTTP/1.1" 401 -',
        "2024-11-08 07:29:32,100 ERROR token refused",
        "ERROR 2024-11-08 07:29:32.100 o.s.s Jwt refused",
        "[Fri Nov 08 07:29:32.902022 2024] [auth_openidc:error] [pid 7] refused",
        "Nov 08, 2024 7:29:32 AM com.example.Filter doFilter",
        "08-Nov-2024 07:29:32.123 SEVERE [main] org.apache",
        'time="2024-11-08T02:29:32-05:00" level=error msg="refused"',
        '{"level":"error","ts":"2024-11-08T07:29:32Z","msg":"refused"}',
        "Fri, 08 Nov 2024 07:29:32 GMT refused",
    ],
)
def test_the_time_stamp_of_a_line_is_read(line: str) -> None:
    found = stamp_of(line)
    assert found is not None
    assert found.moment == MOMENT


@pytest.mark.parametrize(
    "line",
    [
        "JWT expired at 2024-11-08T07:29:32Z. Current time: 2026-11-08T07:29:32Z",
        "the token is valid until 2024-11-08 07:29:32",
        "2024/13/41 07:29:32 no day",
        "Nov  8 07:29:32 host app[1]: no year",
        "refused",
    ],
)
def test_a_time_that_a_line_speaks_of_is_not_its_own(line: str) -> None:
    assert stamp_of(line) is None


def _made(after: timedelta) -> Token:
    return Token("", take_apart("eyJhbGciOiJIUzI1NiJ9.e30.AA").kind, claims={"iat": int((MOMENT + after).timestamp())})


def test_a_stamp_without_a_zone_may_lie_some_hours_before_the_token() -> None:
    token = _made(timedelta(hours=5))
    assert moment_for(Stamp(MOMENT, names_zone=False), [token]) == MOMENT + timedelta(hours=5)
    assert moment_for(Stamp(MOMENT, names_zone=True), [token]) == MOMENT
    assert moment_for(Stamp(MOMENT, names_zone=False), [_made(timedelta(days=3))]) == MOMENT


def test_what_a_line_holds_was_there_at_the_lines_own_time() -> None:
    found = read('2024/11/08 07:29:32 [error] 5#5: refused, request: "GET /cb?code=c-1&state=s-1 HTTP/2.0", host: "app.example"')
    assert [exchange.started_at for exchange in found.recording.exchanges] == [MOMENT]


def test_the_words_beside_a_stamp_take_its_time() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1LTQyIn0.AAAAAAAA"
    assert read(f"2024-11-08 07:29:32 WARN token refused: {token}").written_at == MOMENT
    assert read(f"WARN token refused: {token}").written_at is None


@pytest.mark.parametrize("name", ["state", "nonce", "RelayState", "request", "id_token_hint", "code", "client_assertion"])
def test_a_jwt_under_a_name_of_its_own_is_no_bearer_token(name: str) -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MzEwNTE4NjR9.52_TinuNqd51GApHdP"
    assert read(f"error: /cb?{name}={jwt} was refused").tokens == ()
    assert len(read(f"error: /cb?token={jwt} was refused").tokens) == 1
