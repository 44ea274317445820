"""`ProviderState`: all that the provider knows, as one frozen value.

Here: the value's parts and how a state becomes the next one. Not here: what the endpoints do with it, nor the practice set of clients.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from oauthctl.messages.response_types import CODE, HYBRID, IMPLICIT
from oauthctl.provider.api_parts import API_PARTS, SECOND_FACTOR, ApiPart
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client, User
from oauthctl.provider.delivery import Delivery
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import (
    AccessToken,
    Arrival,
    BackchannelRequest,
    BrowserSession,
    Code,
    DeviceCode,
    Endpoints,
    Event,
    FetchedRequest,
    Grant,
    Outgoing,
    Pushed,
    Referred,
    RefreshToken,
    Registration,
)
from oauthctl.provider.remembered import Remembered, with_item
from oauthctl.provider.switched import Switched
from oauthctl.provider.user_claims import SCOPE_CLAIMS, OwnClaim

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk
    from oauthctl.provider.personas.persona import Persona

OPENID_PATH = "/.well-known/openid-configuration"
OAUTH_PATH = "/.well-known/oauth-authorization-server"
LOG_LENGTH = 1000

SCOPES: Mapping[str, str] = {
    "openid": "Sign you in and know who you are",
    "profile": "See your name and other details of your profile",
    "email": "See your email address",
    "address": "See your postal address",
    "phone": "See your telephone number",
    "offline_access": "Keep this access when you are away",
    "items.read": "See your items",
    "items.write": "Add to your items",
    "photos.read": "See your photos",
    "photos.write": "Add to your photos",
}

DETAILS_TYPES: Mapping[str, str] = {
    "items": "Work with these items",
    "photo_album": "Open this album of photos",
    "payment_initiation": "Make this payment",
}
"""The types of `authorization_details`, and what each means to a person."""


# Without slots: a copy with other parts, and each request makes some, is a copied dictionary then (`changing`).
@dataclass(frozen=True)
class ProviderState:
    """The provider between two requests. Codes, tokens and sessions are kept under the digest of the secret."""

    issuer: str
    clients: Mapping[str, Client]
    users: Mapping[str, User]
    keys: tuple[Jwk, ...] = field(repr=False)
    name: str = "Practice provider"
    home: str = ""
    """Where it is reached, with its endpoints below, where the issuer says something else; empty: at the issuer. As it was given."""
    persona: Persona | None = None
    """The known provider whose quirks it wears."""
    takes_sign_ups: bool = False
    """Whether its page lets people make themselves an account."""
    endpoints: Endpoints = field(default_factory=Endpoints)
    scopes: Mapping[str, str] = field(default_factory=lambda: SCOPES)
    scope_claims: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: SCOPE_CLAIMS)
    """The claims of a user that a scope opens."""
    unannounced_scopes: frozenset[str] = frozenset()
    """Scopes that its metadata do not name."""
    own_claims: tuple[OwnClaim, ...] = ()
    """What it tells beyond that."""
    api: Mapping[str, ApiPart] = field(default_factory=lambda: API_PARTS)
    """The parts of the API, by path."""
    scope_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the API takes a scope of this provider's own for: `source:w` for `items.read` and `items.write`."""
    offline_scope: str = "offline_access"
    mtls_origin: str = ""
    """Where TLS asks for client certificates: scheme, host and port; empty when nowhere."""
    certificate_authorities: tuple[bytes, ...] = ()
    """Whose certificates prove a client, as DER."""
    pkce_methods: tuple[str, ...] = ("S256", "plain")
    requires_pushed_requests: bool = False
    is_legacy: bool = False
    """Whether it speaks what RFC 9700 section 2 and OAuth 2.1 have put aside: the password grant, tokens by the browser."""
    requires_signed_request: bool = False
    encryption_keys: tuple[Jwk, ...] = field(default=(), repr=False)
    """For whoever encrypts something for the provider."""
    authorization_details_types: Mapping[str, str] = field(default_factory=lambda: DETAILS_TYPES)
    acr_values: tuple[str, ...] = ("password", SECOND_FACTOR)
    token_seconds: float = 300
    access_token_format: Literal["jwt", "opaque"] = "jwt"
    """Those of clients that want no other; a JWT is one of RFC 9068."""
    code_seconds: float = 60
    pushed_seconds: int = 90
    backchannel_seconds: int = 120
    device_seconds: int = 600
    device_interval: float = 5
    """Seconds between two polls of a device."""
    refresh_seconds: float = 30 * 24 * 3600
    refresh_grace_seconds: float = 0
    """How long a refresh token that was used may be used once more, by a client that missed the answer."""
    key_seconds: float = 0
    """How long keys sign until they get successors; 0: for ever."""
    keys_since: datetime | None = None
    unsure_until: float = 0
    """Of access tokens that are not in the books those that were issued until then may have been revoked; in seconds since the epoch."""
    pairwise_salt: bytes = field(default=b"", repr=False)
    grants: Mapping[str, Grant] = field(default_factory=Remembered)
    codes: Mapping[str, Code] = field(default_factory=Remembered)
    refresh_tokens: Mapping[str, RefreshToken] = field(default_factory=Remembered)
    access_tokens: Mapping[str, AccessToken] = field(default_factory=Remembered)
    backchannel_requests: Mapping[str, BackchannelRequest] = field(default_factory=Remembered)
    outgoing: tuple[Outgoing, ...] = ()
    """What is to be sent to clients."""
    device_codes: Mapping[str, DeviceCode] = field(default_factory=Remembered)
    pushed: Mapping[str, Pushed] = field(default_factory=Remembered)
    """Under the digest of the `request_uri`."""
    posted: Mapping[str, Pushed] = field(default_factory=Remembered)
    """Likewise; these come from anybody, and take no room from those of clients."""
    proofs: Mapping[str, float] = field(default_factory=Remembered)
    """DPoP proofs that were shown, under the digest of `jti`, and until when each would be good."""
    dpop_nonces: Mapping[str, float] = field(default_factory=Remembered)
    """Under the digest of the nonce, until when it is good."""
    requires_dpop_nonce: bool = False
    trusted_issuers: Mapping[str, tuple[Jwk, ...]] = field(default_factory=dict)
    """Issuers whose JWTs are taken as assertions and subject tokens, with their public keys."""
    trusted_attesters: Mapping[str, tuple[Jwk, ...]] = field(default_factory=dict)
    """Those who may vouch for clients, with their public keys; they say nothing of people."""
    is_experimental: bool = False
    """Whether it speaks what is a draft that may still change: client attestation."""
    attestation_challenges: Mapping[str, float] = field(default_factory=Remembered)
    """Under the digest of the challenge, until when it is good."""
    assertions: Mapping[str, float] = field(default_factory=Remembered)
    """Client assertions that were shown, under the digest of client and `jti`, and until when each would be good."""
    request_objects: Mapping[str, float] = field(default_factory=Remembered)
    """Request objects that led to a code, under the digest of client and `jti`, and until when each would be good."""
    fetched_requests: Mapping[str, FetchedRequest] = field(default_factory=Remembered)
    """Request objects of clients that give a URL of theirs, under the digest of client and URL."""
    referred: Mapping[str, Referred] = field(default_factory=Remembered)
    """What clients' metadata name by URL: their keys, the redirect URIs of their sectors."""
    takes_registrations: bool = True
    """Whether anybody may register a client."""
    attempts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """When somebody was wrong, in seconds since the epoch, under the digest of what it was about."""
    local_origins: frozenset[str] = frozenset()
    """Origins on this machine where clients may be asked for their documents and whatever else they have."""
    registrations: Mapping[str, Registration] = field(default_factory=Remembered)
    """Of the clients that registered themselves."""
    client_documents: Mapping[str, float] = field(default_factory=dict)
    """Until when the client is known whose identifier is the URL of its metadata, or that there is none."""
    sessions: Mapping[str, BrowserSession] = field(default_factory=Remembered)
    consents: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """The scopes that a user (first) has allowed to a client (second)."""
    items: tuple[Mapping[str, Any], ...] = ()
    pruned_at: datetime | None = None
    """When it was last looked at what is over."""
    grants_left: int = 0
    """How many grants were left when it was last looked at them."""
    faults: tuple[Switched, ...] = ()
    """What it does wrong on purpose."""
    delivery: Delivery | None = None
    """How its last answer goes onto the wire, where a fault wants that to be wrong."""
    log: tuple[Event, ...] = ()
    is_controllable: bool = False
    """Whether whoever reaches it may switch its faults on and off: where it is reached from this machine alone."""
    neighbours: tuple[str, ...] = ()
    """Other issuers that answer on the same server."""
    arrivals: tuple[Arrival, ...] = ()
    """What came lately, as long as its start page is made."""

    @property
    def reached_at(self) -> str:
        """Where its endpoints are, a URL without a slash at the end: the issuer, as far as that does not say something else."""
        return (self.home or self.issuer).removesuffix("/")

    @property
    def base_path(self) -> str:
        """The path below which its endpoints are, without a slash at the end."""
        return urlsplit(self.reached_at).path.rstrip("/")

    @property
    def origin(self) -> str:
        """Where it is reached, without a path."""
        parts = urlsplit(self.reached_at)
        return f"{parts.scheme}://{parts.netloc}"

    def url(self, path: str) -> str:
        """An endpoint's URL."""
        return f"{self.origin}{self.base_path}{path}"

    @property
    def requests_path(self) -> str:
        """Where its start page shows what came; empty where it shows nothing of that."""
        return f"{self.base_path}/#requests" if self.is_controllable else ""

    @property
    def metadata_paths(self) -> tuple[str, ...]:
        """Where its metadata is. Source: OIDC Discovery section 4; RFC 8414 section 3."""
        if self.persona is not None and self.persona.endpoints is not None:
            return tuple(self.base_path + path for path in self.persona.metadata)
        # RFC 8414 section 5: with a path in the issuer both places of the OpenID document are in use.
        return (self.base_path + OPENID_PATH, OPENID_PATH + self.base_path, OAUTH_PATH + self.base_path)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where the provider is reached: without client certificates, and with them."""
        return (self.origin, self.mtls_origin) if self.mtls_origin else (self.origin,)

    def logged(self, moment: Moment, endpoint: str, who: str, *, error: str = "", reason: str) -> ProviderState:
        """The state with one more event; the oldest goes when the log is full."""
        number = self.log[-1].number + 1 if self.log else 1
        event = Event(number, moment.now, endpoint, _printable(who, 200), error, _printable(reason, 500))
        return changed(self, log=(*self.log, event)[-LOG_LENGTH:])

    def with_session(self, key: str, session: BrowserSession) -> ProviderState:
        """The state with this browser session, the last one that was used."""
        return changed(self, sessions=with_item(self.sessions, key, session))

    def with_grants_revoked(self, ids: Iterable[str]) -> ProviderState:
        """The state in which these families count no more, with all their tokens and all that these were traded for."""
        traded: dict[str, list[str]] = {}
        for key, grant in self.grants.items():
            if grant.parent:
                traded.setdefault(grant.parent, []).append(key)
        grants, waiting = self.grants, list(ids)
        while waiting:
            key = waiting.pop()
            waiting += traded.pop(key, ())
            if key in grants:
                grants = with_item(grants, key, replace(grants[key], is_revoked=True))
        return changed(self, grants=grants)


def _printable(text: str, length: int) -> str:
    """What came from outside must not play tricks on the terminal that shows the log."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:length])


def new_state(
    issuer: str,
    *,
    clients: Iterable[Client] = (),
    users: Iterable[User] = (),
    token_seconds: float = 300,
    keys: Iterable[Jwk] = (),
) -> ProviderState:
    """A provider that has seen nobody yet. More is set with `dataclasses.replace`.

    Without keys it makes an RSA and an EC key, which takes some tenths of a second.
    """
    from oauthctl.jose.jwk import generate

    signing = tuple(keys) or (generate("RS256"), generate("ES256"))
    return ProviderState(
        issuer=issuer,
        clients={client.id: client for client in clients},
        users={user.username: user for user in users},
        keys=signing,
        # As secret as the key is, and the same for as long.
        pairwise_salt=digest(json.dumps(signing[0].as_dict(), sort_keys=True)).encode(),
        encryption_keys=(generate("ES256").with_(use="enc", alg="ECDH-ES"),),
        token_seconds=token_seconds,
    )


def with_legacy(state: ProviderState, *, settled: Container[str] = ()) -> ProviderState:
    """The provider that speaks legacy grants and response types, too; clients for people may use them.

    `settled` are the clients whose grants were all named: they get no others.
    """
    clients = {key: _legacy_client(client, is_settled=key in settled) for key, client in state.clients.items()}
    return changed(state, is_legacy=True, clients=clients)


def _legacy_client(client: Client, *, is_settled: bool) -> Client:
    if not is_settled and "authorization_code" in client.grant_types:
        client = replace(client, grant_types=(*client.grant_types, "password", "implicit"), response_types=(CODE,))
    if "implicit" in client.grant_types and client.response_types == (CODE,):
        return replace(client, response_types=(CODE, *IMPLICIT, *HYBRID))
    return client
