"""Fetching what clients say of themselves, from wherever a stranger's `client_id` points.

Here: which addresses are asked, how long, how much. Not here: what the document must say (`provider.client_document`).
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from oauthctl.errors import OauthctlError
from oauthctl.http import Response, get_request, is_loopback_host

SECONDS = 3.0
BYTES = 64 * 1024


def fetch_document(url: str) -> Response | None:
    """The answer to one GET, redirects not followed; None when there is none, or when the address is not to be asked.

    A name has to lead to public addresses alone: else a page could make this machine look around in the network that it is in. This machine
    itself may be asked by its own name, as the page could do that without us.
    """
    from oauthctl.shell.transport import Transport

    if not _may_be_asked(url):
        return None
    transport = Transport(body_limit=BYTES)
    try:
        return transport.send(get_request(url), timeout_seconds=SECONDS)[0]
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
