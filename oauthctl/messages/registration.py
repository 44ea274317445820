"""Dynamic client registration: what a client says of itself, and what the server made of it.

Here: their parameters. Not here: the server's own metadata (`metadata`).
"""

from __future__ import annotations

from typing import ClassVar

from oauthctl.messages.param import Message, Param, anything, moment, text, texts, words
from oauthctl.specs import Section


class ClientMetadata(Message):
    """What a client says of itself. Source: RFC 7591 section 2, OpenID Connect Dynamic Client Registration 1.0 section 2."""

    title: ClassVar[str] = "client metadata"

    redirect_uris = Param(texts, Section("RFC 7591", "2"), "where answers may be sent")
    token_endpoint_auth_method = Param(text, Section("RFC 7591", "2"), "how the client proves who it is at the token endpoint")
    grant_types = Param(texts, Section("RFC 7591", "2"), "the grants that the client may use")
    response_types = Param(texts, Section("RFC 7591", "2"), "the response types that the client may ask for")
    client_name = Param(text, Section("RFC 7591", "2"), "the name that people see")
    client_uri = Param(text, Section("RFC 7591", "2"), "a page about the client")
    logo_uri = Param(text, Section("RFC 7591", "2"), "a picture of the client")
    scope = Param(words, Section("RFC 7591", "2"), "the scopes that the client may ask for")
    contacts = Param(texts, Section("RFC 7591", "2"), "who is responsible for the client")
    tos_uri = Param(text, Section("RFC 7591", "2"), "the terms of service")
    policy_uri = Param(text, Section("RFC 7591", "2"), "the privacy policy")
    jwks_uri = Param(text, Section("RFC 7591", "2"), "where the client's public keys are")
    jwks = Param(anything, Section("RFC 7591", "2"), "the client's public keys")
    software_id = Param(text, Section("RFC 7591", "2"), "the identifier of the software")
    software_version = Param(text, Section("RFC 7591", "2"), "the version of the software")
    software_statement = Param(text, Section("RFC 7591", "2.3"), "a signed JWT with metadata of the client", secret=True)
    application_type = Param(text, Section("OIDC Registration", "2"), "`web` or `native`")
    subject_type = Param(text, Section("OIDC Registration", "2"), "`pairwise` or `public` identifiers of people")
    id_token_signed_response_alg = Param(text, Section("OIDC Registration", "2"), "the algorithm that ID tokens are to be signed with")


class RegistrationRequest(ClientMetadata):
    """The wish to be known as a client. Source: RFC 7591 section 3.1."""

    title: ClassVar[str] = "registration request"


class RegistrationResponse(ClientMetadata):
    """The client as the server knows it now, or why it doesn't. Source: RFC 7591 section 3.2."""

    title: ClassVar[str] = "registration response"

    client_id = Param(text, Section("RFC 7591", "3.2.1"), "the identifier that the client got")
    client_secret = Param(text, Section("RFC 7591", "3.2.1"), "the password that the client got", secret=True)
    client_id_issued_at = Param(moment, Section("RFC 7591", "3.2.1"), "when the identifier was issued")
    client_secret_expires_at = Param(moment, Section("RFC 7591", "3.2.1"), "when the secret ends; 0 for never")
    registration_access_token = Param(text, Section("RFC 7592", "3"), "shown to change the registration later", secret=True)
    registration_client_uri = Param(text, Section("RFC 7592", "3"), "where the registration can be changed")
    error = Param(text, Section("RFC 7591", "3.2.2"), "why it was refused, a code")
    error_description = Param(text, Section("RFC 7591", "3.2.2"), "why it was refused, in words for the developer")
