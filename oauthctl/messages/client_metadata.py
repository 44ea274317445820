"""What a client says of itself when it registers.

Here: making the members of RFC 7591 section 2 of a few wishes. Not here: the messages around them (`registration`), sending them
(`flows.registration`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

LOOPBACK = "http://127.0.0.1/callback"
"""Source: RFC 8252 section 7.3: whoever registers it may come back at any port."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a client wants to be; an empty value wants nothing. `document` are members as they are to be sent."""

    client_name: str = ""
    redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    auth_method: str = ""
    application_type: str = ""
    keys: tuple[Jwk, ...] = ()
    document: Mapping[str, Any] | None = None


def said(wishes: Wishes) -> dict[str, Any]:
    """The members that the wishes say, and no others: for an update, in which the rest stays as it is."""
    grants = list(wishes.grant_types)
    members: dict[str, Any] = {
        "client_name": wishes.client_name or None,
        "redirect_uris": list(wishes.redirect_uris) or None,
        "grant_types": grants or None,
        "response_types": (["code"] if "authorization_code" in grants else []) if grants else None,
        "scope": " ".join(dict.fromkeys(wishes.scope)) or None,
        "token_endpoint_auth_method": wishes.auth_method or None,
        "application_type": wishes.application_type or None,
        "jwks": {"keys": [key.public().as_dict() for key in wishes.keys]} if wishes.keys else None,
    }
    return {**(wishes.document or {}), **{name: value for name, value in members.items() if value is not None}}


def whole(wishes: Wishes, *, auth_method: str) -> dict[str, Any]:
    """The members for a new client: a native one that signs people in, so far as the wishes say nothing else.

    `auth_method` is how it proves itself where they don't say. Source: RFC 7591 section 2; RFC 8252 section 8.4 for `application_type`.
    """
    members = said(wishes)
    usual: dict[str, Any] = {
        "client_name": "oauthctl",
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": auth_method,
    }
    grants = members.get("grant_types", usual["grant_types"])
    if isinstance(grants, list) and "authorization_code" in grants:
        redirects = members.get("redirect_uris") or [LOOPBACK]
        is_native = isinstance(redirects, list) and all(_is_native(uri) for uri in redirects)
        usual |= {"redirect_uris": redirects, "response_types": ["code"], "application_type": "native" if is_native else "web"}
    return {**usual, **members}


def _is_native(uri: object) -> bool:
    """Whether a redirect URI is one of an app's own: on this machine, or of a scheme of its own."""
    text = str(uri)
    return not text.startswith("https://") and (not text.startswith("http://") or "://127.0.0.1" in text or "://[::1]" in text)
