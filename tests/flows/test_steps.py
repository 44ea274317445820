from __future__ import annotations

from oauthctl.flows.steps import BARE_CODE, Ask, Flow, Listen, Send, Visit, Wait, ask, listen, send, visit, wait
from oauthctl.http import Request
from oauthctl.shell import paste
from tests.played import callback, play, response

REQUEST = Request("GET", "https://op.example/x")


def everything() -> Flow[list[object]]:
    sent = yield from send(REQUEST, "api", stream=True)
    visited = yield from visit("https://op.example/authorize")
    back = yield from listen(Listen("http://127.0.0.1/cb", "s", keep_open=("https://op.example/token",)))
    yield from wait(5)
    name = yield from ask("your name", secret=True)
    return [sent.response, visited.request.url, back.request.query.get("code"), name]


def test_each_helper_yields_its_step_and_gives_its_answer() -> None:
    answer = response(200, {})
    played = play(everything(), [answer, callback("http://127.0.0.1/cb", code="c", state="s"), "Ann"])
    assert played.result == [answer, "https://op.example/authorize", "c", "Ann"]
    assert played.steps == [
        Send(REQUEST, "api", stream=True),
        Visit("https://op.example/authorize", "authorization"),
        Listen("http://127.0.0.1/cb", "s", "query", ("https://op.example/token",)),
        Wait(5),
        Ask("your name", secret=True),
    ]


def test_the_paste_at_the_terminal_marks_a_bare_code_as_the_flow_expects_it() -> None:
    assert BARE_CODE in paste.read_pasted("SplxlOBeZQQYbYS6WxSbIA", "http://127.0.0.1/cb").headers
    assert BARE_CODE not in paste.read_pasted("http://127.0.0.1/cb?code=c&state=s", "http://127.0.0.1/cb").headers
