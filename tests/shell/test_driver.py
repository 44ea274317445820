from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from oauthctl.errors import BadAnswer, ConfigError, NoAnswer, OauthctlError, Unreachable
from oauthctl.flows.steps import Listen, ask, listen, send, visit, wait
from oauthctl.http import Headers, Request, Response, get_request
from oauthctl.record.exchange import Channel
from oauthctl.shell.callback import CallbackListener
from oauthctl.shell.callback_page import success_page
from oauthctl.shell.driver import finish, run
from oauthctl.shell.paste import Paste
from oauthctl.shell.world import World, asker, live_world
from tests.shell.servers import OK, always, serving
from tests.shell.test_callback import STATE, Browser, status

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Wire:
    """A transport whose answers are given beforehand."""

    answers: list[Response | OauthctlError] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)
    prepared: list[str] = field(default_factory=list)

    def completed(self, request):
        return Request(request.method, request.url, Headers((("Host", "op.example"), *request.headers.pairs)), request.body)

    def send(self, request, *, timeout_seconds, stream_to=None):
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, OauthctlError):
            raise answer
        sink = stream_to(answer) if stream_to else None
        if sink:
            sink(answer.body)
            return Response(answer.status, answer.headers), 0.5
        return answer, 0.5

    def prepare(self, url):
        self.prepared.append(url)

    def close(self):
        pass


def world_of(*answers: Response | OauthctlError, **more) -> World:
    ticks = iter(range(1000))
    return World(Wire(list(answers)), now=lambda: BEGAN + timedelta(seconds=next(ticks)), **more)


def test_each_request_becomes_an_exchange_and_its_answer():
    told = []
    world = world_of(Response(200, body=b"a"), Response(404, body=b"b"), on_exchange=told.append)

    def flow():
        first = yield from send(get_request("https://op.example/a"), "discovery")
        second = yield from send(get_request("https://op.example/b"), "jwks")
        return first.response.text + second.response.text

    assert run(flow(), world) == "ab"
    assert [(one.id, one.purpose, one.channel, one.seconds) for one in world.recording.exchanges] == [
        (1, "discovery", Channel.WIRE, 0.5),
        (2, "jwks", Channel.WIRE, 0.5),
    ]
    assert world.recording.exchanges[0].request.headers.get("host") == "op.example"
    assert world.recording.exchanges[0].started_at == BEGAN
    assert tuple(told) == world.recording.exchanges


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [(Unreachable("down"), True), (NoAnswer("slow"), True), (BadAnswer("no HTTP"), True), (ConfigError("a proxy that can't be"), False)],
)
def test_a_request_that_may_fail_is_recorded_and_the_flow_goes_on(error: OauthctlError, goes_on: bool):
    world = world_of(error)

    def flow():
        exchange = yield from send(get_request("https://op.example/jwks"), "jwks", may_fail=True)
        return exchange.failure

    if goes_on:
        assert run(flow(), world) == error.message
    else:
        with pytest.raises(ConfigError):
            run(flow(), world)
    assert [(one.failure, one.response) for one in world.recording.exchanges] == [(error.message, None)]


def test_a_broken_connection_is_recorded_the_flow_closed_and_the_error_raised():
    ended = []
    world = world_of(Unreachable("`https://op.example` refuses the connection", slug="connection-refused"))

    def flow():
        try:
            yield from send(get_request("https://op.example/token?secret=1"), "token")
        except OauthctlError:
            ended.append("thrown into the flow")
        finally:
            ended.append("closed")

    with pytest.raises(Unreachable) as caught:
        run(flow(), world)
    assert ended == ["closed"]
    assert caught.value.where == "exchange 1, GET /token"
    (exchange,) = world.recording.exchanges
    assert (exchange.failure, exchange.response) == ("`https://op.example` refuses the connection", None)
    assert exchange.seconds == 1


def test_what_a_flow_raises_goes_through():
    def flow():
        yield from send(get_request("https://op.example/"), "token")
        raise BadAnswer("no")

    with pytest.raises(BadAnswer):
        run(flow(), world_of(Response(200)))


def test_only_the_body_of_a_success_is_streamed():
    pieces: list[bytes] = []
    world = world_of(
        Response(401, body=b"denied"), Response(200, body=b"data"), Response(200, body=b"held"), stream_to=lambda head: pieces.append
    )

    def flow():
        return (
            (yield from send(get_request("https://api.example/"), "call", stream=True)).response.body,
            (yield from send(get_request("https://api.example/"), "call", stream=True)).response.body,
            (yield from send(get_request("https://api.example/"), "call")).response.body,
        )

    assert run(flow(), world) == (b"denied", b"", b"held")
    assert pieces == [b"data"]


def test_waiting_and_asking_are_the_worlds():
    slept: list[float] = []
    world = world_of(sleep=slept.append, ask=lambda question, secret: f"{question} {secret}")

    def flow():
        yield from wait(5)
        return (yield from ask("password", secret=True))

    assert run(flow(), world) == "password True"
    assert slept == [5]
    assert world.recording.exchanges == ()


def sign_in(uri: str, state: str = STATE):
    def flow():
        yield from visit("https://op.example/authorize?x=1")
        back = yield from listen(Listen(uri, state, keep_open=("https://op.example/token",)))
        yield from send(get_request("https://op.example/token"), "token")
        return back.request.query.get("code")

    return flow()


def listening(world: World) -> tuple[str, Browser]:
    world.listener = CallbackListener("http://127.0.0.1/callback")
    uri = world.listener.open()
    return uri, Browser(urlsplit(uri).port or 0)


def test_a_sign_in_is_recorded_with_the_refused_callbacks_and_the_page_that_was_shown():
    world = world_of(Response(200))
    uri, browser = listening(world)
    answers: list[list[bytes]] = []

    def visit_both(url):
        assert url == "https://op.example/authorize?x=1"
        wrong = browser.later(lambda: browser.get("/callback?code=x&state=wrong"))
        answers.append(wrong)
        answers.append(browser.later(lambda: (browser.threads[0].join(), browser.get(f"/callback?code=c&state={STATE}"))[1]))

    world.visit = visit_both
    assert run(sign_in(uri), world) == "c"
    assert world.transport.prepared == ["https://op.example/token"]
    assert answers[1] == []  # the page waits for the truth
    before = world.recording
    finish(world, success_page(profile="work"))
    browser.join()
    assert status(answers[0][0]) == 400
    assert b"You are signed in" in answers[1][0]
    assert [(one.id, one.purpose, one.channel, one.response and one.response.status) for one in world.recording.exchanges] == [
        (1, "authorization", Channel.BROWSER, None),
        (2, "callback", Channel.CALLBACK, 400),
        (3, "callback", Channel.CALLBACK, 200),
        (4, "token", Channel.WIRE, 200),
    ]
    assert before.exchanges[2].response is None
    assert b"You are signed in" in world.recording.exchanges[2].response.body
    assert world.recording.exchanges[2].seconds > 0
    with pytest.raises(ConnectionRefusedError):
        browser.connect()


def test_when_nobody_comes_back_the_refused_ones_are_recorded():
    world = world_of(callback_timeout_seconds=0.3)
    uri, browser = listening(world)
    world.visit = lambda url: browser.later(lambda: browser.get("/callback?code=x&state=another-one")) and None
    with pytest.raises(NoAnswer) as caught:
        run(sign_in(uri), world)
    world.close()
    browser.join()
    assert caught.value.slug == "state-mismatch"
    assert caught.value.where == "exchange 2, callback GET /callback"
    assert (caught.value.sent, caught.value.got) == ("rig…te  (exchange 1)", "ano…ne")
    assert [one.channel for one in world.recording.exchanges] == [Channel.BROWSER, Channel.CALLBACK]


def test_what_came_after_the_answer_is_recorded_too():
    world = world_of(Response(200))
    uri, browser = listening(world)
    world.visit = lambda url: browser.later(lambda: browser.get(f"/callback?code=c&state={STATE}")) and None
    run(sign_in(uri), world)
    late = browser.later(lambda: browser.get(f"/callback?code=second&state={STATE}"))
    browser.threads[1].join()
    finish(world, success_page())
    browser.join()
    assert status(late[0]) == 409
    last = world.recording.exchanges[-1]
    assert (last.channel, last.request.query.get("code"), last.response.status) == (Channel.CALLBACK, "second", 409)


class Typed:
    """A terminal on which one line is typed."""

    def __init__(self, line):
        self.lines = [line + "\n", ""]

    def isatty(self):
        return False

    def readline(self, limit=-1):
        return self.lines.pop(0)


def test_a_pasted_address_ends_the_waiting_of_an_open_listener():
    world = world_of(Response(200), visit=lambda url: None)
    uri, _ = listening(world)
    world.paste = Paste(Typed(f"{uri}?code=pasted&state={STATE}"), print)
    assert run(sign_in(uri), world) == "pasted"
    finish(world, success_page())
    assert world.recording.exchanges[1].response is None  # no browser was there to be told


def test_a_redirect_uri_elsewhere_is_served_by_pasting_alone():
    uri = "https://app.example/callback"
    world = world_of(Response(200), visit=lambda url: None, paste=Paste(Typed(f"{uri}?code=pasted&state={STATE}"), print))
    assert run(sign_in(uri), world) == "pasted"
    finish(world, success_page())


def test_without_a_listener_and_without_a_terminal_there_is_no_way_back():
    with pytest.raises(ConfigError) as caught:
        run(sign_in("https://app.example/callback"), world_of(visit=lambda url: None))
    assert caught.value.slug == "no-way-back"


def test_finishing_without_a_callback_changes_nothing():
    world = world_of()
    finish(world, success_page())
    assert world.recording.exchanges == ()


@pytest.mark.parametrize("step", [visit("https://op.example/"), ask("name")])
def test_a_world_without_a_person_says_so(step):
    with pytest.raises(ConfigError):
        run(step, world_of())


def test_the_real_transport_carries_a_flow():
    with serving(always(OK)) as server:
        world = live_world({})
        exchange = run(send(get_request(server.url), "discovery"), world)
        world.close()
    assert exchange.response.body == b"ok"
    assert exchange.started_at.tzinfo is UTC
    assert len({world.token(16) for _ in range(50)}) == 50


class Screen:
    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_asking_reads_a_line_and_prompts_on_stderr():
    screen = Screen()
    answer = asker(Typed("ada"), screen, can_ask=True, flag="`--user NAME`")("user name", False)
    assert (answer, screen.text) == ("ada", "user name: ")


@pytest.mark.parametrize(("can_ask", "line"), [(False, "ada"), (True, None)])
def test_where_nobody_can_be_asked_the_flag_is_named(can_ask, line):
    terminal = Typed("")
    terminal.lines = [""] if line is None else [line]
    with pytest.raises(ConfigError) as caught:
        asker(terminal, Screen(), can_ask=can_ask, flag="`--user NAME`")("user name", False)
    assert (caught.value.slug, caught.value.help) == ("no-input", "give `--user NAME`")


def test_no_thread_that_would_keep_the_program_alive_is_left():
    assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())
