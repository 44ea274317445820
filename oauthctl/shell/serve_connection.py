"""The connection behind a request, as far as the application must know it.

Here: the client's certificate, ending a connection without an answer, how much of a head is read. Not here: reading it (`serve_protocol`),
TLS itself (`serve_tls`).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct

CERTIFICATE = "oauthctl.certificate"
"""Where the scope of a request has the client's certificate. The scope is made of the connection alone: no header can get there."""
ABORT = "oauthctl.abort"
"""Where the scope has what resets the connection."""
AUTHORITY = "oauthctl.authority"
"""Where the scope has the host and port of a target that is a whole URL; None where the target is a path."""
MAX_HEAD = 64 * 1024
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://")


def split_target(target: bytes) -> tuple[str | None, bytes]:
    """The authority of a target in absolute form, None of one in another; and its path with the query.

    Source: RFC 9112 section 3.2.
    """
    scheme = _SCHEME.match(target)
    if scheme is None:
        return None, target
    rest = target[scheme.end() :]
    authority = re.split(rb"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    return authority.decode("latin-1"), path if path.startswith(b"/") else b"/" + path


def reset(transport: asyncio.Transport) -> None:
    """End the connection at once: the other side is told of a reset, not of an orderly end."""
    connection = transport.get_extra_info("socket")
    # Without linger the close sends RST; where the system doesn't have the option, an abrupt end has to do.
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
