"""Connections to servers: bounded by one deadline, and opened ahead of time where a request is about to follow.

Here: the network backend that httpcore is given. Not here: HTTP (`transport`). Nothing in this file ever sends a byte of a request.
"""

from __future__ import annotations

import queue
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from oauthctl.http import is_loopback_host

RENEW_AFTER_SECONDS = 50.0
"""Servers drop a connection without a request after 60 s (nginx); some then answer 408 to whoever uses it."""
KEEP_SECONDS = 900.0
_CONNECT_SECONDS = 10.0
_LOOK_SECONDS = 0.25
PAUSE_SECONDS = 1.0
"""How soon a connection that the server closed at once is opened again; each time twice as late."""
_LONGEST_PAUSE_SECONDS = 15.0
_LONG_LIVED_SECONDS = 5.0

_Address = tuple[str, int]
_TlsContext = Callable[[], ssl.SSLContext]


class Deadline(threading.local):
    """The moment at which this thread's request must be over, whatever single reads are allowed."""

    at: float | None = None

    def left(self, timeout: float | None) -> float | None:
        """The seconds that one operation may take; `httpcore.ReadTimeout` when there are none."""
        if self.at is None:
            return timeout
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole request is over")
        return left if timeout is None else min(left, timeout)


class Stream(httpcore.NetworkStream):
    """A stream whose every operation ends at the deadline. `early` is the same connection with TLS on it already."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline, early: httpcore.NetworkStream | None = None) -> None:
        self._inner = inner
        self._deadline = deadline
        self._early = early

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        (self._early or self._inner).close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> Stream:
        """The stream with TLS on it: at once when that was done ahead of time."""
        if self._early is not None:
            return Stream(self._early, self._deadline)
        return Stream(self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Connections(httpcore.NetworkBackend):
    """Opens connections, and hands out those that `prepare` opened earlier.

    With `may_connect` none is opened to a host of which one address is not good: what is judged is what is connected to, so that a name
    can't lead to one address when it is looked at and to another when it is asked.
    """

    def __init__(
        self,
        *,
        renew_after_seconds: float = RENEW_AFTER_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
        may_connect: Callable[[str], bool] | None = None,
    ) -> None:
        self.deadline = Deadline()
        self._renew_after_seconds = renew_after_seconds
        self._pause_seconds = pause_seconds
        self._may_connect = may_connect
        self._network = httpcore.SyncBackend()
        self._prepared: dict[_Address, _Prepared] = {}
        self._lock = threading.Lock()

    def prepare(self, host: str, port: int, tls: _TlsContext | None) -> None:
        """Open a connection in the background and keep one open until it is taken, 15 minutes have passed, or `close`."""
        with self._lock:
            known = self._prepared.get((host, port))
            if known is not None and not known.ended:
                return
            self._prepared[host, port] = _Prepared(
                lambda: self._open(host, port, tls), renew_after_seconds=self._renew_after_seconds, pause_seconds=self._pause_seconds
            )

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Stream:
        """A prepared connection when there is a live one, else a new one."""
        with self._lock:
            prepared = self._prepared.pop((host, port), None)
        ready = prepared.take(self.deadline.left(timeout)) if prepared is not None else None
        if ready is not None:
            plain, early = ready
            return Stream(plain, self.deadline, early)
        return Stream(self._connect(host, port, self.deadline.left(timeout)), self.deadline)

    def close(self) -> None:
        """Close what was prepared and not taken."""
        with self._lock:
            waiting, self._prepared = self._prepared, {}
        for prepared in waiting.values():
            prepared.close()

    def _open(self, host: str, port: int, tls: _TlsContext | None) -> _Ready:
        plain = self._connect(host, port, _CONNECT_SECONDS)
        if tls is None:
            return plain, None
        return plain, plain.start_tls(tls(), server_hostname=host, timeout=_CONNECT_SECONDS)

    def _connect(self, host: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        """Try each address in turn; the time is for all of them together, so that a dead IPv6 route leaves some for IPv4."""
        ends = None if timeout is None else time.monotonic() + timeout
        addresses = _addresses(host, port, timeout)
        if self._may_connect is not None and not all(map(self._may_connect, addresses)):
            raise httpcore.ConnectError("the name leads to an address that is not asked")
        for index, address in enumerate(addresses):
            share = None if ends is None else max(0.001, (ends - time.monotonic()) / (len(addresses) - index))
            try:
                return self._network.connect_tcp(address, port, timeout=share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if index == len(addresses) - 1:
                    raise
        raise httpcore.ConnectError("the name has no address")


def _addresses(host: str, port: int, timeout: float | None) -> tuple[str, ...]:
    """The host's addresses, each once, in the resolver's order; the resolver has `timeout` seconds.

    Names and addresses of this machine are not asked for: RFC 6761 section 6.3 fixes where they lead, and secrets may go there over plain
    HTTP.
    """
    if is_loopback_host(host):
        return (host,) if host[0].isdigit() or ":" in host else ("127.0.0.1", "::1")
    answers: queue.SimpleQueue[tuple[str, ...] | Exception] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as cause:
            answers.put(cause)
        else:
            answers.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))

    # The resolver of the system takes no time limit. A daemon, since nothing can end a call that hangs.
    threading.Thread(target=resolve, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout("the name was not resolved in time") from None
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(answer) from answer
    return answer


_Ready = tuple[httpcore.NetworkStream, httpcore.NetworkStream | None]


class _Prepared:
    """One connection that is kept open by a thread of its own until somebody takes it."""

    def __init__(self, open_one: Callable[[], _Ready], *, renew_after_seconds: float, pause_seconds: float) -> None:
        self._open_one = open_one
        self._renew_after_seconds = renew_after_seconds
        self._pause_seconds = pause_seconds
        self._changed = threading.Condition()
        self._ready: _Ready | None = None
        self._tried = False
        self.ended = False
        threading.Thread(target=self._keep, name="prepared connection", daemon=True).start()

    def take(self, timeout: float | None) -> _Ready | None:
        """The connection when it is alive; waits for one that is just being opened. Ends the keeping."""
        with self._changed:
            self._changed.wait_for(lambda: self._tried or self.ended, timeout)
            ready, self._ready, self.ended = self._ready, None, True
            self._changed.notify_all()
        if ready is None or is_alive(ready):
            return ready
        _close(ready)
        return None

    def close(self) -> None:
        """Close the connection and end the keeping."""
        with self._changed:
            ready, self._ready, self.ended = self._ready, None, True
            self._changed.notify_all()
        if ready is not None:
            _close(ready)

    def _keep(self) -> None:
        ends = time.monotonic() + KEEP_SECONDS
        pause = self._pause_seconds
        while not self.ended and time.monotonic() < ends:
            began = time.monotonic()
            # When none comes about, whoever sends the request meets the same trouble and names it; trying on serves a server that starts.
            if self._renew():
                self._watch(began + self._renew_after_seconds)
            lived = time.monotonic() - began
            if lived >= min(self._renew_after_seconds, _LONG_LIVED_SECONDS):
                pause = self._pause_seconds
                continue
            with self._changed:
                self._changed.wait_for(lambda: self.ended, pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS) if lived < 2 * pause else self._pause_seconds
        self.close()

    def _renew(self) -> bool:
        """Put a new connection in the place of the old one; false when none came about."""
        try:
            fresh = self._open_one()
        except (httpcore.NetworkError, httpcore.TimeoutException, ssl.SSLError, OSError):
            fresh = None
        with self._changed:
            self._tried = True
            old, self._ready = self._ready, None if self.ended else fresh
            unwanted = fresh if self.ended else old
            self._changed.notify_all()
        if unwanted is not None:
            _close(unwanted)
        return fresh is not None

    def _watch(self, until: float) -> None:
        """Return when the connection is taken, closed by the server, or old."""
        while time.monotonic() < until:
            with self._changed:
                if self._ready is None:
                    return
                if not is_alive(self._ready):
                    dead, self._ready = self._ready, None
                    _close(dead)
                    return
                self._changed.wait_for(lambda: self.ended, min(_LOOK_SECONDS, self._renew_after_seconds))


def is_alive(ready: _Ready) -> bool:
    """Whether the server has neither closed the connection nor sent anything on it.

    Readable alone is no sign of death: TLS 1.3 servers send session tickets after the handshake, which this reads away.
    """
    sock: socket.socket = (ready[1] or ready[0]).get_extra_info("socket")
    try:
        if not isinstance(sock, ssl.SSLSocket) and not select.select([sock], [], [], 0)[0]:
            return True
        sock.setblocking(False)
        sock.recv(1)
    except (ssl.SSLWantReadError, BlockingIOError):
        return True
    except (OSError, ValueError):
        return False
    # Zero bytes are the end; any others belong to no request of ours (408 Request Timeout, a greeting).
    return False


def _close(ready: _Ready) -> None:
    for stream in ready:
        if stream is not None:
            stream.close()
