"""`Asking`: a token request whose client is known.

Here: the value that every grant gets. Not here: reading the request (`token`), the grants (`grant_*`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.http import Params
from oauthctl.provider.client import Client


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a token is bound to: `jkt`, the thumbprint of a DPoP key, or `x5t#S256`, the hash of a certificate.

    Source: RFC 9449 section 6.1; RFC 8705 section 3.1.
    """

    method: str
    value: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, what for, and the key or certificate that the request proved to hold."""

    client: Client
    form: Params
    confirmation: Confirmation | None = None
