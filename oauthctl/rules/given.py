"""What is known beyond the recording: from the client, its log, or the provider's console.

Here: reading the members that a person may give. Not here: files and flags (`cli.diagnose`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TEXT, TEXTS, NUMBER, FLAG, OBJECT, LIST = "a text", "a list of texts", "a number", "true or false", "an object", "a list"
KNOWN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("access_token", "app_type", "client_id", "client_secret", "client_type", "expected_nonce", "issuer"), (TEXT,)),
    **dict.fromkeys(("listener", "local_error", "presented_cert_sha256_b64url", "resource", "server_url"), (TEXT,)),
    "token_endpoint_auth_method": (TEXT,),
    **dict.fromkeys(("algorithms", "allowed_scopes", "audience", "grant_types", "post_logout_redirect_uris"), (TEXTS, TEXT)),
    **dict.fromkeys(("registered_post_logout_redirect_uris", "registered_redirect_uris", "required_claims"), (TEXTS, TEXT)),
    **dict.fromkeys(("client_secret_expires_at", "clock_tolerance", "newer_authorizations_same_user_and_app"), (NUMBER,)),
    **dict.fromkeys(("refresh_token_expires_at", "refresh_token_expires_in"), (NUMBER,)),
    "refresh_token_issued_at": (NUMBER, TEXT),
    "jwks_cached_at": (TEXT,),
    **dict.fromkeys(("dev_mode", "public_client"), (FLAG,)),
    **dict.fromkeys(("app_seen_headers", "jwks", "jwks_cached"), (OBJECT,)),
    "store_events": (LIST,),
}
"""The members that rules look at by their names, and of which type each may be; others are compared with what tokens hold."""


def is_a(kind: str, value: object) -> bool:
    """Whether a value is of one of the types that `KNOWN` names."""
    match kind:
        case "a text":
            return isinstance(value, str)
        case "a list of texts":
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        case "a number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "true or false":
            return isinstance(value, bool)
        case "an object":
            return isinstance(value, dict)
        case _:
            return isinstance(value, list)


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
