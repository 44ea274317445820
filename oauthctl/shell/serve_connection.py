"""The connection behind a request, as far as the application must know it.

Here: the client's certificate, and ending a connection without an answer. Not here: TLS itself (`serve_tls`), what is answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

CERTIFICATE = "oauthctl.certificate"
"""Where the scope of a request has the client's certificate. The scope is made of the connection alone: no header can get there."""
ABORT = "oauthctl.abort"
"""Where the scope has what resets the connection."""


def protocol() -> type[asyncio.Protocol]:
    """uvicorn's protocol, which lets the application see its connection."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class KnownConnection(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
            super().connection_made(transport)
            secured = transport.get_extra_info("ssl_object")
            certificate = (secured.getpeercert(binary_form=True) if secured is not None else None) or b""
            whole = self.app

            async def app(
                scope: MutableMapping[str, Any],
                receive: Callable[[], Awaitable[Any]],
                emit: Callable[[Any], Awaitable[None]],
            ) -> None:
                await whole({**scope, CERTIFICATE: certificate, ABORT: lambda: _reset(transport)}, receive, emit)

            self.app = app

    return KnownConnection


def _reset(transport: asyncio.Transport) -> None:
    """End the connection at once: the other side is told of a reset, not of an orderly end."""
    connection = transport.get_extra_info("socket")
    # Without linger the close sends RST; where the system doesn't have the option, an abrupt end has to do.
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
