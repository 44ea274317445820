"""How long a connection is waited for, and which one goes where there are too many: without sockets, by a clock that the test holds."""

from __future__ import annotations

import asyncio
import heapq
import socket
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from oauthctl.jose.jwk import generate
from oauthctl.provider.state import new_state
from oauthctl.shell.serve import Server
from oauthctl.shell.serve_connection import MAX_HEAD
from oauthctl.shell.serve_deadlines import BODY_SECONDS, CONNECTIONS, HEAD_SECONDS, IDLE_SECONDS, SENDING_SECONDS, Deadlines
from oauthctl.shell.serve_delivery import Emit, Receive
from oauthctl.shell.serve_protocol import KnownConnection
from oauthctl.shell.serve_refusals import NotTaken

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"


class HeldLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.later: list[tuple[float, int, Callable[[], object]]] = []
        self.numbers = count()

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:
        handle = asyncio.TimerHandle(self.now + delay, callback, args, self)
        heapq.heappush(self.later, (self.now + delay, next(self.numbers), lambda: None if handle.cancelled() else callback(*args)))
        return handle

    def settle(self) -> None:
        """Let what is ready be done."""
        for _ in range(6):
            self.call_soon(self.stop)
            self.run_forever()

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.later and self.later[0][0] <= end:
            self.now, _, callback = heapq.heappop(self.later)
            callback()
            self.settle()
        self.now = end


class Wire(asyncio.Transport):
    """What goes out of a connection."""

    def __init__(self) -> None:
        super().__init__({})
        self.sent = b""
        self.end = ""

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.sent += bytes(data)

    def close(self) -> None:
        self.end = self.end or "closed"

    def abort(self) -> None:
        self.end = "aborted"

    def is_closing(self) -> bool:
        return bool(self.end)

    def pause_reading(self) -> None:
        """The test sends no more than it says."""

    def resume_reading(self) -> None:
        """The same."""


async def application(_scope: Any, receive: Receive, emit: Emit) -> None:
    while (message := await receive())["type"] == "http.request" and message["more_body"]:
        pass
    if message["type"] == "http.request":
        await emit({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await emit({"type": "http.response.body", "body": b"ok"})


class Port:
    """Connections to one server."""

    def __init__(self, loop: HeldLoop) -> None:
        self.loop = loop
        self.told: list[NotTaken] = []
        self.kind: Any = partial(KnownConnection, tell=self.told.append, deadlines=Deadlines())
        self.config = uvicorn.Config(application, http=self.kind, interface="asgi3", log_config=None, timeout_keep_alive=int(IDLE_SECONDS))
        self.server = ServerState()

    def connected(self) -> tuple[Any, Wire]:
        connection = self.kind(config=self.config, server_state=self.server, app_state={}, _loop=self.loop)
        wire = Wire()
        connection.connection_made(wire)
        return connection, wire


@pytest.fixture
def port() -> Iterator[Port]:
    loop = HeldLoop()
    yield Port(loop)
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.settle()
    loop.close()


@pytest.mark.parametrize(
    ("sent", "seconds", "status"),
    [
        pytest.param((), HEAD_SECONDS, b"", id="nothing"),
        pytest.param((b"POST / HT",), HEAD_SECONDS, b"408", id="half a head"),
        pytest.param((HEAD + b"123",), BODY_SECONDS, b"408", id="half a body"),
        pytest.param((HEAD + b"12345", b"POST / HT"), HEAD_SECONDS, b"408", id="half a head after a whole request"),
        pytest.param((HEAD + b"12345POST / HT",), HEAD_SECONDS, b"408", id="half a head beside a whole request"),
        pytest.param((HEAD + b"12345",), IDLE_SECONDS, b"200", id="no other request"),
        pytest.param((HEAD + b"12345", b"\r\n"), IDLE_SECONDS + HEAD_SECONDS, b"200", id="an empty line after a request"),
    ],
)
def test_what_does_not_come_is_not_waited_for(port: Port, sent: tuple[bytes, ...], seconds: float, status: bytes) -> None:
    connection, wire = port.connected()
    for part in sent:
        connection.data_received(part)
        port.loop.settle()
    port.loop.wait(seconds - 1)
    assert not wire.end
    port.loop.wait(3)
    assert wire.end
    assert wire.sent.rpartition(b"HTTP/1.1 ")[2][:3] == status
    assert [refusal.status for refusal in port.told] == ([HTTPStatus.REQUEST_TIMEOUT] if status == b"408" else [])


@pytest.mark.parametrize(
    ("behind", "is_ended", "last"),
    [
        pytest.param(b"POST / HT", True, b"400", id="half a head"),
        pytest.param(HEAD + b"12", True, b"400", id="half a body"),
        pytest.param(b"GARBAGE\r\n\r\n", False, b"400", id="garbage"),
        pytest.param(HEAD[:-2] + b"X: " + b"x" * MAX_HEAD, False, b"431", id="a large head"),
    ],
)
def test_what_never_gets_whole_is_refused_behind_the_answers_to_what_is(port: Port, behind: bytes, is_ended: bool, last: bytes) -> None:
    connection, wire = port.connected()
    connection.data_received((HEAD + b"12345") * 2)
    connection.data_received(behind)
    assert not is_ended or connection.eof_received()
    port.loop.settle()
    assert [part[:3] for part in wire.sent.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", last]
    assert wire.end == "closed"
    assert len(port.told) == 1


def test_a_refusal_does_not_wait_for_ever_for_the_answers_before_it(port: Port) -> None:
    connection, wire = port.connected()
    connection.pause_writing()
    connection.data_received(HEAD + b"12345GARBAGE\r\n\r\n")
    port.loop.settle()
    port.loop.wait(SENDING_SECONDS + 3)
    assert wire.end == "aborted"
    connection.connection_lost(None)
    port.loop.settle()


def test_each_byte_in_time_is_not_a_request_in_time(port: Port) -> None:
    connection, wire = port.connected()
    for byte in HEAD[: int(HEAD_SECONDS) + 1]:
        connection.data_received(bytes([byte]))
        port.loop.wait(1)
    assert wire.sent.startswith(b"HTTP/1.1 408 ")


def test_what_takes_no_answer_is_cut_off(port: Port) -> None:
    connection, wire = port.connected()
    connection.pause_writing()
    connection.data_received(HEAD + b"12345")
    port.loop.settle()
    port.loop.wait(SENDING_SECONDS + 3)
    assert wire.end == "aborted"
    connection.connection_lost(None)
    port.loop.settle()


def test_who_is_waited_for_the_longest_makes_room(port: Port) -> None:
    wires = []
    for number in range(CONNECTIONS + 2):
        connection, wire = port.connected()
        connection.data_received(HEAD + b"12345" if number == 0 else HEAD[:9])
        port.loop.wait(0.001)
        wires.append(wire)
    assert [number for number, wire in enumerate(wires) if wire.end] == [1, 2]


def test_idle_connections_make_room_before_a_request_that_comes_slowly(port: Port) -> None:
    wires = []
    for number in range(CONNECTIONS + 3):
        connection, wire = port.connected()
        connection.data_received({0: HEAD + b"12", 1: HEAD[:9]}.get(number, b""))
        port.loop.wait(0.001)
        wires.append(wire)
    assert [number for number, wire in enumerate(wires) if wire.end] == [2, 3, 4]


def test_who_takes_no_answer_makes_room_before_a_request_that_comes_slowly(port: Port) -> None:
    wires = []
    for number in range(CONNECTIONS + 1):
        connection, wire = port.connected()
        connection.data_received(HEAD + b"12345" if number == 7 else HEAD[:9])
        if number == 7:
            port.loop.settle()
            connection.pause_writing()
        port.loop.wait(0.001)
        wires.append(wire)
    assert [number for number, wire in enumerate(wires) if wire.end] == [7]


def test_nobody_makes_room_who_is_being_answered(port: Port) -> None:
    wires = []
    for _ in range(CONNECTIONS + 1):
        connection, wire = port.connected()
        connection.data_received(HEAD + b"12345")
        wires.append(wire)
    assert not [wire for wire in wires if wire.end]
    port.loop.settle()


def test_an_overload_is_told(port: Port) -> None:
    port.config.limit_concurrency = 1
    connection, wire = port.connected()
    connection.data_received(HEAD + b"12345")
    port.loop.settle()
    assert wire.sent.startswith(b"HTTP/1.1 503 ")
    assert [refusal.status for refusal in port.told] == [HTTPStatus.SERVICE_UNAVAILABLE]


def test_half_heads_keep_nobody_else_out() -> None:
    with Server(lambda issuer: new_state(issuer, keys=(generate("ES256"),))) as server:
        slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(CONNECTIONS + 50)]
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as good:
            good.sendall(b"GET /jwks HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert good.recv(100).startswith(b"HTTP/1.1 200 ")
        for connection in slow:
            connection.close()
