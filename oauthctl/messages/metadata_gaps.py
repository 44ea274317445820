"""What a provider's metadata leaves out, and what that means for a client.

Here: judging the document's members. Not here: fetching it, comparing it with what the server does.
"""

from __future__ import annotations

from oauthctl.findings import Evidence, Finding, Severity
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.specs import Section

_WORST_FIRST = tuple(Severity)
_OPENID = ("jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported")
_USEFUL = (
    ("scopes_supported", "the scopes have to be learnt elsewhere", Section("RFC 8414", "2")),
    ("grant_types_supported", "clients take it that authorization_code and implicit work", Section("RFC 8414", "2")),
    ("token_endpoint_auth_methods_supported", "clients take it that only client_secret_basic works", Section("RFC 8414", "2")),
    ("revocation_endpoint", "tokens can't be revoked by a client", Section("RFC 8414", "2")),
    ("introspection_endpoint", "an API can't ask about opaque tokens", Section("RFC 8414", "2")),
)


def is_openid(metadata: ProviderMetadata) -> bool:
    """Whether the document speaks for an OpenID provider."""
    return any(name in metadata for name in (*_OPENID[1:], "userinfo_endpoint")) or "openid" in (metadata.scopes_supported or ())


def metadata_gaps(metadata: ProviderMetadata) -> tuple[Finding, ...]:
    """What is missing or contradicts itself, the worst first."""
    found = [_missing(name, Section("RFC 8414", "2")) for name in _required(metadata) if name not in metadata]
    if is_openid(metadata):
        found += [_missing(name, Section("OIDC Discovery", "3")) for name in _OPENID if name not in metadata]
    found += _pkce(metadata)
    found += _plain_endpoints(metadata)
    found += [
        Finding("metadata-member-absent", Severity.NOTE, f"`{name}` is not announced: {so}", _at(metadata, name), sections=(section,))
        for name, so, section in _USEFUL
        if name not in metadata
    ]
    if not metadata.authorization_response_iss_parameter_supported:
        found.append(
            Finding(
                "iss-not-promised",
                Severity.NOTE,
                "answers don't promise `iss`: a client of several servers needs a redirect URI for each",
                _at(metadata, "authorization_response_iss_parameter_supported"),
                sections=(Section("RFC 9207", "3"),),
            )
        )
    return tuple(sorted(found, key=lambda finding: _WORST_FIRST.index(finding.severity)))


def _required(metadata: ProviderMetadata) -> tuple[str, ...]:
    """Source: RFC 8414 section 2: each endpoint is required unless no grant type that is supported uses it."""
    grants = metadata.grant_types_supported or ("authorization_code", "implicit")
    authorization = ("authorization_endpoint",) if {"authorization_code", "implicit"} & set(grants) else ()
    token = ("token_endpoint",) if set(grants) != {"implicit"} else ()
    return ("issuer", "response_types_supported", *authorization, *token)


def _missing(name: str, section: Section) -> Finding:
    return Finding("metadata-member-missing", Severity.ERROR, f"`{name}` is required and missing", (), sections=(section,))


def _pkce(metadata: ProviderMetadata) -> list[Finding]:
    methods = metadata.code_challenge_methods_supported
    if methods is None:
        text = "PKCE is not announced (`code_challenge_methods_supported`); many servers do it all the same"
        return [Finding("pkce-not-announced", Severity.WARNING, text, sections=(Section("RFC 8414", "2"),))]
    if "S256" not in methods:
        text = f"PKCE without S256: `{' '.join(methods)}`"
        return [Finding("pkce-s256-missing", Severity.WARNING, text, sections=(Section("RFC 7636", "4.2"),))]
    return []


def _plain_endpoints(metadata: ProviderMetadata) -> list[Finding]:
    from oauthctl.http import is_safe_for_secrets

    names = [name for name in metadata.params() if name.endswith(("_endpoint", "jwks_uri"))]
    return [
        Finding(
            "endpoint-without-tls",
            Severity.ERROR,
            f"`{name}` is plain http: {metadata.raw(name)}",
            _at(metadata, name),
            sections=(Section("RFC 6749", "3.2"),),
        )
        for name in names
        if isinstance(metadata.raw(name), str) and not is_safe_for_secrets(metadata.raw(name))
    ]


def _at(metadata: ProviderMetadata, name: str) -> tuple[Evidence, ...]:
    return (Evidence(metadata.exchange, f"response.{name}", got=str(metadata.raw(name) or "")),)
