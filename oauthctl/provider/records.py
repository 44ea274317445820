"""What the provider keeps: one value for each thing that it has given or been told.

Here: codes, tokens, sessions, registrations and the paths of its endpoints. Not here: the provider that holds them (`state`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oauthctl.http import Params, Request
from oauthctl.provider.asking import Confirmation


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The paths of the endpoints, below the issuer's own path."""

    authorize: str = "/authorize"
    token: str = "/token"
    jwks: str = "/jwks"
    userinfo: str = "/userinfo"
    pushed: str = "/par"
    device_authorization: str = "/device_authorization"
    device: str = "/device"
    backchannel: str = "/bc-authorize"
    approvals: str = "/approvals"
    register: str = "/register"
    introspect: str = "/introspect"
    revoke: str = "/revoke"
    end_session: str = "/end_session"
    challenge: str = "/challenge"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person (or, with client_credentials, a client for itself) has allowed: the family that all its tokens belong to."""

    id: str
    client_id: str
    username: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    session_id: str = ""
    auth_time: int | None = None
    nonce: str = ""
    acr: str = ""
    details: tuple[Mapping[str, Any], ...] = ()
    """What is allowed in detail (RFC 9396)."""
    claims: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The single claims that the client wanted (`claims_request.Wanted`)."""
    is_revoked: bool = False
    actor: Mapping[str, Any] | None = None
    """Who acts for the person, as the claim `act` says it (RFC 8693 section 4.1)."""
    subject: str = ""
    """Whom it is about where that is neither a person nor the client: a machine that another issuer speaks for."""
    parent: str = ""
    """The id of the grant whose token was traded for this one's."""

    @property
    def who(self) -> str:
        """The `sub` of its tokens."""
        return self.subject or self.username or self.client_id


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, kept after its use so that a second use is noticed."""

    grant_id: str
    redirect_uri: str
    """As the authorization request gave it; empty when it gave none."""
    expires_at: datetime
    code_challenge: str = ""
    code_challenge_method: str = ""
    dpop_jkt: str = ""
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One refresh token of a family, kept after its use so that a second use is noticed."""

    grant_id: str
    expires_at: datetime
    is_used: bool = False
    used_at: datetime | None = None
    confirmation: Confirmation | None = None
    """Of a public client's token: a confidential one proves itself anyhow (RFC 9449 section 5)."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, JWT or opaque."""

    grant_id: str
    id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    issued_at: int
    expires_at: float
    """Seconds since the epoch, as in the JWT."""
    is_revoked: bool = False
    confirmation: Confirmation | None = None
    details: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A device that waits for its person, kept under the digest of its code. `grant_id` is set when the person has said yes."""

    client_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    user_code: str = field(repr=False)
    expires_at: datetime
    interval: float
    code_challenge: str = ""
    code_challenge_method: str = ""
    polled_at: datetime | None = None
    grant_id: str = ""
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class BackchannelRequest:
    """A person who is asked on a device of theirs (CIBA), kept under the digest of `auth_req_id`. `grant_id` is set when they said yes."""

    number: str
    """What the page calls it: another value than the reference, which is the client's secret."""
    client_id: str
    username: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    binding_message: str
    expires_at: datetime
    interval: float
    polled_at: datetime | None = None
    grant_id: str = ""
    is_denied: bool = False
    auth_req_id: str = field(default="", repr=False)
    """The reference itself where the client is told of the decision; else empty, as it need not be known."""
    notification_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that the provider wants sent to a client; whoever serves sends it, and says what became of it."""

    client_id: str
    request: Request = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pushed:
    """An authorization request that was pushed, until it is used."""

    client_id: str
    params: Params
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FetchedRequest:
    """A request object that was fetched from where a client keeps it, or the problem with it, and until when either is remembered."""

    compact: str = field(repr=False)
    problem: str
    until: float

    def is_good(self, seconds: float) -> bool:
        """Whether there is an object, and it is not too old."""
        return not self.problem and self.until > seconds


@dataclass(frozen=True, slots=True)
class Referred:
    """The JSON that stands at a URL which a client named, or the problem with it, and until when either is good."""

    value: Any
    problem: str
    until: float


@dataclass(frozen=True, slots=True)
class Registration:
    """What a client that registered itself said of itself, and the digest of the token with which it can change that."""

    token_digest: str = field(repr=False)
    issued_at: int
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What a browser's cookie stands for. `username` is empty until someone signs in."""

    id: str
    csrf: str = field(repr=False)
    username: str = ""
    auth_time: int = 0
    acr: str = ""
    """The level that the sign-in reached; empty for the password alone."""
    signed_in_for: str = ""
    """The digest of the authorization request that the last sign-in was for; it satisfies `prompt=login` once."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message, as people read it: a title, then names with values; what has no names has an empty one. Holds no secret."""

    title: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that came, as the start page shows it: why it was refused, and in `wrong` rules and what each says. Holds no secret.

    `parts` are what was sent and answered. `wrong` and they are empty until it `is_judged`.
    """

    number: int
    at: datetime
    method: str
    path: str
    who: str
    status: int
    reason: str = ""
    wrong: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    is_judged: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether the provider said no, be it by a redirect that says so."""
        return bool(self.reason) or self.status >= 400


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the provider's log; `error` is empty when all went well. Holds no secret."""

    number: int
    at: datetime
    endpoint: str
    who: str
    error: str
    reason: str
