"""`LoopbackServer`: reads bounded HTTP requests from loopback sockets and writes answers, all in one background thread.

Here: sockets, sizes, time. One request a connection, whatever the browser would like; a slow or rude one never holds up another. Not here:
which request is the right one (`callback`).
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

import h11

from oauthctl.http import Headers, Request, Response

HEADER_LIMIT = 32 * 1024
BODY_LIMIT = 64 * 1024
CONNECTION_LIMIT = 32
SLOW_SECONDS = 5.0
PREFETCH_HEADERS = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
"""Where a browser says that it only looks ahead."""
_LINGER_SECONDS = 1.0

Handler = Callable[[Request], Response | None]
ErrorPage = Callable[[int], Response]


class LoopbackServer:
    """Gives each complete request to `handler` in its own thread; a request that gets None is held until `reconsider` finds an answer."""

    def __init__(
        self, sockets: tuple[socket.socket, ...], handler: Handler, error_page: ErrorPage, *, slow_seconds: float = SLOW_SECONDS
    ) -> None:
        self._handler = handler
        self._error_page = error_page
        self._slow_seconds = slow_seconds
        self._sockets = sockets
        self._selector = selectors.DefaultSelector()
        self._connections: dict[socket.socket, _Connection] = {}
        self._errands: deque[Callable[[], None]] = deque()
        self._wake, self._woken = socket.socketpair()
        self._closing_at: float | None = None
        for one in (*sockets, self._woken):
            one.setblocking(False)
            self._selector.register(one, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="callback listener", daemon=True)

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def reconsider(self) -> None:
        """Give every held request to the handler again."""

        def again() -> None:
            for connection in tuple(self._connections.values()):
                if connection.is_held:
                    self._consider(connection)

        self._do(again)

    def close(self) -> None:
        """Accept no more, write out what is under way (1 s at most), close everything."""

        def leave() -> None:
            self._closing_at = time.monotonic() + _LINGER_SECONDS
            for one in self._sockets:
                self._selector.unregister(one)
                one.close()
            for connection in tuple(self._connections.values()):
                if not connection.outgoing and not connection.is_said:
                    self._drop(connection)

        self._do(leave)
        self._thread.join()

    def _do(self, errand: Callable[[], None]) -> None:
        self._errands.append(errand)
        with contextlib.suppress(OSError):  # the thread has ended
            self._wake.send(b"!")

    def _run(self) -> None:
        try:
            while self._closing_at is None or (self._connections and time.monotonic() < self._closing_at):
                for key, _ in self._selector.select(self._patience()):
                    self._serve(key)
                self._expire()
        finally:
            for one in (*self._connections, *self._sockets, self._wake, self._woken):
                one.close()
            self._selector.close()

    def _serve(self, key: selectors.SelectorKey) -> None:
        sock = key.fileobj
        if sock is self._woken:
            self._woken.recv(4096)
            while self._errands:
                self._errands.popleft()()
        elif sock in self._sockets:
            self._accept(sock)
        elif (connection := self._connections.get(sock)) is not None:  # type: ignore[call-overload]  # only sockets are registered
            self._continue(connection)

    def _patience(self) -> float | None:
        ends = [connection.ends_at for connection in self._connections.values() if connection.ends_at is not None]
        ends += [self._closing_at] if self._closing_at is not None else []
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _expire(self) -> None:
        now = time.monotonic()
        for connection in tuple(self._connections.values()):
            if connection.ends_at is None or connection.ends_at > now:
                continue
            if connection.outgoing or connection.is_said or not connection.has_begun:
                self._drop(connection)
            else:
                self._say(connection, self._error_page(408))

    def _accept(self, listening: socket.socket) -> None:
        try:
            sock, _ = listening.accept()
        except OSError:
            return  # it was gone before we came to it
        if len(self._connections) >= CONNECTION_LIMIT:
            # The oldest that has said nothing of use yields, so that idle connections never keep the right one out.
            waiting = [connection for connection in self._connections.values() if not connection.is_held]
            if not waiting:
                sock.close()
                return
            self._drop(waiting[0])
        sock.setblocking(False)
        self._connections[sock] = _Connection(sock, time.monotonic() + self._slow_seconds)
        self._selector.register(sock, selectors.EVENT_READ)

    def _continue(self, connection: _Connection) -> None:
        try:
            if connection.outgoing:
                self._write(connection)
                return
            data = connection.sock.recv(HEADER_LIMIT)
        except BlockingIOError:
            return
        except OSError:
            self._drop(connection)
            return
        if not data:
            self._drop(connection)
        elif not connection.is_said and not connection.is_held:
            self._read(connection, data)

    def _read(self, connection: _Connection, data: bytes) -> None:
        try:
            connection.receive(data)
        except h11.RemoteProtocolError as cause:
            self._say(connection, self._error_page(cause.error_status_hint))
            return
        except _TooLarge as cause:
            self._say(connection, self._error_page(cause.status))
            return
        if connection.outgoing:
            self._write(connection)
        if connection.request is not None:
            self._consider(connection)

    def _consider(self, connection: _Connection) -> None:
        if connection.request is None:
            return
        response = self._handler(connection.request)
        connection.is_held = response is None
        if response is not None:
            self._say(connection, response)
        else:
            connection.ends_at = None

    def _say(self, connection: _Connection, response: Response) -> None:
        connection.say(response)
        connection.ends_at = time.monotonic() + self._slow_seconds
        self._write(connection)

    def _write(self, connection: _Connection) -> None:
        try:
            while connection.outgoing:
                sent = connection.sock.send(connection.outgoing)
                del connection.outgoing[:sent]
        except BlockingIOError:
            self._selector.modify(connection.sock, selectors.EVENT_WRITE)
            return
        except OSError:
            self._drop(connection)
            return
        self._selector.modify(connection.sock, selectors.EVENT_READ)
        if connection.is_said:
            # The rest of what the other side sends is read away for a moment: closing over unread bytes would reset the connection, and
            # our answer could be lost with it.
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_WR)
            connection.ends_at = time.monotonic() + _LINGER_SECONDS

    def _drop(self, connection: _Connection) -> None:
        if self._connections.pop(connection.sock, None) is not None:
            self._selector.unregister(connection.sock)
            connection.sock.close()


class _TooLarge(Exception):
    """A part of the request is larger than we read; `status` says which."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Connection:
    """One browser connection and its one request."""

    def __init__(self, sock: socket.socket, ends_at: float) -> None:
        self.sock = sock
        self.ends_at: float | None = ends_at
        self.outgoing = bytearray()
        self.request: Request | None = None
        self.is_held = False
        self.is_said = False
        self.has_begun = False
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=HEADER_LIMIT)
        self._head: h11.Request | None = None
        self._body = bytearray()

    def receive(self, data: bytes) -> None:
        """Take bytes in; sets `request` when it is complete. Raises h11's errors and `_TooLarge`."""
        self.has_begun = True
        self._protocol.receive_data(data)
        while self.request is None:
            event = self._protocol.next_event()
            if isinstance(event, h11.Request):
                # h11 bounds what is incomplete; a head that came whole in one piece is measured here.
                if len(event.target) + sum(len(name) + len(value) + 4 for name, value in event.headers) > HEADER_LIMIT:
                    raise _TooLarge(431)
                self._head = event
                if self._protocol.they_are_waiting_for_100_continue:
                    self.outgoing += self._protocol.send(h11.InformationalResponse(status_code=100, headers=[])) or b""
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > BODY_LIMIT:
                    raise _TooLarge(413)
            elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                self.request = _request(self._head, bytes(self._body))
            else:
                return

    def say(self, response: Response) -> None:
        """Put the answer into `outgoing`; without its body to a HEAD."""
        self.is_said, self.is_held = True, False
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.headers]
        headers += [(b"Content-Length", str(len(response.body)).encode()), (b"Connection", b"close")]
        self.outgoing += self._protocol.send(h11.Response(status_code=response.status, headers=headers)) or b""
        if self._head is None or self._head.method != b"HEAD":
            self.outgoing += self._protocol.send(h11.Data(data=response.body)) or b""
        self._protocol.send(h11.EndOfMessage())


def _request(head: h11.Request, body: bytes) -> Request:
    headers = Headers(tuple((name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in head.headers.raw_items()))
    target = head.target.decode("utf-8", "replace")
    # RFC 9112 section 3.2.2: a server must accept the absolute form too.
    url = target if target.lower().startswith(("http://", "https://")) else f"http://{headers.get('host') or ''}{target}"
    return Request(head.method.decode("ascii", "replace"), url, headers, body)
