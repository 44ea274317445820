"""What `serve` is asked for, once options and file are one.

Here: the values. Not here: the options (`serve`), the file (`serve_file`), what is made of it (`provider_making`, `serving`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauthctl.http import is_loopback, is_loopback_host

if TYPE_CHECKING:
    from oauthctl.cli.serve_tables import Tables


@dataclass(frozen=True, slots=True)
class WantedProvider:
    """One issuer. The fields have the names of the options' parameters; `issuer` is a URL, a path on the server, or empty."""

    issuer: str
    token_seconds: float
    refresh_grace: float
    key_seconds: float
    legacy: bool
    experimental: bool
    opaque_tokens: bool
    fault: tuple[str, ...]
    trust: tuple[str, ...]
    trust_attester: tuple[str, ...]
    local_client: tuple[str, ...]
    persona: str
    state: str
    tables: Tables


@dataclass(frozen=True, slots=True)
class Wanted:
    """The server, with one issuer or several."""

    providers: tuple[WantedProvider, ...]
    host: str
    port: int
    json: bool
    tls: str
    mtls: str
    scenario: str
    junit: str
    scenario_seconds: float

    @property
    def public_issuers(self) -> tuple[str, ...]:
        """The issuers that are reached from elsewhere whatever is listened on: a proxy stands before them, and so before all the others."""
        urls = (provider.issuer for provider in self.providers if provider.issuer and not provider.issuer.startswith("/"))
        return tuple(url for url in urls if not is_loopback(url))

    @property
    def is_for_this_machine(self) -> bool:
        """Whether nobody else reaches the server."""
        return is_loopback_host(self.host) and not self.public_issuers
