from __future__ import annotations

import contextlib
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oauthctl.errors import BadAnswer, ConfigError, NoAnswer
from oauthctl.http import FORM, Request
from oauthctl.shell.callback import CallbackListener
from oauthctl.shell.callback_page import failure_page, success_page
from oauthctl.shell.loopback_server import BODY_LIMIT, CONNECTION_LIMIT

STATE = "right-state"
RIGHT = f"/callback?code=c1&state={STATE}"
DONE = success_page(profile="work", issuer="https://op.example", subject="alice")


@dataclass
class Browser:
    """A raw client: it says what it is told to, and reads until the listener hangs up."""

    port: int
    address: str = "127.0.0.1"
    threads: list[threading.Thread] = field(default_factory=list)

    def connect(self) -> socket.socket:
        return socket.create_connection((self.address, self.port), timeout=5)

    def say(self, data: bytes) -> bytes:
        with self.connect() as sock:
            with contextlib.suppress(OSError):
                sock.sendall(data)
            return read_all(sock)

    def get(self, target: str, *, method: str = "GET", host: str = "", headers: tuple[str, ...] = (), body: bytes = b"") -> bytes:
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", *headers]
        return self.say("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def post(self, body: str, *, target: str = "/callback", kind: str = FORM) -> bytes:
        return self.get(target, method="POST", headers=(f"Content-Type: {kind}", f"Content-Length: {len(body)}"), body=body.encode())

    def later(self, ask: Callable[[], bytes]) -> list[bytes]:
        """Ask in the background; the answer will be in the list."""
        answers: list[bytes] = []
        self.threads.append(threading.Thread(target=lambda: answers.append(ask())))
        self.threads[-1].start()
        return answers

    def join(self) -> None:
        for thread in self.threads:
            thread.join(5)
            assert not thread.is_alive()


def read_all(sock: socket.socket) -> bytes:
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while more := sock.recv(65536):
            got += more
    return got


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.fixture
def listener():
    made = CallbackListener("http://127.0.0.1/callback", slow_seconds=0.15)
    made.open()
    made.expect(STATE)
    yield made
    made.close()


@pytest.fixture
def browser(listener):
    made = Browser(urlsplit(listener.redirect_uri).port or 0)
    yield made
    listener.close()
    made.join()


def test_the_right_answer_is_given_and_the_browser_waits_for_the_truth(listener, browser):
    answers = browser.later(lambda: browser.get(RIGHT, headers=("X-Seen: 1",)))
    request = listener.wait(5)
    assert request.method == "GET"
    assert request.url == f"{listener.redirect_uri}?code=c1&state={STATE}"
    assert request.headers.get("x-seen") == "1"
    assert answers == []
    listener.reply(DONE)
    browser.join()
    assert status(answers[0]) == 200
    assert b"You are signed in" in answers[0]
    assert b"alice" in answers[0]


def test_an_error_answer_with_the_right_state_is_an_answer(listener, browser):
    browser.later(lambda: browser.get(f"/callback?error=access_denied&state={STATE}"))
    assert listener.wait(5).query.get("error") == "access_denied"


def test_failure_is_told_with_its_cause(listener, browser):
    answers = browser.later(lambda: browser.get(RIGHT))
    listener.wait(5)
    listener.reply(failure_page(BadAnswer("the ID token <b>", slug="issuer-mixed-up", help="do `this`")))
    browser.join()
    assert b"Signing in did not work" in answers[0]
    assert b"issuer-mixed-up" in answers[0]
    assert b"The ID token &lt;b&gt;." in answers[0]
    assert b"<code>this</code>" in answers[0]


def test_after_close_no_port_is_left_open(listener, browser):
    browser.later(lambda: browser.get(RIGHT))
    listener.wait(5)
    listener.reply(DONE)
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        browser.connect()


def test_a_browser_that_still_waits_at_the_end_is_told_that_the_run_ended(listener, browser):
    answers = browser.later(lambda: browser.get(RIGHT))
    listener.wait(5)
    listener.close()
    browser.join()
    assert b"Signing in was broken off" in answers[0]


def test_a_copy_of_the_right_answer_gets_the_same_page(listener, browser):
    answers = browser.later(lambda: browser.get(RIGHT))
    listener.wait(5)
    copies = browser.later(lambda: browser.get(RIGHT))
    listener.reply(DONE)
    browser.join()
    assert copies[0] == answers[0] == browser.get(RIGHT)
    assert listener.refused == []


def test_after_the_answer_every_other_request_is_told_that_it_is_over(listener, browser):
    browser.later(lambda: browser.get(RIGHT))
    listener.wait(5)
    for target in (f"/callback?code=c2&state={STATE}", "/callback?code=c1&state=wrong"):
        answer = browser.get(target)
        assert status(answer) == 409
        assert b"This sign-in is over" in answer
    assert [refusal.slug for refusal in listener.refused] == ["already-answered"] * 2


def test_an_answer_that_comes_before_it_is_expected_waits():
    listener = CallbackListener("http://127.0.0.1/callback")
    browser = Browser(urlsplit(listener.open()).port or 0)
    wrong = browser.later(lambda: browser.get("/callback?code=c&state=wrong"))
    browser.later(lambda: browser.get(RIGHT))
    listener.expect(STATE)
    assert listener.wait(5).query.get("state") == STATE
    listener.reply(DONE)
    browser.join()
    listener.close()
    assert status(wrong[0]) in (400, 409)


REFUSED = [
    ("/callback?code=c&state=wrong", 400, "state-mismatch"),
    ("/callback?code=c&state=", 400, "state-mismatch"),
    ("/callback?code=c&state=right-stat", 400, "state-mismatch"),
    ("/callback?code=c&state=right-state2", 400, "state-mismatch"),
    ("/callback?code=c&state=%ff%00", 400, "state-mismatch"),
    ("/callback?code=c&state=wrong&state=right-state", 400, "state-mismatch"),
    ("/callback?code=c&state=right-state&state=wrong", 400, "state-mismatch"),
    ("/callback?code=c", 400, "state-missing"),
    ("/callback", 400, "state-missing"),
    ("/callback?", 400, "state-missing"),
    ("/callback/?code=c&state=right-state", 404, "wrong-path"),
    ("/Callback?code=c&state=right-state", 404, "wrong-path"),
    ("//callback?code=c&state=right-state", 404, "wrong-path"),
    ("/x/../callback?code=c&state=right-state", 404, "wrong-path"),
    ("/%63allback?code=c&state=right-state", 404, "wrong-path"),
]


@pytest.mark.parametrize(("target", "expected", "slug"), REFUSED)
def test_a_wrong_answer_is_refused_and_the_right_one_is_still_taken(listener, browser, target, expected, slug):
    answer = browser.get(target)
    assert status(answer) == expected
    assert b"This is not the answer we wait for" in answer
    told: list[str] = []
    browser.later(lambda: browser.get(RIGHT))
    assert listener.wait(5, on_refused=lambda refusal: told.append(refusal.slug)).query.get("code") == "c1"
    assert told == [refusal.slug for refusal in listener.refused] == [slug]


IGNORED = [
    ("GET", "/favicon.ico", (), 404),
    ("GET", "/robots.txt", (), 404),
    ("GET", "/", (), 404),
    ("HEAD", RIGHT, (), 200),
    ("HEAD", "/favicon.ico", (), 404),
    ("GET", RIGHT, ("Purpose: prefetch",), 503),
    ("GET", RIGHT, ("Sec-Purpose: prefetch;prerender",), 503),
    ("GET", RIGHT, ("X-Moz: prefetch",), 503),
    ("GET", RIGHT, ("X-Purpose: preview",), 503),
    ("POST", RIGHT, (f"Content-Type: {FORM}", "Content-Length: 0"), 405),
    ("PUT", RIGHT, ("Content-Length: 0",), 405),
    ("OPTIONS", RIGHT, (), 405),
    ("DELETE", RIGHT, (), 405),
    ("CONNECT", RIGHT, (), 405),
]


@pytest.mark.parametrize(("method", "target", "headers", "expected"), IGNORED)
def test_looking_ahead_and_asking_around_does_not_use_the_answer_up(listener, browser, method, target, headers, expected):
    answer = browser.get(target, method=method, headers=headers)
    assert status(answer) == expected
    if method == "HEAD":
        assert answer.endswith(b"\r\n\r\n")
    browser.later(lambda: browser.get(RIGHT))
    assert listener.wait(5).query.get("code") == "c1"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1", "127.0.0.1:{port}.evil.example", "x@127.0.0.1:{port}"]
)
def test_another_host_name_is_refused(listener, browser, host):
    answer = browser.get(RIGHT, host=host.format(port=browser.port))
    assert status(answer) == 421
    assert listener.refused[0].slug == "wrong-host"
    browser.later(lambda: browser.get(RIGHT))
    assert listener.wait(5).query.get("code") == "c1"


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}", "127.0.0.1:{port}"])
def test_any_name_of_this_machine_is_taken(listener, browser, host):
    browser.later(lambda: browser.get(RIGHT, host=host.format(port=browser.port)))
    assert listener.wait(5).query.get("code") == "c1"


def test_the_absolute_form_is_read_and_its_host_checked(listener, browser):
    assert status(browser.get(f"http://evil.example{RIGHT}")) == 421
    browser.later(lambda: browser.get(f"http://127.0.0.1:{browser.port}{RIGHT}"))
    assert listener.wait(5).query.get("code") == "c1"


HOST = b"Host: 127.0.0.1:%d\r\n"
GET = b"GET " + RIGHT.encode() + b" HTTP/1.1\r\n"
RUDE: list[tuple[str, bytes, int]] = [
    ("a header too large", GET + HOST + b"X: " + b"x" * 40_000 + b"\r\n\r\n", 431),
    ("headers without end", GET + HOST + b"X: 1\r\n" * 8_000, 431),
    ("a request line without end", b"GET /" + b"x" * 40_000, 431),
    ("no Host", GET + b"\r\n", 400),
    ("two Hosts", GET + HOST + b"Host: evil.example\r\n\r\n", 400),
    ("HTTP/0.9", b"GET /callback\r\n\r\n", 400),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 421),
    ("TLS", bytes.fromhex("16030100c8010000c40303") + b"\0" * 200 + b"\r\n\r\n", 400),
    ("bytes that are no text", b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a NUL in a header", GET + HOST + b"X: \0\r\n\r\n", 400),
    ("a folded header", GET + b" evil\r\n" + HOST + b"\r\n", 400),
    ("a space before the colon", GET + b"Host : 127.0.0.1\r\n" + HOST + b"\r\n", 400),
    ("two lengths", b"POST /callback HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
    ("a negative length", b"POST /callback HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", 400),
    ("an unknown transfer coding", b"POST /callback HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    ("a bad chunk", b"POST /callback HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ("a body too large", b"POST /callback HTTP/1.1\r\n" + HOST + b"Content-Length: 900000\r\n\r\n" + b"x" * 70_000, 413),
    ("half a request", GET + HOST, 408),
    ("half a body", b"POST /callback HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nabc", 408),
]


@pytest.mark.parametrize(("data", "expected"), [(data, expected) for _, data, expected in RUDE], ids=[name for name, _, _ in RUDE])
def test_a_rude_request_is_answered_and_the_right_one_still_taken(listener, browser, data, expected):
    answer = browser.say(data.replace(b"%d", str(browser.port).encode()))
    assert status(answer) == expected
    browser.later(lambda: browser.get(RIGHT))
    assert listener.wait(5).query.get("code") == "c1"


PIECES = st.sampled_from(
    (b"GET ", b"POST ", b"/callback", b"?", b"state=", b"%ff", b" HTTP/1.1\r\n", b"Host: 127.0.0.1", b":", b"\r\n", b"\r\n\r\n")
) | st.sampled_from(
    (b"Content-Length: 4", b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"4\r\nabcd\r\n0\r\n\r\n", b"http://[", b"\x00", b"\xff")
)


@given(st.lists(PIECES | st.binary(max_size=8), max_size=12).map(b"".join))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_whatever_bring_the_listener_down(listener, browser, data):
    with browser.connect() as sock:
        sock.sendall(data)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        read_all(sock)
    assert status(browser.get("/favicon.ico")) == 404


def test_pipelined_requests_count_as_one(listener, browser):
    first = f"GET {RIGHT} HTTP/1.1\r\nHost: 127.0.0.1:{browser.port}\r\n\r\n".encode()
    second = first.replace(b"code=c1", b"code=c2")
    answers = browser.later(lambda: browser.say(first + second))
    assert listener.wait(5).query.get("code") == "c1"
    listener.reply(DONE)
    browser.join()
    assert answers[0].count(b"HTTP/1.1 ") == 1


def test_idle_and_slow_connections_never_keep_the_right_one_out(listener, browser):
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTION_LIMIT + 8):
            stack.enter_context(browser.connect()).sendall(b"GET / HT")
        browser.later(lambda: browser.get(RIGHT))
        assert listener.wait(5).query.get("code") == "c1"


def test_a_connection_that_says_nothing_is_closed_without_a_word(listener, browser):
    began = time.monotonic()
    assert browser.say(b"") == b""
    assert time.monotonic() - began < 1


def test_a_browser_that_leaves_does_not_harm(listener, browser):
    with browser.connect() as sock:
        sock.sendall(f"GET {RIGHT} HTTP/1.1\r\nHost: 127.0.0.1:{browser.port}\r\n\r\n".encode())
        listener.wait(5)
    listener.reply(DONE)
    assert b"You are signed in" in browser.get(RIGHT)


def test_expect_continue_is_answered(listener, browser):
    listener.expect(STATE, "form_post")
    body = f"code=c1&state={STATE}".encode()
    with browser.connect() as sock:
        head = f"POST /callback HTTP/1.1\r\nHost: 127.0.0.1:{browser.port}\r\nContent-Type: {FORM}\r\nExpect: 100-continue\r\n"
        sock.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        assert sock.recv(100).startswith(b"HTTP/1.1 100")
        sock.sendall(body)
        assert listener.wait(5).form.get("code") == "c1"


def test_a_form_post_is_taken_when_it_was_asked_for(listener, browser):
    listener.expect(STATE, "form_post")
    assert status(browser.post("code=c&state=wrong")) == 400
    assert status(browser.post(f'{{"state":"{STATE}"}}', kind="application/json")) == 415
    browser.later(lambda: browser.post(f"code=c1&state={STATE}"))
    assert listener.wait(5).form.pairs == (("code", "c1"), ("state", STATE))


def test_a_chunked_form_post_is_read(listener, browser):
    listener.expect(STATE, "form_post")
    head = f"POST /callback HTTP/1.1\r\nHost: 127.0.0.1:{browser.port}\r\nContent-Type: {FORM}; charset=utf-8\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    body = f"7\r\ncode=c1\r\n{len(STATE) + 7:x}\r\n&state={STATE}\r\n0\r\n\r\n"
    browser.later(lambda: browser.say((head + body).encode()))
    assert listener.wait(5).form.get("state") == STATE


def test_a_form_of_the_largest_size_is_taken(listener, browser):
    listener.expect(STATE, "form_post")
    filler = "x" * (BODY_LIMIT - len(f"state={STATE}&code="))
    browser.later(lambda: browser.post(f"state={STATE}&code={filler}"))
    assert len(listener.wait(5).body) == BODY_LIMIT


def test_a_fragment_is_fetched_by_a_script_and_posted_back(listener, browser):
    listener.expect(STATE, "fragment")
    page = browser.get("/callback")
    assert status(page) == 200
    assert b"location.hash" in page
    assert listener.refused == []
    browser.later(lambda: browser.post(f"code=c1&state={STATE}"))
    assert listener.wait(5).form.get("code") == "c1"


@pytest.mark.parametrize("query", ["?iss=https%3A%2F%2Fop.example", "?session_state=1"])
def test_a_query_that_answers_nothing_leaves_the_fragment_to_be_fetched(listener, browser, query):
    listener.expect(STATE, "fragment")
    page = browser.get(f"/callback{query}")
    assert status(page) == 200
    assert b"location.hash" in page
    assert listener.refused == []


def test_tokens_in_the_query_are_an_answer_that_the_flow_has_to_judge(listener, browser):
    listener.expect(STATE, "fragment")
    browser.later(lambda: browser.get(f"/callback?access_token=at&state={STATE}"))
    assert listener.wait(5).query.get("access_token") == "at"


def test_an_error_in_the_query_is_taken_in_fragment_mode_too(listener, browser):
    listener.expect(STATE, "fragment")
    browser.later(lambda: browser.get(f"/callback?error=server_error&state={STATE}"))
    assert listener.wait(5).query.get("error") == "server_error"


def test_a_code_that_comes_twice_is_for_the_flow_to_judge(listener, browser):
    browser.later(lambda: browser.get(f"/callback?code=a&code=b&state={STATE}"))
    assert listener.wait(5).query.all("code") == ("a", "b")


def test_without_a_state_sent_none_may_come_back(listener, browser):
    listener.expect("")
    assert status(browser.get("/callback?code=c&state=x")) == 400
    assert status(browser.get("/callback")) == 400
    browser.later(lambda: browser.get("/callback?code=c1"))
    assert listener.wait(5).query.get("code") == "c1"


def test_localhost_listens_on_both_families_at_one_port():
    listener = CallbackListener("http://localhost/callback")
    uri = listener.open()
    assert uri.startswith("http://localhost:")
    listener.expect(STATE)
    port = urlsplit(uri).port or 0
    try:
        assert status(Browser(port).get("/callback?state=no")) == 400
        assert status(Browser(port, "::1").get("/callback?state=no", host=f"[::1]:{port}")) == 400
    finally:
        listener.close()


def test_an_exact_redirect_uri_is_given_back_unchanged():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    listener = CallbackListener(f"http://127.0.0.1:{port}/a%2Fb?x=1")
    assert listener.open() == f"http://127.0.0.1:{port}/a%2Fb?x=1"
    listener.close()


def test_a_redirect_uri_without_a_path_is_listened_at_and_keeps_none():
    listener = CallbackListener("http://127.0.0.1")
    uri = listener.open()
    assert uri.endswith(f":{urlsplit(uri).port}")
    listener.expect(STATE)
    browser = Browser(urlsplit(uri).port or 0)
    browser.later(lambda: browser.get(f"/?code=c1&state={STATE}"))
    assert listener.wait(5).query.get("code") == "c1"
    listener.close()
    browser.join()


def test_a_busy_port_is_named_with_what_holds_it():
    with socket.create_server(("127.0.0.1", 0)) as sock, pytest.raises(ConfigError) as caught:
        CallbackListener(f"http://localhost:{sock.getsockname()[1]}/callback").open()
    assert caught.value.slug == "port-busy"
    assert "in use" in caught.value.message
    if sys.platform == "linux":
        assert f"process {os.getpid()}" in caught.value.message
    assert "--redirect-uri" in caught.value.help


def test_the_second_family_of_localhost_is_never_somebody_elses():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as sock, pytest.raises(ConfigError) as caught:
        CallbackListener(f"http://localhost:{sock.getsockname()[1]}/callback").open()
    assert caught.value.slug == "port-busy"


def test_when_nobody_comes_the_error_says_so(listener):
    with pytest.raises(NoAnswer) as caught:
        listener.wait(0.01)
    assert caught.value.slug == "no-callback"
    assert listener.redirect_uri in caught.value.message


def test_when_only_wrong_ones_come_the_error_tells_which(listener, browser):
    for state in ("a", "b"):
        browser.get(f"/callback?code=c&state={state}")
    browser.get("/callback?code=c")
    with pytest.raises(NoAnswer) as caught:
        listener.wait(0.01)
    assert caught.value.slug == "state-mismatch"
    assert caught.value.notes == (
        "refused 2 callbacks: its `state` is not the one that was sent",
        "refused a callback: it carries no `state`",
    )


def test_a_delivered_answer_is_judged_like_one_from_the_browser(listener):
    assert listener.deliver(Request("GET", "http://127.0.0.1/callback?code=c&state=no")).slug == "state-mismatch"
    assert listener.deliver(Request("GET", f"http://127.0.0.1{RIGHT}")) is None
    assert listener.wait(1).query.get("code") == "c1"
    assert listener.reply(DONE) is None
    assert listener.deliver(Request("GET", f"http://127.0.0.1{RIGHT}")).slug == "already-answered"


def test_refusals_are_kept_within_bounds(listener, browser):
    for _ in range(60):
        listener.deliver(Request("GET", "http://127.0.0.1/callback?state=no"))
    assert len(listener.refused) == 50


def test_pages_hold_no_secret_and_forbid_everything_else(listener, browser):
    answers = browser.later(lambda: browser.get(RIGHT))
    listener.wait(5)
    listener.reply(DONE)
    browser.join()
    head, _, body = answers[0].partition(b"\r\n\r\n")
    assert b"c1" not in body
    assert STATE.encode() not in answers[0]
    for wanted in (b"Cache-Control: no-store", b"Referrer-Policy: no-referrer", b"default-src 'none'", b"Connection: close"):
        assert wanted in head
    assert b"unsafe" not in head
    assert not re.search(rb"(src|href)=[\"']?(https?:)?//", body)
