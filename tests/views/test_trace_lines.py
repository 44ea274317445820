from __future__ import annotations

import pytest
from hypothesis import given, settings

from oauthctl.record.exchange import Exchange, Recording
from oauthctl.views.lines import plain
from oauthctl.views.trace_lines import exchange_lines
from tests.record.arbitrary import recordings
from tests.record.played import SECRETS, SIGNATURES, played


def traced(number: int, width: int = 100) -> list[str]:
    return [plain(line) for line in exchange_lines(played().exchanges[number - 1], width)]


def test_a_token_request_reads_so() -> None:
    assert traced(7) == [
        "[7] POST http://127.0.0.1:9400/token  token request (authorization_code)",
        "      with code, code_verifier, client by Basic",
        "    200 OK in 84 ms",
        "      access_token, refresh_token, id_token, expires in 300 s",
    ]


def test_a_failure_says_what_failed() -> None:
    assert traced(12)[-1] == "     connection refused"


def test_the_channel_is_named_when_it_is_not_the_wire() -> None:
    assert traced(3)[0].startswith("[3] browser GET http://127.0.0.1:9400/authorize  ")
    assert traced(6)[0].startswith("[6] callback GET ")


def test_hints_are_wrapped_to_the_width() -> None:
    assert max(len(line) for line in traced(9, 50)[1:]) <= 50
    assert len(traced(9, 50)) > len(traced(9))


@pytest.mark.parametrize("exchange", played().exchanges, ids=lambda exchange: str(exchange.id))
def test_secrets_are_masked(exchange: Exchange) -> None:
    text = "\n".join(plain(line) for line in exchange_lines(exchange, 100))
    assert [secret for secret in (*SECRETS, *SIGNATURES) if secret in text] == []


@given(recordings())
@settings(max_examples=50, deadline=None)
def test_any_exchange_can_be_traced_without_steering_the_terminal(recording: Recording) -> None:
    for exchange in recording.exchanges:
        text = "".join(span.text for line in exchange_lines(exchange, 80) for span in line)
        assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in text)
