"""What an authorization server and a protected resource publish about themselves.

Here: the members, and where the documents lie. Not here: fetching (`flows.discovery`).
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlunsplit

from oauthctl.http import split_url
from oauthctl.messages.param import Message, Param, anything, boolean, text, texts
from oauthctl.specs import Section

_AS = Section("RFC 8414", "2")
_CIBA = Section("OIDC CIBA", "4")
_OP = Section("OIDC Discovery", "3")


class ProviderMetadata(Message):
    """The metadata of an authorization server or OpenID provider. Source: RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3."""

    title: ClassVar[str] = "provider metadata"

    issuer = Param(text, _AS, "the server's identifier; tokens and answers carry the very same string")
    authorization_endpoint = Param(text, _AS, "where the browser goes to sign in")
    token_endpoint = Param(text, _AS, "where codes and refresh tokens are traded for tokens")
    userinfo_endpoint = Param(text, _OP, "where claims about the person are fetched")
    jwks_uri = Param(text, _AS, "the server's public keys")
    registration_endpoint = Param(text, _AS, "where clients register themselves")
    introspection_endpoint = Param(text, _AS, "where an API asks whether a token is good")
    revocation_endpoint = Param(text, _AS, "where tokens are made worthless")
    end_session_endpoint = Param(text, Section("OIDC RP-Initiated Logout", "2.1"), "where the browser goes to sign out")
    device_authorization_endpoint = Param(text, Section("RFC 8628", "4"), "where a device asks for its code")
    pushed_authorization_request_endpoint = Param(text, Section("RFC 9126", "5"), "where an authorization request is left beforehand")
    backchannel_authentication_endpoint = Param(text, _AS, "where CIBA begins")
    backchannel_token_delivery_modes_supported = Param(texts, _CIBA, "how CIBA's tokens reach the client: poll, ping or push")
    backchannel_authentication_request_signing_alg_values_supported = Param(texts, _CIBA, "algorithms of signed CIBA requests")
    backchannel_user_code_parameter_supported = Param(boolean, _CIBA, "whether CIBA takes a code that only the person knows")
    client_id_metadata_document_supported = Param(
        boolean, Section("OAuth CIMD", "Authorization Server Metadata"), "whether a client may be known by the URL of its metadata"
    )
    check_session_iframe = Param(text, Section("OIDC Session", "3.3"), "a page that watches the session's state")
    scopes_supported = Param(texts, _AS, "scopes that can be asked for; not always all")
    response_types_supported = Param(texts, _AS, "the response types that work")
    response_modes_supported = Param(texts, _AS, "the ways in which answers travel; query and fragment when absent")
    grant_types_supported = Param(texts, _AS, "what can be traded for tokens; authorization_code and implicit when absent")
    token_endpoint_auth_methods_supported = Param(texts, _AS, "how clients may prove who they are; client_secret_basic when absent")
    token_endpoint_auth_signing_alg_values_supported = Param(texts, _AS, "algorithms of client assertions")
    code_challenge_methods_supported = Param(texts, _AS, "PKCE methods; PKCE is not announced when absent")
    id_token_signing_alg_values_supported = Param(texts, _OP, "algorithms that sign ID tokens")
    id_token_encryption_alg_values_supported = Param(texts, _OP, "algorithms that encrypt the key of an ID token")
    id_token_encryption_enc_values_supported = Param(texts, _OP, "algorithms that encrypt an ID token")
    userinfo_signing_alg_values_supported = Param(texts, _OP, "algorithms that sign userinfo")
    userinfo_encryption_alg_values_supported = Param(texts, _OP, "algorithms that encrypt the key of userinfo")
    userinfo_encryption_enc_values_supported = Param(texts, _OP, "algorithms that encrypt userinfo")
    request_object_signing_alg_values_supported = Param(texts, _OP, "algorithms of signed requests")
    request_object_encryption_alg_values_supported = Param(texts, _OP, "algorithms that encrypt the key of a request object")
    request_object_encryption_enc_values_supported = Param(texts, _OP, "algorithms that encrypt request objects")
    subject_types_supported = Param(texts, _OP, "whether `sub` is the same for all clients (public) or not (pairwise)")
    claims_supported = Param(texts, _OP, "claims that can be had")
    claim_types_supported = Param(texts, _OP, "kinds of claims")
    claims_parameter_supported = Param(boolean, _OP, "whether single claims can be asked for")
    request_parameter_supported = Param(boolean, _OP, "whether the request may be a JWT")
    request_uri_parameter_supported = Param(boolean, _OP, "whether the request may be a reference")
    require_request_uri_registration = Param(boolean, _OP, "whether such references must be registered")
    acr_values_supported = Param(texts, _OP, "ways of authentication that can be asked for")
    prompt_values_supported = Param(texts, Section("OIDC Prompt Create", "4.2"), "values of `prompt` that work")
    display_values_supported = Param(texts, _OP, "ways of showing the page")
    ui_locales_supported = Param(texts, _AS, "languages of the pages")
    claims_locales_supported = Param(texts, _OP, "languages of claims")
    service_documentation = Param(text, _AS, "a page for developers")
    op_policy_uri = Param(text, _AS, "a page on what may be done with the data")
    op_tos_uri = Param(text, _AS, "the terms of service")
    revocation_endpoint_auth_methods_supported = Param(texts, _AS, "how clients prove who they are when they revoke")
    revocation_endpoint_auth_signing_alg_values_supported = Param(texts, _AS, "algorithms of client assertions there")
    introspection_endpoint_auth_methods_supported = Param(texts, _AS, "how an API proves who it is when it asks")
    introspection_endpoint_auth_signing_alg_values_supported = Param(texts, _AS, "algorithms of client assertions there")
    signed_metadata = Param(text, _AS, "the metadata as a signed JWT")
    authorization_response_iss_parameter_supported = Param(boolean, Section("RFC 9207", "3"), "whether answers carry `iss`")
    require_pushed_authorization_requests = Param(boolean, Section("RFC 9126", "5"), "whether PAR is a must")
    require_signed_request_object = Param(boolean, Section("RFC 9101", "10.5"), "whether signed requests are a must")
    authorization_grant_profiles_supported = Param(
        texts, Section("OAuth ID-JAG", "Resource Authorization Server Metadata"), "kinds of assertions that are redeemed, such as ID-JAGs"
    )
    identity_chaining_requested_token_types_supported = Param(
        texts,
        Section("OAuth Identity Chaining", "Authorization Server Metadata"),
        "types of assertions for other servers that an exchange gives",
    )
    dpop_signing_alg_values_supported = Param(texts, Section("RFC 9449", "5.1"), "algorithms of DPoP proofs")
    tls_client_certificate_bound_access_tokens = Param(boolean, Section("RFC 8705", "3.3"), "whether tokens are bound to certificates")
    mtls_endpoint_aliases = Param(anything, Section("RFC 8705", "5"), "endpoints that ask for a client certificate")
    authorization_signing_alg_values_supported = Param(texts, Section("OAuth JARM", "3"), "algorithms that sign answers in a JWT")
    authorization_encryption_alg_values_supported = Param(texts, Section("OAuth JARM", "3"), "algorithms that encrypt such an answer's key")
    authorization_encryption_enc_values_supported = Param(texts, Section("OAuth JARM", "3"), "algorithms that encrypt such answers")
    introspection_signing_alg_values_supported = Param(texts, Section("RFC 9701", "7"), "algorithms that sign introspection answers")
    introspection_encryption_alg_values_supported = Param(
        texts, Section("RFC 9701", "7"), "algorithms that encrypt the key of such answers"
    )
    introspection_encryption_enc_values_supported = Param(texts, Section("RFC 9701", "7"), "algorithms that encrypt introspection answers")
    authorization_details_types_supported = Param(texts, Section("RFC 9396", "10"), "types of authorization_details")
    protected_resources = Param(texts, Section("RFC 9728", "4"), "APIs for which this server issues tokens")
    frontchannel_logout_supported = Param(boolean, Section("OIDC Front-Channel Logout", "3"), "whether sign-out is told by the browser")
    frontchannel_logout_session_supported = Param(boolean, Section("OIDC Front-Channel Logout", "3"), "whether it names the session")
    backchannel_logout_supported = Param(
        boolean, Section("OIDC Back-Channel Logout", "2.1"), "whether sign-out is told from server to server"
    )
    backchannel_logout_session_supported = Param(boolean, Section("OIDC Back-Channel Logout", "2.1"), "whether it names the session")


class ResourceMetadata(Message):
    """What an API publishes about itself. Source: RFC 9728 section 2."""

    title: ClassVar[str] = "protected resource metadata"

    resource = Param(text, Section("RFC 9728", "2"), "the API's identifier")
    authorization_servers = Param(texts, Section("RFC 9728", "2"), "issuers whose tokens it takes")
    jwks_uri = Param(text, Section("RFC 9728", "2"), "the API's own public keys")
    scopes_supported = Param(texts, Section("RFC 9728", "2"), "scopes that it knows")
    bearer_methods_supported = Param(texts, Section("RFC 9728", "2"), "where a token may stand: header, body, query")
    resource_signing_alg_values_supported = Param(texts, Section("RFC 9728", "2"), "algorithms of signed answers")
    resource_name = Param(text, Section("RFC 9728", "2"), "a name for people to read")
    resource_documentation = Param(text, Section("RFC 9728", "2"), "a page for developers")
    resource_policy_uri = Param(text, Section("RFC 9728", "2"), "a page on what may be done with the data")
    resource_tos_uri = Param(text, Section("RFC 9728", "2"), "the terms of service")


OAUTH_DOCUMENT = "oauth-authorization-server"
OIDC_DOCUMENT = "openid-configuration"
RESOURCE_DOCUMENT = "oauth-protected-resource"


def metadata_urls(issuer: str) -> tuple[str, ...]:
    """Where the metadata of an issuer may lie, in the order of asking.

    Source: RFC 8414 section 3.1 inserts the well-known part between host and path, and section 5 allows the same with OpenID's name;
    OpenID Connect Discovery 1.0 section 4 appends it to the path.
    """
    inserted = (_inserted(issuer, OAUTH_DOCUMENT), _inserted(issuer, OIDC_DOCUMENT))
    parts = split_url(issuer)
    appended = urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/.well-known/{OIDC_DOCUMENT}", parts.query, ""))
    return tuple(dict.fromkeys((*inserted, appended)))


def resource_metadata_url(resource: str) -> str:
    """Where the metadata of an API lies. Source: RFC 9728 section 3.1."""
    return _inserted(resource, RESOURCE_DOCUMENT)


def issuer_of_url(url: str) -> str:
    """The issuer to which a metadata URL belongs: the URL without its well-known part; the URL itself when it has none."""
    parts = split_url(url)
    for name in (OAUTH_DOCUMENT, OIDC_DOCUMENT):
        before, found, after = parts.path.partition(f"/.well-known/{name}")
        if found and after[:1] in ("", "/"):
            return urlunsplit((parts.scheme, parts.netloc, before + after, "", ""))
    return url


def _inserted(identifier: str, name: str) -> str:
    parts = split_url(identifier)
    # "any terminating "/" MUST be removed" before the insertion (RFC 8414 section 3.1).
    return urlunsplit((parts.scheme, parts.netloc, f"/.well-known/{name}{parts.path.rstrip('/')}", parts.query, ""))
