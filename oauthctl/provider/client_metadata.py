"""What a client says of itself, made into a `Client`.

Here: reading and judging the metadata of RFC 7591. Not here: the endpoint that takes them (`registration`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from oauthctl.http import has_user_info, is_http_url, is_loopback_host, split_url
from oauthctl.jose.certificate import certificate_of
from oauthctl.jose.json_object import read_strictly
from oauthctl.messages.response_types import spelled, words_of
from oauthctl.provider.answers import Denied
from oauthctl.provider.client import Client
from oauthctl.provider.client_algs import FIELDS, SUPPORTED, check_algs
from oauthctl.provider.client_bounds import check_lengths, check_size
from oauthctl.provider.client_references import KEYS, SECTOR, check_sector, is_reference, keys_of
from oauthctl.provider.metadata import document
from oauthctl.provider.notification import is_notification_endpoint
from oauthctl.provider.request_reference import is_request_uri
from oauthctl.provider.state import ProviderState

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

Check = Callable[[object], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_shown(value: object) -> bool:
    """Whether all text in it can be shown on a page and in a log."""
    return all(map(_is_shown, value)) if isinstance(value, list) else not isinstance(value, str) or value.isprintable()


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_seconds(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**10


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


def _is_page(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and is_http_url(value) and not has_user_info(value)


_DEMANDS = {
    "dpop_bound_access_tokens": "requires_dpop",
    "require_pushed_authorization_requests": "requires_pushed_requests",
    "require_signed_request_object": "requires_signed_request",
    "tls_client_certificate_bound_access_tokens": "binds_certificate",
}
"""What is asked of the client, and the field that says so. Every ID token has its `auth_time`: that one demands nothing."""
_MODE, _NOTIFICATION_ENDPOINT = "backchannel_token_delivery_mode", "backchannel_client_notification_endpoint"
# Source: RFC 7591 section 2; OpenID Connect Dynamic Client Registration 1.0 section 2; RFC 9449 section 5.2; RFC 9126 section 6; RFC 9101
# section 10.5; RFC 8705 section 3.4; RFC 9396 section 10.
MEMBERS: Mapping[str, Check] = {
    **dict.fromkeys(("redirect_uris", "post_logout_redirect_uris", "grant_types", "response_types", "contacts"), _is_texts),
    **dict.fromkeys(("default_acr_values", "authorization_details_types"), _is_texts),
    **dict.fromkeys(("client_name", "software_id", "software_version"), _is_text),
    **dict.fromkeys(("client_uri", "logo_uri", "tos_uri", "policy_uri"), _is_page),
    **dict.fromkeys(("scope", "token_endpoint_auth_method", "application_type", "subject_type", *SUPPORTED), _is_text),
    **dict.fromkeys((*_DEMANDS, "require_auth_time"), _is_truth),
    "default_max_age": _is_seconds,
    **dict.fromkeys((_MODE, _NOTIFICATION_ENDPOINT), _is_text),
    "request_uris": lambda value: isinstance(value, list) and all(isinstance(one, str) and is_request_uri(one) for one in value),
    "jwks": lambda value: isinstance(value, dict),
    **dict.fromkeys((KEYS, SECTOR), is_reference),
    # No standard names it; RFC 7591 section 2 leaves room for members of one's own.
    "access_token_format": lambda value: value in ("jwt", "opaque"),
}
_SAID = {
    **dict.fromkeys(("client_uri", "logo_uri", "tos_uri", "policy_uri"), "has to be the http or https URL of a page"),
    **dict.fromkeys((KEYS, SECTOR), "has to be an https URL, or an http one on this machine"),
    "request_uris": "has to name https URLs with a path, or http ones on this machine",
}
"""What a member has to be where its type does not say it."""
# Where the provider names what it can do, and what it takes for granted.
_CHOICES = {
    "token_endpoint_auth_method": ("token_endpoint_auth_methods_supported", "client_secret_basic"),
    "grant_types": ("grant_types_supported", ["authorization_code"]),
    "response_types": ("response_types_supported", ["code"]),
    "subject_type": ("subject_types_supported", "public"),
    "authorization_details_types": ("authorization_details_types_supported", None),
}
SECRET_METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt")


def read_object(octets: bytes, what: str) -> Mapping[str, Any]:
    """The JSON object that a client sends or publishes; `Denied` for one that two readers would read in two ways, as for all else."""
    check_size(octets, what)
    try:
        value = read_strictly(octets, what)
    except ValueError as error:
        raise _bad(str(error)) from None
    if not isinstance(value, dict):
        raise _bad(f"{what} is no JSON object")
    return value


def read_metadata(state: ProviderState, given: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata that count, with what was left out; members that nobody knows are ignored, as RFC 7591 section 2 wants.

    Raises `Denied` with an error of RFC 7591 section 3.2.2.
    """
    if "software_statement" in given:
        raise Denied("unapproved_software_statement", "no software statement is taken here")
    check_lengths(given, MEMBERS)
    for name, check in MEMBERS.items():
        if given.get(name) is not None and not check(given[name]):
            said = _SAID.get(name, "is not of the right type") if _is_shown(given[name]) else "has characters that can't be shown"
            raise _bad(f"{name} {said}")
    known = {name: given[name] for name in MEMBERS if given.get(name) is not None}
    if "response_types" in known:
        known["response_types"] = [spelled(one.split()) for one in known["response_types"]]
    keys = keys_of(state, known)
    _choose(state, known, keys)
    if "authorization_code" not in known["grant_types"] and "response_types" not in given:
        known["response_types"] = []
    _check_response_types(known)
    _check_redirects(known)
    _check_keys(known, keys)
    check_sector(state, known)
    _check_notification(known)
    hosts = {urlsplit(uri).hostname for uri in known.get("redirect_uris", [])}
    if known["subject_type"] == "pairwise" and len(hosts) > 1 and SECTOR not in known:
        raise _bad(f"the redirect URIs of a client with pairwise subjects have to be at one host, or in the array of a {SECTOR}")
    unknown = next((one for one in known.get("scope", "").split() if one not in state.scopes), None)
    if unknown is not None:
        raise _bad(f"the scope {unknown} does not exist here")
    return {**known, "scope": known.get("scope") or " ".join(state.scopes)}


def client_of(client_id: str, metadata: Mapping[str, Any], *, secret: str, keys: tuple[Jwk, ...]) -> Client:
    """The client that these metadata describe, with the keys that they hold or name."""
    grants, method = tuple(metadata["grant_types"]), metadata["token_endpoint_auth_method"]
    return Client(
        client_id,
        metadata.get("client_name", "") or client_id,
        secret,
        redirect_uris=tuple(metadata.get("redirect_uris", ())),
        post_logout_redirect_uris=tuple(metadata.get("post_logout_redirect_uris", ())),
        auth_methods=(method,),
        keys=keys,
        jwks_uri=metadata.get(KEYS, ""),
        sector_identifier_uri=metadata.get(SECTOR, ""),
        scopes=tuple(metadata["scope"].split()),
        grant_types=grants,
        response_types=tuple(metadata["response_types"]),
        subject_type=metadata["subject_type"],
        is_native=metadata.get("application_type") == "native" or method == "none",
        notification_endpoint=metadata.get(_NOTIFICATION_ENDPOINT, "") if metadata.get(_MODE) == "ping" else "",
        request_uris=tuple(metadata.get("request_uris", ())),
        always_gets_refresh_token="refresh_token" in grants,
        default_max_age=metadata.get("default_max_age"),
        default_acr_values=tuple(metadata.get("default_acr_values", ())),
        authorization_details_types=tuple(metadata.get("authorization_details_types", ())),
        access_token_format=metadata.get("access_token_format", ""),
        **{field: metadata[name] for name, field in _DEMANDS.items() if name in metadata},
        **{name: metadata[name] for name in FIELDS if name in metadata},
    )


def _choose(state: ProviderState, known: dict[str, Any], keys: tuple[Jwk, ...]) -> None:
    """Fill in what was left out, refuse what the provider does not offer."""
    offered = document(state)
    for name, (where, usual) in _CHOICES.items():
        if name not in known and usual is None:
            continue
        value = known.setdefault(name, usual)
        asked = value if isinstance(value, list) else [value]
        unknown = next((one for one in asked if one not in offered[where]), None)
        if unknown is not None:
            raise _bad(f"{name} {unknown} is not supported here")
    if known.get("application_type", "web") not in ("web", "native"):
        raise _bad("application_type is neither web nor native")
    check_algs(known, keys, offered=offered, has_secret=known["token_endpoint_auth_method"] in SECRET_METHODS)
    if known["token_endpoint_auth_method"] == "none" and "client_credentials" in known["grant_types"]:
        raise _bad("client_credentials is for clients that can prove who they are")


def _check_response_types(known: Mapping[str, Any]) -> None:
    """Source: OpenID Connect Dynamic Client Registration 1.0 section 2, `grant_types`."""
    words = {word for one in known["response_types"] for word in words_of(one)}
    if ("code" in words) != ("authorization_code" in known["grant_types"]):
        raise _bad("the response type code and the grant type authorization_code go together")
    if bool(words & {"id_token", "token"}) != ("implicit" in known["grant_types"]):
        raise _bad("response types with id_token or token and the grant type implicit go together")


def _check_redirects(known: Mapping[str, Any]) -> None:
    uris = known.get("redirect_uris", [])
    if not uris and {"authorization_code", "implicit"} & set(known["grant_types"]):
        raise Denied("invalid_redirect_uri", "a client to which the browser comes back needs a redirect URI")
    is_web = known.get("application_type", "web") == "web"
    if is_web and "implicit" in known["grant_types"] and (open_ := next((uri for uri in uris if not _is_elsewhere_by_tls(uri)), None)):
        # Source: OpenID Connect Dynamic Client Registration 1.0 section 2, `application_type`.
        reason = "has to be https and not localhost for a web client with the implicit grant; others have the application_type native"
        raise Denied("invalid_redirect_uri", f"{open_} {reason}")
    for uri in (*uris, *known.get("post_logout_redirect_uris", [])):
        if "*" in (split_url(uri).hostname or ""):
            raise Denied("invalid_redirect_uri", f"{uri} has a wildcard, which stands for nothing: redirect URIs are compared as they are")
        if has_user_info(uri):
            raise Denied("invalid_redirect_uri", f"{uri} has user info before its host, which makes it look like another")
        if not is_redirect_uri(uri):
            reason = "has to be https, http on this machine, or a private-use scheme with a period, without a fragment"
            raise Denied("invalid_redirect_uri", f"{uri} {reason}")


def _is_elsewhere_by_tls(uri: str) -> bool:
    parts = split_url(uri)
    return parts.scheme == "https" and parts.hostname != "localhost"


def is_redirect_uri(uri: str, *, takes_http: bool = False) -> bool:
    """Whether a browser may be sent back there; by plain http to this machine alone unless it `takes_http`.

    Source: RFC 6749 section 3.1.2 (no fragment); RFC 8252 section 7.1 (a private-use scheme has a period), section 7.3 (loopback).
    """
    scheme, colon, rest = uri.partition(":")
    # Source: RFC 3986 section 2: a URI is written in ASCII alone; what else a client means goes percent-encoded or as punycode.
    if not uri.isascii() or any(char in uri for char in "# \\") or not colon or not rest or not split_url(uri).scheme:
        return False
    if scheme in ("http", "https"):
        return is_http_url(uri) and (takes_http or scheme == "https" or is_loopback_host(urlsplit(uri).hostname or ""))
    return "." in scheme and scheme.replace(".", "").replace("-", "").replace("+", "").isalnum()


def _check_keys(known: Mapping[str, Any], keys: tuple[Jwk, ...]) -> None:
    if known["token_endpoint_auth_method"] == "private_key_jwt" and not keys:
        raise _bad("private_key_jwt needs the client's public keys, as jwks or jwks_uri")
    if known["token_endpoint_auth_method"] == "self_signed_tls_client_auth" and not any(map(certificate_of, keys)):
        raise _bad("self_signed_tls_client_auth needs the client's certificate, as x5c of a key in jwks")
    if known["token_endpoint_auth_method"] == "tls_client_auth":
        raise _bad("tls_client_auth is for clients whose certificate's name was agreed upon; none can be registered here")


def _check_notification(known: Mapping[str, Any]) -> None:
    """Source: OpenID Connect CIBA Core 1.0 section 4."""
    mode, endpoint = known.get(_MODE, "poll"), known.get(_NOTIFICATION_ENDPOINT, "")
    if mode not in ("poll", "ping"):
        raise _bad(f"{_MODE} {mode} is not supported here")
    if mode == "ping" and not is_notification_endpoint(endpoint):
        raise _bad(f"the mode ping needs {_NOTIFICATION_ENDPOINT}: https, or http on this machine")


def _bad(description: str) -> Denied:
    return Denied("invalid_client_metadata", description)
