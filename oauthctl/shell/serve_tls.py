"""TLS in front of the provider, with client certificates.

Here: the handshake, and handing its certificate on. Not here: which client a certificate proves (`provider.client_certificate`).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from oauthctl.jose.client_certificate import ClientCertificate
from oauthctl.shell.client_certificate import load_into

CERTIFICATE = "oauthctl.certificate"
"""Where the scope of a request has the client's certificate. The scope is made of the connection alone: no header can get there."""


@dataclass(frozen=True, slots=True)
class MutualTls:
    """The server's own certificate with its key, the authorities (DER) whose certificates prove a client, and the port (0: a free one)."""

    certificate: ClientCertificate
    authorities: tuple[bytes, ...] = ()
    port: int = 0


def tls_options(mtls: MutualTls, registered: tuple[bytes, ...]) -> dict[str, Any]:
    """What uvicorn is to be told. `registered` are certificates of clients that no authority stands behind."""
    context = server_context(mtls, registered)
    return {"http": _protocol(), "ssl_context_factory": lambda _config, _default: context}


def server_context(mtls: MutualTls, registered: tuple[bytes, ...]) -> ssl.SSLContext:
    """A context that asks for a certificate and does without; one that nobody knows ends the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load_into(context, mtls.certificate)
    context.verify_mode = ssl.CERT_OPTIONAL
    for known in (*mtls.authorities, *registered):
        context.load_verify_locations(cadata=known)
    return context


def _protocol() -> type[asyncio.Protocol]:
    """uvicorn's protocol, which lets the application see the certificate of its connection."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class CertifiedProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
            super().connection_made(transport)
            connection = transport.get_extra_info("ssl_object")
            certificate = (connection.getpeercert(binary_form=True) if connection is not None else None) or b""
            whole = self.app

            async def app(
                scope: MutableMapping[str, Any],
                receive: Callable[[], Awaitable[Any]],
                emit: Callable[[Any], Awaitable[None]],
            ) -> None:
                await whole({**scope, CERTIFICATE: certificate}, receive, emit)

            self.app = app

    return CertifiedProtocol
