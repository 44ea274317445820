"""Plays a flow without a world: answers come from a list, steps are collected.

played = play(flow(), [response(200, {"access_token": "a"})])
assert played.result.access_token == "a"
assert played.requests[0].url == "https://op.example/token"
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeAlias, TypeVar

from oauthctl.errors import OauthctlError
from oauthctl.flows.steps import Ask, AwaitPing, Draw, Drawn, Flow, Listen, Send, Show, Step, Visit, Wait
from oauthctl.http import JSON, Headers, Params, Request, Response, with_query
from oauthctl.record.exchange import Channel, Exchange, Recording

T = TypeVar("T")
BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class Played(Generic[T]):
    """What a flow did: its steps, the recording that the driver would have written, and how it ended."""

    steps: list[Step] = field(default_factory=list)
    recording: Recording = field(default_factory=Recording)
    value: T | None = None
    error: OauthctlError | None = None

    @property
    def result(self) -> T:
        """What the flow returned; its error is raised when it ended with one."""
        if self.error is not None:
            raise self.error
        assert self.value is not None
        return self.value

    @property
    def requests(self) -> list[Request]:
        """The requests that were sent, in order."""
        return [step.request for step in self.steps if isinstance(step, Send)]

    @property
    def visited(self) -> list[str]:
        """The URLs that were handed to the browser."""
        return [step.url for step in self.steps if isinstance(step, Visit)]

    @property
    def waited(self) -> list[float]:
        """The seconds of each wait."""
        return [step.seconds for step in self.steps if isinstance(step, Wait)]


Given: TypeAlias = Response | Request | str | None


def play(flow: Flow[T], answers: Iterable[Given]) -> Played[T]:
    """Feed a flow: a `Response` for each request, a `Request` for each listening (see `callback`), a `str` for each question.

    A `str` for a request that may fail is why it did; None for a notification that is awaited is that none came.

    Visiting and waiting need no answer. An answer that is left over, or one that is missing or of the wrong kind, is an error of the test.
    """
    played: Played[T] = Played()
    left = list(answers)
    try:
        step = next(flow)
        while True:
            played.steps.append(step)
            step = flow.send(_answer(step, left, played))
    except StopIteration as end:
        played.value = end.value
    except OauthctlError as error:
        played.error = error
    finally:
        flow.close()
    assert not left, f"{len(left)} answers were not asked for"
    return played


def response(status: int, body: object = b"", *, headers: dict[str, str] | None = None) -> Response:
    """A response; a body that is neither bytes nor text is written as JSON."""
    if isinstance(body, bytes | str):
        return Response(status, Headers.of(headers or {}), body if isinstance(body, bytes) else body.encode())
    return Response(status, Headers.of({"Content-Type": JSON} | (headers or {})), json.dumps(body).encode())


def callback(redirect_uri: str, **params: str) -> Request:
    """The browser's way back: `callback("http://127.0.0.1/cb", code="c", state="s")`."""
    return Request("GET", with_query(redirect_uri, Params.of(params)))


def _answer(step: Step, left: list[Given], played: Played[Any]) -> Exchange | Drawn | str | None:
    match step:
        case Visit():
            return _record(played, Exchange(0, step.purpose, Channel.BROWSER, Request("GET", step.url), BEGAN))
        case Wait() | Show():
            return None
        case Draw():
            number = sum(isinstance(one, Draw) for one in played.steps)
            return Drawn(BEGAN, f"random-{number}")
        case _:
            assert left, f"no answer is left for {step}"
    given = left.pop(0)
    match step, given:
        case Send(), Response():
            return _record(played, Exchange(0, step.purpose, Channel.WIRE, step.request, BEGAN, 0.1, given))
        case Send(may_fail=True), str():
            return _record(played, Exchange(0, step.purpose, Channel.WIRE, step.request, BEGAN, 0.1, failure=given))
        case Listen(), Request():
            return _record(played, Exchange(0, "callback", Channel.CALLBACK, given, BEGAN))
        case AwaitPing(), Request():
            return _record(played, Exchange(0, "notification", Channel.CALLBACK, given, BEGAN, response=Response(204)))
        case AwaitPing(), None:
            return None
        case Ask(), str():
            return given
    raise AssertionError(f"{step} can't be answered with {given}")


def _record(played: Played[Any], exchange: Exchange) -> Exchange:
    number = played.recording.next_id
    numbered = Exchange(
        number,
        exchange.purpose,
        exchange.channel,
        exchange.request,
        BEGAN + timedelta(seconds=number),
        exchange.seconds,
        exchange.response,
        exchange.failure,
    )
    played.recording = played.recording.with_exchange(numbered)
    return numbered
