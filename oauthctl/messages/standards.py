"""Profiles of OAuth: what each demands of a server's metadata and of a client's choices, clause by clause.

Here: one table for each standard. Not here: carrying a client's choices out (`cli.standard`), gaps in metadata as such (`metadata_gaps`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from oauthctl.http import is_loopback_host, split_url
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.specs import Section


class Met(Enum):
    """Whether the metadata meets a demand; a server may do what its metadata does not tell."""

    OK = "ok"
    LACKS = "lacks"
    UNTOLD = "not told"


Said: TypeAlias = tuple[str, Met]
"""What the server says, and what that means."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand on the server, and how its metadata tells. `is_must` is false for what it SHOULD do."""

    what: str
    section: Section
    told: Callable[[ProviderMetadata], Said]
    is_must: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """The values that a client's option may have; the first of them is set where nobody said anything, unless it is empty."""

    option: str
    allowed: tuple[str, ...]
    section: Section
    why: str


@dataclass(frozen=True, slots=True)
class Standard:
    """One standard: its name on the command line, its title, what it demands of the server, what it leaves to the client.

    `is_bound` wants tokens that are bound to a key or a certificate, `names_resource` a `resource`, `is_native` a redirect URI that an
    application on this machine may have.
    """

    name: str
    title: str
    demands: tuple[Demand, ...]
    choices: tuple[Choice, ...]
    is_bound: Section | None = None
    names_resource: Section | None = None
    is_native: Section | None = None


def _has(name: str, *wanted: str, absent: Met = Met.UNTOLD) -> Callable[[ProviderMetadata], Said]:
    """One of these is among the values of this member. `absent` is what it means that the member is not there."""

    def told(metadata: ProviderMetadata) -> Said:
        values = metadata.raw(name)
        if not isinstance(values, list):
            return f"no `{name}`", absent
        found = [one for one in wanted if one in values]
        return f"`{name}`: {' '.join(found or map(str, values[:6])) or 'none'}", Met.OK if found else Met.LACKS

    return told


def _without(name: str, *unwanted: str, otherwise: tuple[str, ...] = ()) -> Callable[[ProviderMetadata], Said]:
    """None of these is among the values of this member. `otherwise` are the values that it has when it is absent (RFC 8414 section 2)."""

    def told(metadata: ProviderMetadata) -> Said:
        values = metadata.raw(name)
        if not isinstance(values, list):
            return f"no `{name}`", Met.UNTOLD if set(otherwise) & set(unwanted) else Met.OK
        found = [one for one in unwanted if one in values]
        said = f"offers {' '.join(found)}" if found else "none of these"
        return f"`{name}`: {said}", Met.LACKS if found else Met.OK

    return told


def _is_true(name: str, *, absent: Met = Met.LACKS) -> Callable[[ProviderMetadata], Said]:
    def told(metadata: ProviderMetadata) -> Said:
        value = metadata.raw(name)
        return (f"`{name}`: {str(value).lower()}", Met.OK if value is True else absent) if value is not None else (f"no `{name}`", absent)

    return told


def _names(*names: str, absent: Met = Met.LACKS) -> Callable[[ProviderMetadata], Said]:
    """One of these members is there, and not false."""

    def told(metadata: ProviderMetadata) -> Said:
        found = next((name for name in names if metadata.raw(name) not in (None, "", False)), "")
        return (f"`{found}`", Met.OK) if found else (f"no `{names[0]}`", absent)

    return told


def _https(metadata: ProviderMetadata) -> Said:
    """All endpoints are https; plain http on this machine is for practice, and tells nothing."""
    urls = {name: value for name, value in metadata.fields if name.endswith(("_endpoint", "_uri")) or name == "issuer"}
    plain = {name: str(value) for name, value in urls.items() if str(value).startswith("http:")}
    far = [name for name, value in plain.items() if not is_loopback_host(split_url(value).hostname or "")]
    if far:
        return f"plain http: `{far[0]}`", Met.LACKS
    return ("plain http, on this machine alone", Met.UNTOLD) if plain else ("https everywhere", Met.OK)


def _sender(metadata: ProviderMetadata) -> Said:
    if metadata.raw("dpop_signing_alg_values_supported"):
        return "`dpop_signing_alg_values_supported`", Met.OK
    if metadata.tls_client_certificate_bound_access_tokens:
        return "`tls_client_certificate_bound_access_tokens`: true", Met.OK
    return "neither DPoP nor certificate-bound tokens", Met.LACKS


def _published(metadata: ProviderMetadata) -> Said:
    return ("a metadata document", Met.OK) if metadata.exchange is not None else ("none was read: endpoints are given by hand", Met.LACKS)


_S256 = _has("code_challenge_methods_supported", "S256", absent=Met.UNTOLD)
_STRONG = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
_NO_IMPLICIT = ("token", "id_token token", "code token", "code id_token token")
_CODE, _MACHINE, _DEVICE, _CIBA = "authorization_code", "client_credentials", "device_code", "ciba"
_EXTENSION = ("token_exchange", "jwt_bearer", "saml2_bearer")


def _oauth21(number: str) -> Section:
    return Section("OAuth 2.1", number)


def _fapi(number: str) -> Section:
    return Section("FAPI 2.0", number)


def _native(number: str) -> Section:
    return Section("RFC 8252", number)


def _mcp(heading: str) -> Section:
    return Section("MCP Authorization", heading)


OAUTH21 = Standard(
    "oauth2.1",
    "OAuth 2.1",
    (
        Demand("PKCE with S256", _oauth21("7.5.2"), _S256),
        Demand("no tokens by the browser", _oauth21("10.1"), _without("response_types_supported", *_NO_IMPLICIT)),
        Demand(
            "neither password nor implicit grant",
            _oauth21("10"),
            _without("grant_types_supported", "password", "implicit", otherwise=("implicit",)),
        ),
        Demand("TLS", _oauth21("1.5"), _https),
        Demand("`iss` against mix-up", _oauth21("7.15.1"), _is_true("authorization_response_iss_parameter_supported"), is_must=False),
    ),
    (
        Choice(
            "grant",
            (_CODE, _MACHINE, _DEVICE, _CIBA, *_EXTENSION),
            _oauth21("10"),
            "passwords, and tokens that come by the browser, are gone",
        ),
        Choice("pkce", ("S256",), _oauth21("7.5.2"), "the verifier must not be readable in the request"),
    ),
)

FAPI2 = Standard(
    "fapi2",
    "FAPI 2.0 Security Profile",
    (
        Demand("metadata document", _fapi("5.3.2.1"), _published),
        # No sign-in fails by this alone: the server may refuse to this client what it offers to those of other profiles, as it may ask for
        # pushed requests of some clients alone.
        Demand(
            "neither password nor implicit grant",
            _fapi("5.3.2.1"),
            _without("grant_types_supported", "password", "implicit"),
            is_must=False,
        ),
        Demand("tokens bound to their sender", _fapi("5.3.2.1"), _sender),
        Demand(
            "private_key_jwt or mutual TLS", _fapi("5.3.2.1"), _has("token_endpoint_auth_methods_supported", *_STRONG, absent=Met.LACKS)
        ),
        Demand("pushed authorization requests", _fapi("5.3.2.2"), _names("pushed_authorization_request_endpoint")),
        Demand("takes no other requests", _fapi("5.3.2.2"), _is_true("require_pushed_authorization_requests", absent=Met.UNTOLD)),
        Demand("PKCE with S256", _fapi("5.3.2.2"), _S256),
        Demand("`iss` in the answer", _fapi("5.3.2.2"), _is_true("authorization_response_iss_parameter_supported")),
        Demand("code without tokens in the answer", _fapi("5.3.2.2"), _has("response_types_supported", "code", absent=Met.LACKS)),
        Demand("TLS", _fapi("5.2.1"), _https),
        Demand(
            "assertions signed by PS256, ES256 or EdDSA",
            _fapi("5.4.1"),
            _has("token_endpoint_auth_signing_alg_values_supported", "PS256", "ES256", "EdDSA", "Ed25519"),
        ),
    ),
    (
        Choice("grant", (_CODE, _MACHINE, _CIBA), _fapi("5.3.2.1"), "passwords and the implicit grant are refused"),
        Choice("pkce", ("S256",), _fapi("5.3.3.2"), "no other method is taken"),
        Choice("par", ("always",), _fapi("5.3.3.2"), "requests that were not pushed are refused"),
        Choice("client_auth", ("", *_STRONG), _fapi("5.3.3.1"), "clients are confidential, and prove themselves by a key of their own"),
        Choice("assertion_audience", ("issuer",), _fapi("5.3.3.1"), "an assertion is for the issuer alone"),
        Choice(
            "response_mode",
            ("query", "form_post", "jwt", "query.jwt", "form_post.jwt"),
            _fapi("5.3.2.2"),
            "a code is not to stay in an address",
        ),
    ),
    is_bound=_fapi("5.3.3.1"),
)

MCP = Standard(
    "mcp",
    "Model Context Protocol, authorization",
    (
        Demand("metadata document", _mcp("Authorization Server Metadata Discovery"), _published),
        Demand(
            "PKCE with S256, announced",
            _mcp("Authorization Code Protection"),
            _has("code_challenge_methods_supported", "S256", absent=Met.LACKS),
        ),
        Demand("TLS", _mcp("Communication Security"), _https),
        Demand("no tokens by the browser", _oauth21("10.1"), _without("response_types_supported", *_NO_IMPLICIT)),
        Demand(
            "clients that nobody registered by hand",
            _mcp("Client Registration Approaches"),
            _names("client_id_metadata_document_supported", "registration_endpoint"),
            is_must=False,
        ),
    ),
    (
        Choice("grant", (_CODE, _MACHINE, *_EXTENSION), _oauth21("10"), "passwords, and tokens that come by the browser, are gone"),
        Choice("pkce", ("S256",), _mcp("Authorization Code Protection"), "clients must use S256"),
    ),
    names_resource=_mcp("Resource Parameter Implementation"),
)

NATIVE = Standard(
    "rfc8252",
    "OAuth 2.0 for native apps",
    (
        Demand("PKCE", _native("8.1"), _has("code_challenge_methods_supported", "S256", "plain")),
        Demand("public clients", _native("8.4"), _has("token_endpoint_auth_methods_supported", "none")),
        Demand("the code grant", _native("8.2"), _has("response_types_supported", "code", absent=Met.LACKS)),
        Demand("`iss` against mix-up", Section("RFC 9207", "2"), _is_true("authorization_response_iss_parameter_supported"), is_must=False),
    ),
    (
        Choice("grant", (_CODE,), _native("8.2"), "a native app signs in by the browser, with a code"),
        Choice("pkce", ("S256", "plain"), _native("8.1"), "other apps may get the answer, but not the verifier"),
        Choice("client_auth", ("none",), _native("8.5"), "what is in every copy of an app is no secret"),
    ),
    is_native=_native("7"),
)

STANDARDS = {one.name: one for one in (OAUTH21, FAPI2, MCP, NATIVE)}
NAMES = tuple(STANDARDS)


@dataclass(frozen=True, slots=True)
class Judged:
    """One demand, what the server says to it, and what that means."""

    demand: Demand
    said: str
    met: Met


def judged(standard: Standard, metadata: ProviderMetadata) -> tuple[Judged, ...]:
    """Each demand held against the metadata."""
    return tuple(Judged(demand, *demand.told(metadata)) for demand in standard.demands)


def lacking(found: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """What the server must do, and says that it does not."""
    return tuple(one for one in found if one.met is Met.LACKS and one.demand.is_must)
