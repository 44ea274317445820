from __future__ import annotations

import socket
import threading
import time
from typing import Any

import httpcore
import pytest

from oauthctl.shell.connections import Connections
from tests.shell.servers import serving


@pytest.fixture
def connections():
    made = Connections(renew_after_seconds=60, pause_seconds=0.01)
    yield made
    made.close()


def stay(sock: socket.socket) -> None:
    """Say nothing until the other side goes."""
    sock.recv(1)


def test_a_connection_that_the_server_closes_is_opened_anew(connections):
    closed: list[int] = []

    def talk(sock):
        if len(closed) < 2:
            closed.append(1)
            return
        stay(sock)

    with serving(talk) as server:
        connections.prepare("127.0.0.1", server.port, None)
        for _ in range(3):
            assert server.accepted.acquire(timeout=5)
        stream = connections.connect_tcp("127.0.0.1", server.port, timeout=5)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", server.port)
        stream.close()


def test_a_connection_is_renewed_before_the_server_tires_of_it():
    connections = Connections(renew_after_seconds=0.03, pause_seconds=0.01)
    with serving(stay) as server:
        connections.prepare("127.0.0.1", server.port, None)
        for _ in range(3):
            assert server.accepted.acquire(timeout=5)
        connections.close()


def test_a_prepared_connection_is_handed_out_once(connections):
    with serving(stay) as server:
        connections.prepare("127.0.0.1", server.port, None)
        assert server.accepted.acquire(timeout=5)
        first = connections.connect_tcp("127.0.0.1", server.port, timeout=5)
        assert not server.accepted.acquire(timeout=0.02)
        second = connections.connect_tcp("127.0.0.1", server.port, timeout=5)
        assert server.accepted.acquire(timeout=5)
        first.close()
        second.close()


def test_preparing_twice_opens_one(connections):
    with serving(stay) as server:
        connections.prepare("127.0.0.1", server.port, None)
        connections.prepare("127.0.0.1", server.port, None)
        assert server.accepted.acquire(timeout=5)
        assert not server.accepted.acquire(timeout=0.02)


def test_closing_closes_what_was_not_taken(connections):
    gone: list[bytes] = []
    with serving(lambda sock: gone.append(sock.recv(1))) as server:
        connections.prepare("127.0.0.1", server.port, None)
        assert server.accepted.acquire(timeout=5)
        connections.close()
    assert gone == [b""]


@pytest.mark.parametrize("name", ["localhost", "op.localhost", "LOCALHOST."])
def test_names_of_this_machine_lead_here_whatever_the_resolver_says(connections, name):
    with serving(stay) as server:
        stream = connections.connect_tcp(name, server.port, timeout=5)
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
        stream.close()


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch):
    """The system's resolver, slow: it notes which names it is asked for, and answers when the test is over. Addresses it knows at once."""
    asked: list[str] = []
    over = threading.Event()
    resolve = socket.getaddrinfo

    def slow(host: str, *rest: Any, **more: Any) -> list[Any]:
        if host in ("127.0.0.1", "::1"):
            return resolve(host, *rest, **more)
        asked.append(host)
        over.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    yield asked
    over.set()


def test_the_time_for_a_request_counts_for_the_resolver_too(connections, resolver):
    began = time.monotonic()
    with pytest.raises(httpcore.ConnectTimeout):
        connections.connect_tcp("op.invalid", 443, timeout=0.05)
    assert time.monotonic() - began < 2
    assert resolver == ["op.invalid"]


@pytest.mark.parametrize("name", ["localhost", "op.localhost", "localhost."])
def test_the_resolver_is_not_asked_for_names_of_this_machine(connections, resolver, name):
    with pytest.raises(httpcore.ConnectError):
        connections.connect_tcp(name, 9, timeout=5)
    assert resolver == []


def test_a_name_is_tried_at_its_second_address_too(connections):
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        stream = connections.connect_tcp("localhost", server.getsockname()[1], timeout=5)
        assert stream.get_extra_info("server_addr")[0] == "::1"
        stream.close()


def test_a_deadline_that_is_over_ends_every_operation(connections):
    with serving(stay) as server:
        stream = connections.connect_tcp("127.0.0.1", server.port, timeout=5)
        connections.deadline.at = time.monotonic() - 1
        for operation in (lambda: stream.read(1), lambda: stream.write(b"x"), lambda: connections.connect_tcp("127.0.0.1", server.port)):
            with pytest.raises(httpcore.ReadTimeout):
                operation()
        stream.close()


def test_what_is_judged_is_what_is_connected_to() -> None:
    """A name is looked up once: its addresses are shown to whoever judges, and are those that are tried."""
    judged: list[str] = []
    connections = Connections(may_connect=lambda address: bool(judged.append(address)))
    with pytest.raises(httpcore.ConnectError, match="not asked"):
        connections.connect_tcp("localhost", 9, timeout=1)
    assert judged == ["127.0.0.1"]
