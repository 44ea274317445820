"""A load generator that costs the server's machine as little as possible: kept connections, blocking sockets, no parsing beyond lengths.

Here: conversations over raw sockets, many at a time, and what they cost the server. Not here: what is said (`conversations`), to whom
(`servers`).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeAlias

_LENGTH = b"content-length:"


@dataclass(slots=True)
class Answer:
    """One response: status, head with all its lines, body."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """The first value of a header field, given in lower case; empty without one."""
        return next(self.headers(name), b"")

    def headers(self, name: bytes) -> Iterator[bytes]:
        """All values of a header field."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name:
                yield value.strip()


Conversation: TypeAlias = Generator[bytes, Answer, None]
"""Yields whole requests, gets the answers; it raises when one is not as it should be."""


class Connection:
    """A kept connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, request: bytes) -> None:
        self._socket.sendall(request)

    def receive(self) -> Answer:
        """The next answer; its length has to be said in its head, as all servers here do.

        Raises: ConnectionError when the server ends before the answer does.
        """
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end]
        status = int(head[9:12])
        at = head.lower().find(_LENGTH)
        if at < 0 and status != 204:
            raise ValueError(f"an answer without a length: {head!r}")
        length = int(head[at + len(_LENGTH) :].partition(b"\r\n")[0]) if at >= 0 else 0
        whole = end + 4 + length
        while len(data) < whole:
            data += self._more()
        self._rest = data[whole:]
        return Answer(status, head, data[end + 4 : whole])

    def _more(self) -> bytes:
        got = self._socket.recv(65536)
        if not got:
            raise ConnectionError("the server ended the connection")
        return got


def converse(port: int, make: Callable[[], Conversation], *, count: int, connections: int = 8) -> float:
    """Have `count` conversations, as many at a time as there are connections, so that the server always has work; wall seconds."""
    began = time.perf_counter()
    with ExitStack() as stack:
        lines = [stack.enter_context(Connection(port)) for _ in range(min(connections, count))]
        running = [_begun(line, make()) for line in lines]
        left = count - len(lines)
        while running:
            going_on = []
            for line, conversation in running:
                try:
                    line.send(conversation.send(line.receive()))
                except StopIteration:
                    if not left:
                        continue
                    left -= 1
                    going_on.append(_begun(line, make()))
                else:
                    going_on.append((line, conversation))
            running = going_on
    return time.perf_counter() - began


def _begun(line: Connection, conversation: Conversation) -> tuple[Connection, Conversation]:
    line.send(next(conversation))
    return line, conversation
