"""What a provider's metadata leaves out, and what that means for a client.

Here: judging the document's members. Not here: fetching it, comparing it with what the server does.
"""

from __future__ import annotations

import re

from oauthctl.findings import Evidence, Finding, Severity
from oauthctl.http import has_user_info, is_http_url, is_safe_for_secrets, split_url
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import boolean, texts
from oauthctl.specs import Section

_WORST_FIRST = tuple(Severity)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WITHOUT_FRAGMENT = {"authorization_endpoint": Section("RFC 6749", "3.1"), "token_endpoint": Section("RFC 6749", "3.2")}
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
    found += _unfit_urls(metadata)
    found += _unfit_types(metadata)
    found += _unfit_members(metadata)
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


def _unfit_urls(metadata: ProviderMetadata) -> list[Finding]:
    """Members that are to be https URLs and are none: of another type, of another scheme, or plain http to another machine."""
    names = [name for name in metadata.params() if name in metadata and name.endswith(("_endpoint", "jwks_uri", "issuer"))]
    return [finding for name in names if (finding := _unfit_url(metadata, name))]


def _unfit_url(metadata: ProviderMetadata, name: str) -> Finding | None:
    """Source: RFC 8414 section 2 for the form, RFC 6749 sections 3.1.2.1 and 3.2 for TLS."""
    value, at = metadata.raw(name), _at(metadata, name)
    if not isinstance(value, str):
        return Finding(
            "metadata-member-type",
            Severity.ERROR,
            f"`{name}` is {_kind(value)}, where a URL is due",
            at,
            sections=(Section("RFC 8414", "2"),),
        )
    if is_safe_for_secrets(value) and is_http_url(value):
        return _unfit_part(metadata, name, value)
    scheme = value.partition(":")[0] if _SCHEME.match(value) else ""
    if scheme.lower() == "http" and is_http_url(value):
        return Finding(
            "endpoint-without-tls", Severity.ERROR, f"`{name}` is plain http: {value}", at, sections=(Section("RFC 6749", "3.2"),)
        )
    what = "no URL that can be asked" if scheme.lower() in ("http", "https") else f"a URL of the scheme `{scheme}`" if scheme else "no URL"
    message = f"`{name}` is {what}, where an https one is due: {value[:200]}"
    return Finding("endpoint-unusable", Severity.ERROR, message, at, sections=(Section("RFC 8414", "2"),))


def _unfit_part(metadata: ProviderMetadata, name: str, url: str) -> Finding | None:
    """What no URL of an endpoint may have, though it can be asked."""
    if has_user_info(url):
        parts = split_url(url)
        shown = parts._replace(netloc=f"…@{parts.netloc.rpartition('@')[2]}").geturl()
        message = f"`{name}` has user info before its host: {shown[:200]}"
        return Finding("endpoint-unusable", Severity.ERROR, message, sections=(Section("RFC 9110", "4.2.4"),))
    section = _WITHOUT_FRAGMENT.get(name)
    if section is None or "#" not in url:
        return None
    message = f"`{name}` has a fragment, which it must not: {url[:200]}"
    return Finding("endpoint-unusable", Severity.ERROR, message, _at(metadata, name), sections=(section,))


def _unfit_members(metadata: ProviderMetadata) -> list[Finding]:
    """Lists of strings that hold something else: many clients can't read such a document at all. Source: RFC 8414 section 2."""
    lists = {name: metadata.raw(name) for name, param in metadata.params().items() if name in metadata and param.reader is texts}
    odd = {name: [one for one in value if not isinstance(one, str)] for name, value in lists.items() if isinstance(value, list)}
    return [
        Finding(
            "metadata-member-type",
            Severity.ERROR,
            f"`{name}` holds {_kind(some[0])}, where all members are to be strings",
            _at(metadata, name),
            sections=(metadata.params()[name].section,),
        )
        for name, some in odd.items()
        if some
    ]


def _unfit_types(metadata: ProviderMetadata) -> list[Finding]:
    """Lists and booleans that are something else: clients that are strict stumble over them. Source: RFC 8414 section 2."""
    due: dict[object, tuple[str, type]] = {texts: ("a list", list), boolean: ("a boolean", bool)}
    known = {name: param for name, param in metadata.params().items() if name in metadata and param.reader in due}
    return [
        Finding(
            "metadata-member-type",
            Severity.WARNING,
            f"`{name}` is {_kind(metadata.raw(name))}, where {due[param.reader][0]} is due",
            _at(metadata, name),
            sections=(param.section,),
        )
        for name, param in known.items()
        if not isinstance(metadata.raw(name), due[param.reader][1])
    ]


def _kind(value: object) -> str:
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "null"


def _at(metadata: ProviderMetadata, name: str) -> tuple[Evidence, ...]:
    return (Evidence(metadata.exchange, f"response.{name}", got=str(metadata.raw(name) or "")),)
