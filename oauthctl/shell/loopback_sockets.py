"""Sockets that listen on this machine alone.

Here: binding them for a redirect URI, and saying who is in the way. Not here: what is read from them (`loopback_server`).
"""

from __future__ import annotations

import errno
import socket
import sys

from oauthctl.errors import ConfigError
from oauthctl.shell.redirect_uri import DEFAULT_REDIRECT_URI, REDIRECT_URI, RedirectUri


def bind(uri: RedirectUri) -> tuple[socket.socket, ...]:
    """Sockets on all addresses with one port. A name's second address may be missing on this machine, never be somebody else's."""
    tries = 1 if uri.port else 10
    for last in (False,) * (tries - 1) + (True,):
        bound: list[socket.socket] = []
        try:
            for address in uri.addresses:
                sock = _listening(address, bound[0].getsockname()[1] if bound else uri.port)
                if sock is not None:
                    bound.append(sock)
            if bound:
                return tuple(bound)
        except OSError as cause:
            for sock in bound:
                sock.close()
            if last:
                raise _port_error(uri, cause) from None
    raise ConfigError(f"this machine has no loopback address for `{uri.host}`", slug="redirect-uri-unusable")


def _listening(address: str, port: int) -> socket.socket | None:
    """A socket that listens there; None when this machine has no such address."""
    sock: socket.socket | None = None
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        # On Windows SO_REUSEADDR would let another program take the port from us; there the exclusive option is the one that is meant.
        option = getattr(socket, "SO_EXCLUSIVEADDRUSE", None) if sys.platform == "win32" else socket.SO_REUSEADDR
        if option is not None:
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
        sock.bind((address, port))
        sock.listen(64)
        return sock
    except OSError as cause:
        if sock is not None:
            sock.close()
        if cause.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            return None
        raise


def _port_error(uri: RedirectUri, cause: OSError) -> ConfigError:
    if cause.errno == errno.EACCES:
        return ConfigError(
            f"port {uri.port} may not be opened by this user",
            slug="port-forbidden",
            help=f"register a {uri.name} with a port above 1023, and give it with `{uri.option}`",
        )
    if cause.errno != errno.EADDRINUSE:
        return ConfigError(f"nobody can listen on port {uri.port}: {cause.strerror}", slug="port-unusable")
    from oauthctl.shell.ports import holder

    who = holder(uri.addresses[0], uri.port)
    return ConfigError(
        f"port {uri.port} of the {uri.name} is in use" + (f" by {who}" if who else ""),
        slug="port-busy",
        help=f"end that program, or register another {uri.name} and give it with `{uri.option}`"
        + (
            ""
            if uri.name != REDIRECT_URI
            else f"; `{DEFAULT_REDIRECT_URI}` takes any free port where the server allows it (RFC 8252 section 7.3)"
        ),
    )
