"""`Client` and `User`: who the provider knows, and the practice set of both.

Here: the values and the set that `serve` starts with. Not here: authenticating them (`client_auth`, `signin`).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from oauthctl.jose.jwk import Jwk
from oauthctl.messages.token_exchange import JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
CIBA = "urn:openid:params:grant-type:ciba"
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::([1-9][0-9]{0,4}))?(/[^#]*)?")
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client. Without a secret it is a public one, and has to use PKCE.

    `is_native` lets any port of a registered loopback IP redirect through. `always_gets_refresh_token` gives one without the offline scope.
    `is_trusted` skips the consent page. `is_resource_server` may introspect everyone's tokens. `token_seconds` overrides the provider's.
    """

    id: str
    name: str = ""
    secret: str = field(default="", repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    auth_methods: tuple[str, ...] = ()
    """Empty: both methods that show the secret when there is one, private_key_jwt when there are keys, tls_client_auth
    with a `certificate_name`, else `none`."""
    keys: tuple[Jwk, ...] = ()
    """The public keys with which the client's assertions and request objects are verified, and those for which answers are encrypted."""
    jwks_uri: str = ""
    """Where its keys are fetched anew; empty: they stay as they are."""
    certificate_name: tuple[str, str] = ("", "")
    """The one name by which its certificate is known: `subject_dn`, `san_dns`, `san_uri`, `san_ip` or `san_email`, and the value."""
    binds_certificate: bool = False
    scopes: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
    response_types: tuple[str, ...] = ("code",)
    """Beyond `code`, which goes with its grant type, those by which tokens come to it by the browser."""
    is_native: bool = False
    is_trusted: bool = False
    is_resource_server: bool = False
    resources: tuple[str, ...] = ()
    """The paths of the API that it serves: it may trade the tokens with which it is called there (RFC 8693 section 2.3)."""
    subject_type: Literal["public", "pairwise"] = "public"
    sector_identifier_uri: str = ""
    """Whose host stands for all its redirect URIs in pairwise subjects."""
    requires_pkce: bool = False
    requires_pushed_requests: bool = False
    requires_dpop: bool = False
    requires_signed_request: bool = False
    request_object_signing_alg: str = ""
    """Empty: whatever its keys and its secret can make. `none` takes request objects that are not signed."""
    request_uris: tuple[str, ...] = ()
    """Where its request objects may be fetched."""
    token_endpoint_auth_signing_alg: str = ""
    """Of its client assertions; empty: all that its method takes."""
    authorization_details_types: tuple[str, ...] = ()
    """Empty: all that the provider knows."""
    notification_endpoint: str = ""
    """Where it is told that a person has decided (CIBA, ping mode); empty: it asks for itself."""
    default_max_age: int | None = None
    """How long ago its users may have signed in where a request does not say, in seconds."""
    default_acr_values: tuple[str, ...] = ()
    """The levels of sign-in that it wants where a request does not say, the dearest first."""
    speaks_for_users: bool = False
    """Whether its own assertions may be about people, and not about itself alone."""
    always_gets_refresh_token: bool = False
    access_token_format: Literal["", "jwt", "opaque"] = ""
    """Empty: the provider's."""
    id_token_signed_response_alg: str = "RS256"
    id_token_encrypted_response_alg: str = ""
    id_token_encrypted_response_enc: str = "A128CBC-HS256"
    userinfo_signed_response_alg: str = ""
    """Empty: userinfo is plain JSON."""
    userinfo_encrypted_response_alg: str = ""
    userinfo_encrypted_response_enc: str = "A128CBC-HS256"
    authorization_signed_response_alg: str = "RS256"
    authorization_encrypted_response_alg: str = ""
    authorization_encrypted_response_enc: str = "A128CBC-HS256"
    introspection_signed_response_alg: str = "RS256"
    introspection_encrypted_response_alg: str = ""
    introspection_encrypted_response_enc: str = "A128CBC-HS256"
    id_token_seconds: float = 600
    token_seconds: float | None = None

    @property
    def is_public(self) -> bool:
        """Whether the client has no way to authenticate itself."""
        return self.allowed_auth_methods == ("none",)

    @property
    def allowed_auth_methods(self) -> tuple[str, ...]:
        """The client authentication methods that the token endpoint takes from it."""
        if self.auth_methods:
            return self.auth_methods
        if self.certificate_name[0]:
            return ("tls_client_auth",)
        by_secret = ("client_secret_basic", "client_secret_post") if self.secret else ()
        return (*by_secret, *(("private_key_jwt",) if self.keys or self.jwks_uri else ())) or ("none",)

    def has_secret(self, secret: str) -> bool:
        """Whether this is the client's secret; compared in constant time."""
        return bool(self.secret) and hmac.compare_digest(self.secret.encode(), secret.encode("utf-8", "surrogatepass"))

    def may_redirect_to(self, redirect_uri: str) -> bool:
        """Whether an answer may go there: an exact match, or for a native client a registered loopback IP on any port.

        Source: RFC 6749 section 3.1.2.3; RFC 8252 section 7.3 (loopback IP literals only; `localhost` is compared exactly).
        """
        if redirect_uri in self.redirect_uris:
            return True
        if not self.is_native:
            return False
        asked = _LOOPBACK.fullmatch(redirect_uri)
        if asked is None or (asked[2] is not None and int(asked[2]) > _LAST_PORT):
            return False
        registered = [_LOOPBACK.fullmatch(known) for known in self.redirect_uris]
        return any(known and known.group(1, 3) == asked.group(1, 3) for known in registered)

    def takes_any_port(self, redirect_uri: str) -> bool:
        """Whether this one of the registered redirect URIs stands for all ports. Source: RFC 8252 section 7.3."""
        return self.is_native and _LOOPBACK.fullmatch(redirect_uri) is not None


@dataclass(frozen=True, slots=True)
class User:
    """Someone who can sign in. `claims` are OIDC claims besides `sub`."""

    username: str
    password: str = field(repr=False)
    claims: Mapping[str, Any] = field(default_factory=dict)

    def has_password(self, password: str) -> bool:
        """Whether this is the user's password; compared in constant time."""
        return hmac.compare_digest(self.password.encode(), password.encode("utf-8", "surrogatepass"))


_SIGN_IN_SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access")
_API_SCOPES = ("items.read", "items.write", "photos.read", "photos.write")


_TRADES = (TOKEN_EXCHANGE, JWT_BEARER, SAML2_BEARER)


def short_grant(grant_type: str) -> str:
    """A grant type as people call it: `device_code` for the URN that ends so."""
    return grant_type.rpartition(":")[2]


def practice_clients(*, secret: str) -> tuple[Client, ...]:
    """The clients that a practice provider starts with; the confidential ones share this secret."""
    loopback = ("http://127.0.0.1/callback", "http://[::1]/callback", "http://127.0.0.1/", "http://[::1]/")
    exact = ("http://localhost:8080/callback", "http://127.0.0.1:8080/callback", "http://localhost:3000/callback")
    return (
        Client(
            "public",
            "Practice app",
            redirect_uris=(*loopback, *exact),
            post_logout_redirect_uris=("http://localhost:8080/",),
            scopes=_SIGN_IN_SCOPES + _API_SCOPES,
            grant_types=("authorization_code", "refresh_token", DEVICE_CODE),
            is_native=True,
        ),
        Client(
            "web",
            "Practice web site",
            secret,
            redirect_uris=(*loopback, *exact),
            post_logout_redirect_uris=("http://localhost:8080/", "http://localhost:3000/"),
            scopes=_SIGN_IN_SCOPES + _API_SCOPES,
            grant_types=(
                "authorization_code",
                "refresh_token",
                "client_credentials",
                DEVICE_CODE,
                CIBA,
                TOKEN_EXCHANGE,
                JWT_BEARER,
                SAML2_BEARER,
            ),
            is_native=True,
            always_gets_refresh_token=True,
        ),
        Client(
            "service",
            "Practice service",
            secret,
            scopes=_API_SCOPES,
            grant_types=("client_credentials", *_TRADES),
            resources=("/api/items", "/api/photos"),
        ),
        Client("api", "Practice API", secret, grant_types=(), is_resource_server=True),
    )


def practice_users() -> tuple[User, ...]:
    """Alice and Bob; each one's password is the name."""
    return (person("alice", "Alice Adams"), person("bob", "Bob Brown"))


def person(username: str, name: str = "", *, password: str = "") -> User:
    """A user with a claim for every scope; the password is the username unless given."""
    given, _, family = (name or username.title()).partition(" ")
    claims: dict[str, Any] = {
        "name": name or given,
        "given_name": given,
        "family_name": family,
        "preferred_username": username,
        "locale": "en",
        "email": f"{username}@example.com",
        "email_verified": True,
        "phone_number": "+1 555 0100",
        "phone_number_verified": False,
        "address": {"formatted": "1 Example Street\nSpringfield", "locality": "Springfield", "country": "US"},
    }
    return User(username, password or username, {key: value for key, value in claims.items() if value != ""})
