"""What a fault does to an answer on its way, and what the end of the server does to it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from oauthctl.http import Request, Response
from oauthctl.provider.delivery import Delivery
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.state import ProviderState
from oauthctl.shell.serve import Server
from oauthctl.shell.serve_delivery import Silences, deliver
from tests.shell.test_serve import make_state

GRACEFUL_SECONDS = 1.0
WHOLE = b"POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"


def test_a_silence_that_is_cut_short_ends_the_connection_and_says_nothing() -> None:
    done: list[str] = []
    silences = Silences()

    async def emit(message: object) -> None:
        done.append(f"sent {message}")

    async def cut_short() -> None:
        answer = deliver(
            Response(200), emit, head=[], abort=lambda: done.append("ended"), silences=silences, delivery=Delivery(seconds=3600)
        )
        silence = asyncio.create_task(answer)
        await asyncio.sleep(0)
        silences.end()
        await silence

    asyncio.run(cut_short())
    assert done == ["ended"]


def test_who_waits_in_silence_is_let_go_at_once_when_the_server_ends() -> None:
    arrived = threading.Event()
    server = Server(lambda issuer: replace(make_state(issuer), faults=(read_fault("token-silent"),)), on_log=lambda _: arrived.set())
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), 5) as waiting:
        waiting.sendall(WHOLE)
        assert arrived.wait(5)
        begun = perf_counter()
        server.stop()
        assert perf_counter() - begun < GRACEFUL_SECONDS
        assert _read(waiting) == b""


def test_who_has_no_answer_yet_when_the_server_ends_gets_none() -> None:
    arrived, ended = threading.Event(), threading.Event()

    def slow(_state: ProviderState, _request: Request) -> Callable[[], None]:
        def work() -> None:
            arrived.set()
            ended.wait(5)

        return work

    server = Server(make_state, before=slow)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), 5) as waiting:
        waiting.sendall(WHOLE)
        assert arrived.wait(5)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert _read(waiting) == b""
        ended.set()
        stopping.join()


def test_a_silence_lasts_as_long_as_it_should_unless_it_is_ended() -> None:
    silences = Silences()
    assert asyncio.run(silences.last(0.001))
    other = threading.Timer(0.01, silences.end)
    other.start()
    assert not asyncio.run(silences.last(60))
    other.join()
    assert not asyncio.run(silences.last(60))


def _read(connection: socket.socket) -> bytes:
    """What comes until the end, however that comes."""
    try:
        return connection.recv(4096)
    except ConnectionResetError:
        return b""
