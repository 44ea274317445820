"""A certificate with its key into a TLS context.

Here: the way by which the private key gets there. Not here: reading a person's files (`jose.client_certificate`).
"""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from pathlib import Path

from oauthctl.errors import ConfigError
from oauthctl.jose.client_certificate import ClientCertificate


def load_into(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    """Let the context present the certificate in handshakes.

    OpenSSL takes both from a file alone: it is private, gone when this returns, and the key in it is encrypted with a passphrase that only
    this call knows. Raises `ConfigError` for a certificate that OpenSSL does not take.
    """
    passphrase = secrets.token_urlsafe(32)
    number, name = tempfile.mkstemp(prefix="oauthctl-", suffix=".pem")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(certificate.sealed(passphrase.encode()))
        context.load_cert_chain(name, password=passphrase)
    except ssl.SSLError as error:
        raise ConfigError(
            f"the client certificate can't be used for TLS: {(error.reason or 'OpenSSL refuses it').lower().replace('_', ' ')}",
            slug="certificate-unusable",
            help="make one with an RSA key of 2048 bits or more, or an EC key, signed with SHA-256",
        ) from None
    finally:
        Path(name).unlink(missing_ok=True)
