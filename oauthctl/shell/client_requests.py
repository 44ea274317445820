"""What the provider asks clients and tells them, at addresses that a stranger may have named.

Here: which addresses are asked, how long, how much. Not here: which origins of this machine are asked
(`provider.local_clients`), what a client's document must say (`provider.client_document`), what clients are told (`provider.notification`).
"""

from __future__ import annotations

from collections.abc import Set
from urllib.parse import urlsplit

from oauthctl.errors import OauthctlError
from oauthctl.http import Request, Response, get_request, is_loopback_host, origin
from oauthctl.shell.public_addresses import is_public

SECONDS = 3.0
BYTES = 64 * 1024


def fetch_document(url: str, *, local: Set[str] = frozenset()) -> Response | None:
    """The answer to one GET; otherwise as `send_to_client`."""
    return send_to_client(get_request(url), local=local)


def send_to_client(request: Request, *, local: Set[str] = frozenset()) -> Response | None:
    """The answer to one request, redirects not followed; None when there is none, or when the address is not to be asked.

    A host has to lead to public addresses alone, over TLS: else a page could make this machine look around in the network that it is in.
    Of this machine itself the origins in `local` may be asked, and no others.
    """
    from oauthctl.shell.transport import Transport

    is_here = origin(request.url) in local
    if not is_here and urlsplit(request.url).scheme != "https":
        return None
    transport = Transport(body_limit=BYTES, may_connect=is_loopback_host if is_here else is_public)
    try:
        return transport.send(request, timeout_seconds=SECONDS)[0]
    except OauthctlError:
        return None
    finally:
        transport.close()
