"""The sockets that the provider listens on.

Here: binding them, on any host that is asked for, and saying who is in the way. Not here: whether that host is a good idea (`serve`).
"""

from __future__ import annotations

import errno
import socket
import sys

from oauthctl.errors import ConfigError
from oauthctl.shell.ports import holder


def bind(host: str, port: int) -> list[socket.socket]:
    """Listening sockets; for `localhost` on both loopback addresses with one port, as far as the machine has them.

    Raises: ConfigError.
    """
    addresses = ("127.0.0.1", "::1") if host.lower() == "localhost" else (host,)
    # A port that is free on one address may be taken on the other; where any port will do, the next one is tried.
    for is_last in (False,) * (0 if port else 9) + (True,):
        bound: list[socket.socket] = []
        try:
            for address in addresses:
                bound += _listen_if_there(address, bound[0].getsockname()[1] if bound else port, is_needed=not bound)
        except OSError as error:
            for other in bound:
                other.close()
            if is_last or not _is_busy(error):
                raise _not_bound(error, host, port) from error
        else:
            return bound
    raise AssertionError("the last try returns or raises")


def _listen_if_there(address: str, port: int, *, is_needed: bool) -> list[socket.socket]:
    """A listening socket; none where the machine lacks the address and can do without."""
    try:
        return [_listen(address, port)]
    except OSError as error:
        if is_needed or _is_busy(error):
            raise
        return []


def _listen(address: str, port: int) -> socket.socket:
    family, _, _, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # asyncio sets TCP_NODELAY only where the protocol is spelled out; without it each answer on a kept connection takes 40 ms more.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # On Windows SO_REUSEADDR would let another program take the port from us; there the exclusive option is the one that is meant.
        option = getattr(socket, "SO_EXCLUSIVEADDRUSE", None) if sys.platform == "win32" else socket.SO_REUSEADDR
        if option is not None:
            listening.setsockopt(socket.SOL_SOCKET, option, 1)
        listening.bind(where)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def _is_busy(error: OSError) -> bool:
    # 10013 is what Windows says when another program has the port for itself alone.
    return error.errno in (errno.EADDRINUSE, 10048, 10013)


def _not_bound(error: OSError, host: str, port: int) -> ConfigError:
    if not _is_busy(error):
        return ConfigError(f"`{host}` port {port} can't be listened on: {error.strerror or error}", slug="not-bound")
    who = holder(host, port)
    return ConfigError(
        f"port {port} is busy: {who} listens on it" if who else f"port {port} is busy: another program listens on it",
        slug="port-busy",
        help="choose another with `--port`, or leave it out for a free one",
        data={"host": host, "port": port, "holder": who},
    )
