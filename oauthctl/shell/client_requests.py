"""What the provider asks clients and tells them, at addresses that a stranger may have named.

Here: which addresses are asked, how long, how much. Not here: what a client's document must say (`provider.client_document`), what
clients are told (`provider.notification`).
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from oauthctl.errors import OauthctlError
from oauthctl.http import Request, Response, get_request, is_loopback_host

SECONDS = 3.0
BYTES = 64 * 1024


def fetch_document(url: str) -> Response | None:
    """The answer to one GET; otherwise as `send_to_client`."""
    return send_to_client(get_request(url))


def send_to_client(request: Request) -> Response | None:
    """The answer to one request, redirects not followed; None when there is none, or when the address is not to be asked.

    A name has to lead to public addresses alone: else a page could make this machine look around in the network that it is in. This machine
    itself may be asked by its own name, as the page could do that without us.
    """
    from oauthctl.shell.transport import Transport

    if not _may_be_asked(request.url):
        return None
    transport = Transport(body_limit=BYTES)
    try:
        return transport.send(request, timeout_seconds=SECONDS)[0]
    except OauthctlError:
        return None
    finally:
        transport.close()


def _may_be_asked(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback_host(host):
        return True
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return False
    return parts.scheme == "https" and all(ipaddress.ip_address(str(one[4][0]).partition("%")[0]).is_global for one in found)
