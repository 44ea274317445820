from __future__ import annotations

import pytest

from oauthctl.errors import Refused
from oauthctl.flows.steps import Listen, ask, listen, send, visit, wait
from oauthctl.http import get_request
from oauthctl.record.exchange import Channel
from tests.played import callback, play, response


def flow():
    yield from visit("https://op.example/authorize")
    back = yield from listen(Listen("http://127.0.0.1/cb", "s"))
    yield from wait(2)
    secret = yield from ask("secret", secret=True)
    token = yield from send(get_request(f"https://op.example/token?{secret}"), "token")
    if token.response.status != 200:
        raise Refused("no", where=f"exchange {token.id}")
    return back.request.query.get("code")


def test_a_flow_is_fed_from_the_list_and_its_steps_are_collected():
    played = play(flow(), [callback("http://127.0.0.1/cb", code="c", state="s"), "pw", response(200, {"a": 1})])
    assert played.result == "c"
    assert played.visited == ["https://op.example/authorize"]
    assert played.waited == [2]
    assert [request.url for request in played.requests] == ["https://op.example/token?pw"]
    assert [(one.id, one.channel) for one in played.recording.exchanges] == [(1, Channel.BROWSER), (2, Channel.CALLBACK), (3, Channel.WIRE)]


def test_the_error_of_a_flow_is_kept_and_raised_by_the_result():
    played = play(flow(), [callback("http://127.0.0.1/cb"), "pw", response(400, "no")])
    assert played.error is not None
    assert played.error.where == "exchange 3"
    with pytest.raises(Refused):
        _ = played.result


@pytest.mark.parametrize("answers", [[], ["pw"], [callback("http://127.0.0.1/cb"), "pw", response(200), response(200)]])
def test_answers_that_do_not_fit_are_an_error_of_the_test(answers):
    with pytest.raises(AssertionError):
        play(flow(), answers)
