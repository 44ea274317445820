"""What is known beyond the recording: from the client, its log, or the provider's console.

Here: reading the members that a person may give. Not here: files and flags (`cli.diagnose`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KNOWN = (
    "access_token", "algorithms", "allowed_scopes", "app_seen_headers", "app_type", "audience", "client_id", "client_secret",
    "client_secret_expires_at", "client_type", "clock_tolerance", "dev_mode", "expected_nonce", "grant_types", "issuer", "jwks",
    "jwks_cached", "jwks_cached_at", "listener", "local_error", "newer_authorizations_same_user_and_app", "post_logout_redirect_uris",
    "presented_cert_sha256_b64url", "public_client", "refresh_token_expires_at", "refresh_token_expires_in", "refresh_token_issued_at",
    "registered_post_logout_redirect_uris", "registered_redirect_uris", "required_claims", "resource", "server_url", "store_events",
    "token_endpoint_auth_method",
)  # fmt: skip
"""The members that rules look at by their names; others are compared with what tokens hold."""


@dataclass(frozen=True, slots=True)
class Given:
    """A JSON object of facts, its members read leniently: a member of the wrong type is as good as missing."""

    members: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __contains__(self, name: object) -> bool:
        return name in self.members

    def text(self, name: str) -> str:
        """A string; empty when it is missing."""
        value = self.members.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, or a lone string as a list of one."""
        value = self.members.get(name)
        if isinstance(value, str):
            return (value,)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()

    def number(self, name: str) -> float | None:
        """A number; None when it is missing."""
        value = self.members.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and -1e15 < value < 1e15 else None

    def flag(self, name: str) -> bool | None:
        """A boolean; None when it is missing."""
        value = self.members.get(name)
        return value if isinstance(value, bool) else None

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An object; empty when it is missing."""
        value = self.members.get(name)
        return value if isinstance(value, dict) else {}

    def items(self, name: str) -> tuple[Any, ...]:
        """A list of anything; empty when it is missing."""
        value = self.members.get(name)
        return tuple(value) if isinstance(value, list | tuple) else ()

    @property
    def issuer(self) -> str:
        """The issuer that the client expects."""
        return self.text("issuer")

    @property
    def audiences(self) -> tuple[str, ...]:
        """The audiences that the token's recipient goes by."""
        return self.texts("audience")

    @property
    def client_id(self) -> str:
        """The client's identifier."""
        return self.text("client_id")

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that the token's recipient accepts."""
        return self.texts("algorithms")

    @property
    def registered_redirect_uris(self) -> tuple[str, ...]:
        """The redirect URIs that the provider's console lists."""
        return self.texts("registered_redirect_uris")

    @property
    def local_error(self) -> str:
        """What the client or a server printed."""
        return self.text("local_error")
