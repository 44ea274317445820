"""How a client says and proves who it is in one request.

Here: reading it off. Not here: whether that is right (`client_auth`, `client_assertion`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_attestation import ATTESTATION_HEADER, METHOD
from oauthctl.messages.param import Message
from oauthctl.messages.registration import RegistrationRequest, RegistrationResponse
from oauthctl.rules.hosts import host_of
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen


@dataclass(frozen=True, slots=True)
class Proof:
    """`methods` are named as in registrations, `none` for an identifier alone; empty when the client said nothing of itself."""

    client_id: str
    id_place: str
    methods: tuple[str, ...]
    basic: dict[str, Any]

    @property
    def has_secret(self) -> bool:
        """Whether a secret was sent."""
        return bool({"client_secret_basic", "client_secret_post"} & set(self.methods))


def proof_of(seen: Seen[Message]) -> Proof:
    """What the request says of its client. Source: RFC 6749 section 2.3, RFC 7521 section 4.2."""
    found = seen.facts.get("basic")
    basic = found if isinstance(found, dict) else {}
    methods = ["client_secret_basic"] if basic.get("has_secret") else []
    if seen.sent.raw("client_secret"):
        methods.append("client_secret_post")
    if assertion := seen.sent.raw("client_assertion"):
        header = take_apart(assertion).header if isinstance(assertion, str) else None
        methods.append("client_secret_jwt" if is_by_secret(header or {}) else "private_key_jwt")
    if seen.request_header(ATTESTATION_HEADER):
        methods.append(METHOD)
    said = seen.sent.raw("client_id")
    in_header = basic.get("client_id") or ""
    client_id, place = (said, ".client_id") if isinstance(said, str) and said else (in_header, "request.headers.Authorization")
    return Proof(client_id, place, tuple(methods) or (("none",) if client_id else ()), basic)


def is_by_secret(header: Mapping[str, Any]) -> bool:
    """Whether an assertion with this header is signed by a secret. Source: RFC 7518 section 3.1: HS256 and its kin are HMACs."""
    return str(header.get("alg")).startswith("HS")


def registration_of(client_id: str, scene: Scene) -> tuple[Seen[RegistrationRequest], RegistrationResponse] | None:
    """The registration that gave the client this identifier."""
    for seen in reversed(scene.each(RegistrationRequest)):
        if isinstance(seen.back, RegistrationResponse) and client_id and seen.back.client_id == client_id:
            return seen, seen.back
    return None


# Token endpoints that document HTTP Basic as the way, or the one way, of a client that has a secret.
_BASIC_HOSTS = (
    "api.notion.com",
    "api.x.com",
    "api.twitter.com",
    "www.reddit.com",
    "api.fitbit.com",
    "api.ebay.com",
    "api-m.paypal.com",
    "oauth.platform.intuit.com",
    "account.docusign.com",
    "airtable.com",
)


def wants_basic(url: str) -> bool:
    """Whether the provider at this URL documents that a client's secret travels in an `Authorization: Basic` header."""
    return host_of(url) in _BASIC_HOSTS


METHOD_WORDS = {
    "client_secret_basic": "client_secret_basic (the secret in an `Authorization: Basic` header)",
    "client_secret_post": "client_secret_post (the secret in the form body)",
    "client_secret_jwt": "client_secret_jwt (an assertion signed with the secret)",
    "private_key_jwt": "private_key_jwt (an assertion signed with the client's key)",
    "tls_client_auth": "tls_client_auth (a client certificate)",
    "self_signed_tls_client_auth": "self_signed_tls_client_auth (a client certificate)",
    "attest_jwt_client_auth": "attest_jwt_client_auth (an attestation of the client's key, in headers)",
    "none": "none (a public client, no credentials)",
}
"""What the methods are, for people."""
