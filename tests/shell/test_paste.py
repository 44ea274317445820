from __future__ import annotations

import os
import queue
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.shell.callback import CallbackListener
from oauthctl.shell.paste import BARE_CODE, NotAnAnswer, Paste, read_pasted

URI = "https://app.example/callback"


@pytest.mark.parametrize(
    ("text", "params"),
    [
        (f"{URI}?code=c&state=s", (("code", "c"), ("state", "s"))),
        (f'  "{URI}?code=c&state=s"\n', (("code", "c"), ("state", "s"))),
        (f"<{URI}?code=c&state=s>", (("code", "c"), ("state", "s"))),
        (f"{URI}?error=access_denied&state=s#", (("error", "access_denied"), ("state", "s"))),
        ("https://APP.example/callback?code=c&state=s", (("code", "c"), ("state", "s"))),
        ("https://app.example/callb\n  ack?code=c&state=s", (("code", "c"), ("state", "s"))),
        ("?code=c%2F1&state=s", (("code", "c/1"), ("state", "s"))),
        ("code=c&state=s&iss=https%3A%2F%2Fop", (("code", "c"), ("state", "s"), ("iss", "https://op"))),
    ],
)
def test_an_address_or_its_query_becomes_the_browsers_request(text, params):
    request = read_pasted(text, URI)
    assert (request.method, request.query.pairs) == ("GET", params)
    assert BARE_CODE not in request.headers


def test_an_answer_after_the_hash_becomes_a_form():
    request = read_pasted(f"{URI}#code=c&state=s", URI)
    assert (request.method, request.url, request.form.pairs) == ("POST", URI, (("code", "c"), ("state", "s")))


@pytest.mark.parametrize("text", ["#id_token=a.b.c&state=s", "id_token=a.b.c&state=s"])
def test_tokens_without_their_address_have_stood_behind_a_hash(text):
    request = read_pasted(text, URI)
    assert (request.method, request.url, request.form.pairs) == ("POST", URI, (("id_token", "a.b.c"), ("state", "s")))


def test_tokens_in_a_query_stay_there_for_all_to_see():
    request = read_pasted("?access_token=at&state=s", URI)
    assert (request.method, request.query.pairs) == ("GET", (("access_token", "at"), ("state", "s")))


@pytest.mark.parametrize("code", ["SplxlOBeZQQYbYS6WxSbIA", "4/0AbC-_x", "12345678", "'Splx-quoted'", "a.b~c+d=="])
def test_a_bare_code_is_marked_as_such(code):
    request = read_pasted(code, URI)
    assert request.query.pairs == (("code", code.strip("'")),)
    assert BARE_CODE in request.headers


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://op.example/authorize?client_id=x&state=s", "does not begin with the redirect URI"),
        ("https://app.example/other?code=c", "does not begin with the redirect URI"),
        ("https://[", "no address"),
        ("name=value", "neither"),
        ("a\x1bb", "neither"),
        ("/etc/passwd", "neither"),
        ("", "neither"),
        ("garbage", "paste the whole address, which begins https://app.example/callback"),
        ("two words of eight and more", "paste the whole address"),
        ("SplxlOBeZQQ\tYbYS6WxSbIA", "paste the whole address"),
        ("SplxlOBeZQQ\x00YbYS6WxSbIA", "paste the whole address"),
    ],
)
def test_what_is_no_answer_is_told_without_repeating_it(text, why):
    with pytest.raises(NotAnAnswer, match=why):
        read_pasted(text, URI)


@given(st.text(max_size=200))
def test_reading_raises_nothing_else(text):
    try:
        read_pasted(text, URI)
    except NotAnAnswer:
        return


class Terminal:
    """A terminal whose person types what is put into it, and which never ends by itself."""

    def __init__(self):
        self.lines = queue.Queue()

    def type(self, line):
        self.lines.put(line + "\n")

    def isatty(self):
        return False

    def readline(self, limit=-1):
        return self.lines.get(timeout=5)


def waiting(state="s"):
    terminal, said = Terminal(), queue.Queue()
    listener = CallbackListener(URI)
    listener.expect(state)
    paste = Paste(terminal, said.put)
    paste.start(listener.deliver, redirect_uri=URI)
    return terminal, said, listener


def test_the_right_address_ends_the_wait():
    terminal, said, listener = waiting()
    terminal.type(f"{URI}?code=c&state=s")
    assert listener.wait(5).query.get("code") == "c"
    assert said.empty()


def test_a_wrong_one_is_refused_and_the_wait_goes_on():
    terminal, said, listener = waiting()
    terminal.type("")
    terminal.type(f"{URI}?code=hidden&state=other")
    terminal.type("https://op.example/authorize?state=s")
    assert "its `state` is not the one" in said.get(timeout=5)
    assert "does not begin with" in said.get(timeout=5)
    terminal.type(f"{URI}?code=c&state=s")
    assert listener.wait(5).query.get("code") == "c"
    assert [(refusal.slug, refusal.response) for refusal in listener.refused] == [("state-mismatch", None)]  # no browser saw a page


def test_a_bare_code_is_taken_and_said_to_be_unchecked():
    terminal, said, listener = waiting()
    terminal.type("SplxlOBeZQQYbYS6WxSbIA")
    assert listener.wait(5).query.pairs == (("code", "SplxlOBeZQQYbYS6WxSbIA"),)
    assert "without a check of `state`" in said.get(timeout=5)


def test_the_end_of_stdin_ends_the_reading_alone():
    reading, writing = os.pipe()
    listener = CallbackListener(URI)
    listener.expect("s")
    with open(reading) as stdin:  # noqa: PTH123 - a file descriptor, no path
        Paste(stdin, print).start(listener.deliver, redirect_uri=URI)
        os.close(writing)
        listener.deliver(read_pasted(f"{URI}?code=c&state=s", URI))
        assert listener.wait(5).query.get("code") == "c"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_after_stopping_the_terminal_belongs_to_the_next_reader():
    ours, theirs = os.openpty()
    with open(theirs) as stdin, open(ours, "wb", buffering=0) as keyboard:  # noqa: PTH123 - file descriptors, no paths
        listener, paste = CallbackListener(URI), Paste(stdin, print)
        listener.expect("s")
        paste.start(listener.deliver, redirect_uri=URI)
        keyboard.write(f"{URI}?code=c&state=s\n".encode())
        assert listener.wait(5).query.get("code") == "c"
        paste.start(listener.deliver, redirect_uri=URI)
        paste.stop()
        for thread in threading.enumerate():
            if thread.name == "pasted answer":
                thread.join(5)
        keyboard.write(b"for somebody else\n")
        assert stdin.readline() == "for somebody else\n"


def test_bytes_that_are_no_text_are_told_and_the_wait_goes_on():
    reading, writing = os.pipe()
    said, listener = queue.Queue(), CallbackListener(URI)
    listener.expect("s")
    with open(reading, encoding="utf-8") as stdin, open(writing, "wb", buffering=0) as keyboard:  # noqa: PTH123 - file descriptors
        Paste(stdin, said.put).start(listener.deliver, redirect_uri=URI)
        keyboard.write(b"\xff\xfe\n")
        assert said.get(timeout=5) == "not taken: that is no text"
        keyboard.write(f"{URI}?code=c&state=s\n".encode())
        assert listener.wait(5).query.get("code") == "c"
