"""The connection behind a request, as far as the application must know it.

Here: the client's certificate, ending a connection without an answer, how much of a request is waited for, and how long. Not here: TLS
itself (`serve_tls`), when the time is over (`serve_deadlines`), what is answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, MutableMapping
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from oauthctl.shell.serve_deadlines import BODY_SECONDS, HEAD_SECONDS, IDLE_SECONDS, NEVER, SENDING_SECONDS, Awaited, Deadlines
from oauthctl.shell.serve_refusals import NotTaken
from oauthctl.shell.serve_transport import GatheringTransport

CERTIFICATE = "oauthctl.certificate"
"""Where the scope of a request has the client's certificate. The scope is made of the connection alone: no header can get there."""
ABORT = "oauthctl.abort"
"""Where the scope has what resets the connection."""
MAX_HEAD = 64 * 1024
_TLS_HANDSHAKE = b"\x16\x03"
"""How a TLS client begins. Source: RFC 8446 section 5.1."""
_MISREAD = "what came is no HTTP request, or one that could be read in two ways"


def protocol(tell: Callable[[NotTaken], None]) -> type[asyncio.Protocol]:
    """uvicorn's protocol over llhttp, which lets the application see its connection; `tell` gets what no application sees.

    llhttp keeps whatever comes of a head, of a chunk's size or of trailers until it is whole, and uvicorn waits for it for ever; here both
    have an end.
    """
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    deadlines = Deadlines()

    class KnownConnection(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
            transport = GatheringTransport(transport, self.loop)
            super().connection_made(transport)
            secured = transport.get_extra_info("ssl_object")
            certificate = (secured.getpeercert(binary_form=True) if secured is not None else None) or b""
            self._known = {CERTIFICATE: certificate, ABORT: partial(_reset, transport)}
            self._unfinished = 0
            self._is_begun = False
            self._latest = b""
            self._await(HEAD_SECONDS)
            deadlines.joined(self, cast("set[Awaited]", self.connections), self.loop)

        def _await(self, seconds: float) -> None:
            self.since, self.patience = self.loop.time(), seconds

        @property
        def _is_answering(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def data_received(self, data: bytes) -> None:
            self._unfinished += len(data)
            self._latest = data
            super().data_received(data)
            if self._unfinished > MAX_HEAD and not self.transport.is_closing():
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head of the request is too large")

        def eof_received(self) -> bool:  # type: ignore[override]  # as asyncio declares it; uvicorn ends the connection with all that waits
            is_owed = self._is_answering and not self._is_begun and self.scheme == "http"
            if is_owed:
                self.cycle.keep_alive = False
            return is_owed

        def on_message_begin(self) -> None:
            super().on_message_begin()
            cast("MutableMapping[str, Any]", self.scope).update(self._known)
            self._is_begun = True
            if not self._is_answering:
                self._await(HEAD_SECONDS)

        def on_headers_complete(self) -> None:
            self._unfinished = 0
            if not self._is_answering:
                self._await(BODY_SECONDS)
            if self.limit_concurrency and max(len(self.connections), len(self.tasks)) >= self.limit_concurrency:
                # uvicorn says no by itself, and says it to nobody but the client.
                tell(NotTaken(HTTPStatus.SERVICE_UNAVAILABLE, f"{self.limit_concurrency} requests are being answered already"))
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._unfinished = 0
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._unfinished = 0
            self._is_begun = False
            if not self.flow.write_paused:
                self.since = NEVER
            super().on_message_complete()

        def on_response_complete(self) -> None:
            if self._is_begun:
                self._await(BODY_SECONDS)
            elif not self._is_answering:
                # uvicorn ends idle connections itself, but not those on which empty lines trickle in.
                self._await(IDLE_SECONDS + HEAD_SECONDS)
            super().on_response_complete()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._await(SENDING_SECONDS)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._is_answering:
                self.since = NEVER

        def overdue(self) -> None:
            if self.transport.is_closing():
                # Not even the rest of the answer is taken.
                self.transport.abort()
            elif self._is_begun and not (self._is_answering and self.cycle.response_started):
                self._refuse(HTTPStatus.REQUEST_TIMEOUT, "the request did not come whole in time")
            else:
                self.transport.close()
            self._await(SENDING_SECONDS)

        def drop(self) -> None:
            self.connections.discard(self)
            self.transport.abort()

        def send_400_response(self, msg: str) -> None:
            is_tls = self._latest.startswith(_TLS_HANDSHAKE)
            self._refuse(HTTPStatus.BAD_REQUEST, "this port speaks plain http, and what came is TLS" if is_tls else _MISREAD)

        def _refuse(self, status: HTTPStatus, reason: str) -> None:
            """Answer without the application, which never gets the request whole, and end the connection."""
            refusal = NotTaken(status, reason)
            self.transport.write(_on_the_wire(refusal))
            self.transport.close()
            tell(refusal)

    return KnownConnection


def _on_the_wire(refusal: NotTaken) -> bytes:
    response = refusal.response
    head = (f"{name}: {value}\r\n" for name, value in (*response.headers, ("Content-Length", len(response.body))))
    return f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}\r\n{''.join(head)}\r\n".encode("ascii") + response.body


def _reset(transport: asyncio.Transport) -> None:
    """End the connection at once: the other side is told of a reset, not of an orderly end."""
    connection = transport.get_extra_info("socket")
    # Without linger the close sends RST; where the system doesn't have the option, an abrupt end has to do.
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
