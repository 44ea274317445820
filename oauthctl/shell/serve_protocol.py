"""What a connection takes of a request, and how long it is waited for.

Here: uvicorn's protocol over llhttp, with bounds. Not here: when the time is over (`serve_deadlines`), TLS itself (`serve_tls`), what is
answered. Only what runs a server imports this: uvicorn takes its time to load.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from oauthctl.shell.serve_connection import ABORT, AUTHORITY, CERTIFICATE, MAX_HEAD, reset, split_target
from oauthctl.shell.serve_deadlines import BODY_SECONDS, HEAD_SECONDS, IDLE_SECONDS, NEVER, SENDING_SECONDS, Awaited, Deadlines
from oauthctl.shell.serve_refusals import NotTaken
from oauthctl.shell.serve_transport import GatheringTransport

_TLS_HANDSHAKE = b"\x16\x03"
"""How a TLS client begins. Source: RFC 8446 section 5.1."""
_MISREAD = "what came is no HTTP request, or one that could be read in two ways"


class KnownConnection(HttpToolsProtocol):
    """A connection that lets the application see it; `tell` gets what no application sees.

    llhttp keeps whatever comes of a head, of a chunk's size or of trailers until it is whole, and uvicorn waits for it for ever; here both
    have an end.
    """

    def __init__(self, *, tell: Callable[[NotTaken], None], deadlines: Deadlines, **given: Any) -> None:
        super().__init__(**given)
        self._tell = tell
        self._deadlines = deadlines

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        transport = GatheringTransport(transport, self.loop)
        super().connection_made(transport)
        secured = transport.get_extra_info("ssl_object")
        certificate = (secured.getpeercert(binary_form=True) if secured is not None else None) or b""
        self._known = {CERTIFICATE: certificate, ABORT: partial(reset, transport)}
        self._unfinished = 0
        self._is_begun = False
        self._before: RequestResponseCycle | None = None
        self._refusal: NotTaken | None = None
        self._latest = b""
        self._await(HEAD_SECONDS)
        self._deadlines.joined(self, cast("set[Awaited]", self.connections), self.loop)

    def _await(self, seconds: float) -> None:
        self.since, self.patience = self.loop.time(), seconds

    @property
    def is_idle(self) -> bool:
        return not self._is_begun

    @property
    def _is_headed(self) -> bool:
        """Whether the latest request has its head, and not yet all of its body."""
        return self._is_begun and self.cycle is not None and self.cycle.scope is self.scope

    @property
    def _is_owing(self) -> bool:
        """Whether an answer is still to come, or to end, that a request has a right to: it came whole, or its answer began before."""
        if self._is_headed and not self.cycle.response_started:
            return bool(self.pipeline)
        return self._is_answering

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        self._unfinished += len(data)
        self._latest = data
        super().data_received(data)
        if self._unfinished > MAX_HEAD and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head of the request is too large")

    def eof_received(self) -> bool:  # type: ignore[override]  # as asyncio declares it; uvicorn ends the connection with all that waits
        if self.scheme != "http" or not self._is_owing:
            return False
        if self._is_begun:
            self._refuse(HTTPStatus.BAD_REQUEST, "the request ended before it was whole")
        elif self._refusal is None:
            self.cycle.keep_alive = False
        return True

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
            self._tell(NotTaken(HTTPStatus.SERVICE_UNAVAILABLE, f"{self.limit_concurrency} requests are being answered already"))
        authority, self.url = split_target(self.url)
        cast("MutableMapping[str, Any]", self.scope)[AUTHORITY] = authority
        self._before = self.cycle
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
        if self._refusal is not None and not self._is_answering:
            self._end_with(self._refusal)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await(SENDING_SECONDS)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._is_answering:
            self.since = NEVER

    def overdue(self) -> None:
        if self.transport.is_closing() or self._refusal is not None or self.flow.write_paused:
            # Not even the rest of the answers is taken.
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
        """Answer without the application, which never gets the request whole, and end the connection.

        Whole requests that came before are answered first. Source: RFC 9112 section 9.3.2: in the order in which they came.
        """
        if self._refusal is not None or self.transport.is_closing():
            return
        refusal = NotTaken(status, reason)
        if not self._is_owing:
            self._end_with(refusal)
            return
        self._refusal = refusal
        if self._is_headed and self.pipeline:
            # Its turn would only come to wait for the rest of its body.
            self.pipeline.popleft()
            self.cycle = cast(RequestResponseCycle, self._before)
        self._is_begun = False

    def _end_with(self, refusal: NotTaken) -> None:
        self.transport.write(_on_the_wire(refusal))
        self.transport.close()
        self._tell(refusal)


def _on_the_wire(refusal: NotTaken) -> bytes:
    response = refusal.response
    head = (f"{name}: {value}\r\n" for name, value in (*response.headers, ("Content-Length", len(response.body))))
    return f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}\r\n{''.join(head)}\r\n".encode("ascii") + response.body
