"""A refresh whose answer was lost, and the next one, which the server refuses because of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from oauthctl.http import Request, Response
from tests.cli.person import isolated
from tests.cli.scripted import Answer, Home, Scripted, granting, reply, scripted

REUSED = reply(400, {"error": "invalid_grant", "error_description": "the refresh token was used before"})


class Silence:
    """An answer that comes when nobody waits for it any more."""

    def __init__(self) -> None:
        self.asked = Event()
        self.over = Event()

    def __call__(self, request: Request) -> Response:
        self.asked.set()
        self.over.wait(20)
        return granting(refresh_token="rt-fresh-1")(request)


@pytest.fixture
def silence() -> Iterator[Silence]:
    silent = Silence()
    yield silent
    silent.over.set()


@pytest.fixture
def server(silence: Silence) -> Iterator[Scripted]:
    with scripted(token=[silence, REUSED, REUSED]) as running:
        yield running
        silence.over.set()


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    return Home(tmp_path, server)


def began_at(home: Home) -> datetime | None:
    assert home.tokens is not None
    return home.tokens.refresh_began_at


def refused_with_the_reason(home: Home) -> None:
    began = began_at(home)
    assert began is not None
    assert abs((datetime.now(UTC) - began).total_seconds()) < 60
    for _ in range(2):
        ran = home.run("refresh")
        assert (ran.code, ran.out) == (4, "")
        assert "error[refresh-answer-lost]: the token endpoint refused: `invalid_grant`" in ran.err
        assert f"the refresh of {began:%Y-%m-%d %H:%M:%S} UTC got no answer of use" in ran.err
        assert "very probably the server gave a new refresh token then" in ran.err
        assert "help: sign in again with `oauthctl login work`" in ran.err
        assert began_at(home) == began


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_a_process_killed_before_the_answer_is_remembered(home: Home, silence: Silence) -> None:
    home.hold()
    command = (sys.executable, "-m", "oauthctl", "refresh")
    environ = {"PATH": ""} | isolated(home.folder)
    with subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert silence.asked.wait(20)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL
    refused_with_the_reason(home)


def test_a_timeout_is_remembered(home: Home) -> None:
    home.hold()
    ran = home.run("refresh", "--timeout", "0.2")
    assert (ran.code, ran.out) == (3, "")
    refused_with_the_reason(home)


def test_json_tells_when_it_was(home: Home) -> None:
    home.hold(refresh_began_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    home.server.answers["/token"] = REUSED
    error = json.loads(home.run("refresh", "--json").err)["error"]
    assert (error["slug"], error["refresh_began_at"]) == ("refresh-answer-lost", "2026-01-02T03:04:05Z")


def test_a_server_that_does_not_rotate_ends_it_well(home: Home) -> None:
    home.hold(refresh_began_at=datetime(2026, 1, 2, tzinfo=UTC))
    home.server.answers["/token"] = granting()
    assert home.run("refresh").code == 0
    assert began_at(home) is None


@pytest.mark.parametrize("answer", [REUSED, reply(401, {"error": "invalid_client"}), reply(400, {"error": "invalid_scope"})])
def test_a_clear_no_leaves_no_mark(home: Home, answer: Answer) -> None:
    before = home.hold()
    home.server.answers["/token"] = answer
    ran = home.run("refresh")
    assert ran.code == 4
    assert "refresh-answer-lost" not in ran.err
    assert home.tokens == before


@pytest.mark.parametrize("answer", [reply(502, "<html>", kind="text/html"), reply(200, "<html>", kind="text/html")])
def test_an_answer_that_says_nothing_leaves_the_mark(home: Home, answer: Answer) -> None:
    home.hold()
    home.server.answers["/token"] = answer
    assert home.run("refresh").code == 3
    assert began_at(home) is not None


def test_a_server_that_nobody_reached_leaves_no_mark(home: Home) -> None:
    nowhere = "http://127.0.0.1:9/token"
    home.profile(endpoints=(("token_endpoint", nowhere),))
    before = home.hold(token_endpoint=nowhere)
    assert home.run("refresh").code == 3
    assert home.tokens == before


def test_the_mark_is_on_the_disk_before_the_token_is_sent(home: Home) -> None:
    home.hold()
    seen: list[datetime | None] = []

    def look(request: Request) -> Response:
        seen.append(began_at(home))
        return granting()(request)

    home.server.answers["/token"] = look
    assert home.run("refresh").code == 0
    assert seen != [None]
    assert began_at(home) is None
