"""`oauthctl refresh` and `oauthctl token` met by a signal while the server holds the answer back.

Here: what needs a process. Not here: the signals by themselves (`tests/shell/test_interruption`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from oauthctl.http import Request, Response
from tests.cli.person import isolated
from tests.cli.scripted import Home, Scripted, granting, scripted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to one process alone")


def slow(asked: Event, answer: Event) -> Scripted:
    """A token endpoint that tells when it was asked, and answers when it is told to."""
    script = Scripted()

    def token(request: Request) -> Response:
        asked.set()
        answer.wait(10)
        return granting(refresh_token="rt-fresh-1")(request)

    script.answers["/token"] = token
    return script


def started(home: Home, command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "oauthctl", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=isolated(home.folder) | {"PATH": os.environ["PATH"]},
        start_new_session=True,
    )


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            break
    return said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["refresh", "token"])
def test_the_rotated_refresh_token_is_stored_before_the_run_ends(tmp_path: Path, number: signal.Signals, command: str) -> None:
    asked, answer = Event(), Event()
    with scripted() as server:
        server.answers |= slow(asked, answer).answers
        home = Home(tmp_path, server)
        home.hold(seconds=-5)
        process = started(home, command)
        try:
            assert asked.wait(10)
            process.send_signal(number)
            assert "finishing the refresh that is under way" in read_until(process, "finishing")
            answer.set()
            out, _ = process.communicate(timeout=10)
        finally:
            answer.set()
            process.kill()
            process.wait()
    assert (process.returncode, out) == (130, "")
    assert home.tokens is not None
    assert (home.tokens.access_token, home.tokens.refresh_token, home.tokens.refresh_began_at) == ("at-fresh-1", "rt-fresh-1", None)


def test_a_second_ctrl_c_ends_it_at_once_and_leaves_the_mark(tmp_path: Path) -> None:
    asked, answer = Event(), Event()
    with scripted() as server:
        server.answers |= slow(asked, answer).answers
        home = Home(tmp_path, server)
        home.hold(seconds=-5)
        process = started(home, "refresh")
        try:
            assert asked.wait(10)
            process.send_signal(signal.SIGINT)
            read_until(process, "finishing")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=10)
        finally:
            answer.set()
            process.kill()
            process.wait()
    assert process.returncode == 130
    assert home.tokens is not None
    assert home.tokens.refresh_token == "rt-held-0"
    assert home.tokens.refresh_began_at is not None
