"""The connection behind a request, as far as the application must know it.

Here: the client's certificate, ending a connection without an answer, how much of a head is read. Not here: reading it (`serve_protocol`),
TLS itself (`serve_tls`).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

CERTIFICATE = "oauthctl.certificate"
"""Where the scope of a request has the client's certificate. The scope is made of the connection alone: no header can get there."""
ABORT = "oauthctl.abort"
"""Where the scope has what resets the connection."""
MAX_HEAD = 64 * 1024


def reset(transport: asyncio.Transport) -> None:
    """End the connection at once: the other side is told of a reset, not of an orderly end."""
    connection = transport.get_extra_info("socket")
    # Without linger the close sends RST; where the system doesn't have the option, an abrupt end has to do.
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
