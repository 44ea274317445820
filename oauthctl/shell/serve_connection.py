"""The connection behind a request, as far as the application must know it.

Here: the client's certificate, ending a connection without an answer, how much of a head is read. Not here: TLS itself (`serve_tls`), what
is answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import MutableMapping
from functools import partial
from typing import Any, cast

from oauthctl.shell.serve_transport import GatheringTransport

CERTIFICATE = "oauthctl.certificate"
"""Where the scope of a request has the client's certificate. The scope is made of the connection alone: no header can get there."""
ABORT = "oauthctl.abort"
"""Where the scope has what resets the connection."""
MAX_HEAD = 64 * 1024


def protocol() -> type[asyncio.Protocol]:
    """uvicorn's protocol over llhttp, which lets the application see its connection.

    llhttp keeps whatever comes of a head, of a chunk's size or of trailers until it is whole; here that has an end.
    """
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class KnownConnection(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
            transport = GatheringTransport(transport, self.loop)
            super().connection_made(transport)
            secured = transport.get_extra_info("ssl_object")
            certificate = (secured.getpeercert(binary_form=True) if secured is not None else None) or b""
            self._known = {CERTIFICATE: certificate, ABORT: partial(_reset, transport)}
            self._unfinished = 0

        def data_received(self, data: bytes) -> None:
            self._unfinished += len(data)
            super().data_received(data)
            if self._unfinished > MAX_HEAD and not self.transport.is_closing():
                self.send_400_response("The head is too large.")

        def on_message_begin(self) -> None:
            super().on_message_begin()
            cast("MutableMapping[str, Any]", self.scope).update(self._known)

        def on_headers_complete(self) -> None:
            self._unfinished = 0
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._unfinished = 0
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._unfinished = 0
            super().on_message_complete()

    return KnownConnection


def _reset(transport: asyncio.Transport) -> None:
    """End the connection at once: the other side is told of a reset, not of an orderly end."""
    connection = transport.get_extra_info("socket")
    # Without linger the close sends RST; where the system doesn't have the option, an abrupt end has to do.
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
