"""TLS in front of the provider, with client certificates or without.

Here: the handshake. Not here: which client a certificate proves (`provider.client_certificate`).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any

from oauthctl.jose.client_certificate import ClientCertificate
from oauthctl.shell.client_certificate import load_into


@dataclass(frozen=True, slots=True)
class MutualTls:
    """The server's own certificate with its key, the authorities (DER) whose certificates prove a client, and the port (0: a free one)."""

    certificate: ClientCertificate
    authorities: tuple[bytes, ...] = ()
    port: int = 0


def tls_options(context: ssl.SSLContext) -> dict[str, Any]:
    """What uvicorn is to be told."""
    return {"ssl_context_factory": lambda _config, _default: context}


def https_context(certificate: ClientCertificate) -> ssl.SSLContext:
    """A context that shows this certificate and asks for none, so that no browser asks its person for one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load_into(context, certificate)
    return context


def server_context(mtls: MutualTls, registered: tuple[bytes, ...]) -> ssl.SSLContext:
    """A context that asks for a certificate and does without; one that nobody knows ends the handshake.

    `registered` are certificates of clients that no authority stands behind.
    """
    context = https_context(mtls.certificate)
    context.verify_mode = ssl.CERT_OPTIONAL
    for known in (*mtls.authorities, *registered):
        context.load_verify_locations(cadata=known)
    return context
