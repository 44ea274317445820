"""The messages of the token, introspection and revocation endpoints.

Here: their parameters. Not here: reading an HTTP body (`answer`), proving who the client is (`client_auth`).
"""

from __future__ import annotations

from typing import ClassVar

from oauthctl.messages.param import Message, Param, anything, boolean, moment, number, string, text, texts, words, written
from oauthctl.specs import Section


class ClientCredentials(Message):
    """What a client says in a form to prove who it is. Source: RFC 6749 section 2.3."""

    title: ClassVar[str] = "client credentials"

    client_id = Param(text, Section("RFC 6749", "2.3.1"), "the client's identifier")
    client_secret = Param(text, Section("RFC 6749", "2.3.1"), "the client's password", secret=True)
    client_assertion_type = Param(text, Section("RFC 7521", "4.2"), "of what kind the client's assertion is")
    client_assertion = Param(text, Section("RFC 7521", "4.2"), "a JWT by which the client proves who it is", secret=True)


class TokenRequest(ClientCredentials):
    """What is sent to the token endpoint. Source: RFC 6749 section 4.1.3 and section 6."""

    title: ClassVar[str] = "token request"

    grant_type = Param(
        text, Section("RFC 6749", "4.1.3"), "what is traded for tokens: authorization_code, refresh_token, client_credentials …"
    )
    code = Param(text, Section("RFC 6749", "4.1.3"), "the authorization code; it works once", secret=True)
    redirect_uri = Param(text, Section("RFC 6749", "4.1.3"), "the very redirect URI of the authorization request")
    code_verifier = Param(text, Section("RFC 7636", "4.5"), "PKCE: the secret whose hash was the challenge", secret=True)
    refresh_token = Param(text, Section("RFC 6749", "6"), "the refresh token that is traded for a new access token", secret=True)
    scope = Param(words, Section("RFC 6749", "3.3"), "the scopes that are asked for")
    resource = Param(text, Section("RFC 8707", "2.2"), "the API for which the token is wanted")
    audience = Param(text, Section("RFC 8693", "2.1"), "the API's logical name")
    username = Param(text, Section("RFC 6749", "4.3.2"), "the person's name (password grant, no longer to be used)")
    password = Param(text, Section("RFC 6749", "4.3.2"), "the person's password (password grant, no longer to be used)", secret=True)
    assertion = Param(text, Section("RFC 7521", "4.1"), "the assertion that is traded for a token", secret=True)
    device_code = Param(text, Section("RFC 8628", "3.4"), "the device code that is polled for", secret=True)
    auth_req_id = Param(text, Section("OIDC CIBA", "10.1"), "the backchannel authentication that is polled for", secret=True)
    subject_token = Param(text, Section("RFC 8693", "2.1"), "the token on whose behalf is asked", secret=True)
    subject_token_type = Param(text, Section("RFC 8693", "2.1"), "of what kind the subject token is")
    actor_token = Param(text, Section("RFC 8693", "2.1"), "the token of the one who acts", secret=True)
    actor_token_type = Param(text, Section("RFC 8693", "2.1"), "of what kind the actor token is")
    requested_token_type = Param(text, Section("RFC 8693", "2.1"), "the kind of token that is wanted")
    authorization_details = Param(text, Section("RFC 9396", "6"), "JSON: what exactly the token is to allow")


class TokenResponse(Message):
    """What the token endpoint answers, be it tokens or an error. Source: RFC 6749 section 5."""

    title: ClassVar[str] = "token response"

    access_token = Param(string, Section("RFC 6749", "5.1"), "the access token, shown to the API", secret=True)
    token_type = Param(written, Section("RFC 6749", "7.1"), "how the access token is to be used: Bearer or DPoP")
    expires_in = Param(number, Section("RFC 6749", "5.1"), "seconds that the access token is good for")
    refresh_token = Param(text, Section("RFC 6749", "1.5"), "trades for a new access token without the person", secret=True)
    scope = Param(words, Section("RFC 6749", "5.1"), "the scopes that were granted, when they differ from those asked for")
    id_token = Param(text, Section("OIDC Core", "3.1.3.3"), "a JWT that says who signed in, made for the client", secret=True)
    refresh_token_expires_in = Param(number, Section("RFC 6749", "5.1"), "seconds that the refresh token is good for (not in the RFC)")
    issued_token_type = Param(written, Section("RFC 8693", "2.2.1"), "the kind of token that was issued")
    authorization_details = Param(anything, Section("RFC 9396", "7"), "what exactly the token allows")
    error = Param(text, Section("RFC 6749", "5.2"), "why it was refused, a code")
    error_description = Param(text, Section("RFC 6749", "5.2"), "why it was refused, in words for the developer")
    error_uri = Param(text, Section("RFC 6749", "5.2"), "a page about the error")


class IntrospectionRequest(ClientCredentials):
    """A question about a token. Source: RFC 7662 section 2.1."""

    title: ClassVar[str] = "introspection request"

    token = Param(text, Section("RFC 7662", "2.1"), "the token that is asked about", secret=True)
    token_type_hint = Param(text, Section("RFC 7662", "2.1"), "what kind of token it probably is")


class IntrospectionResponse(Message):
    """What the authorization server knows of a token. Source: RFC 7662 section 2.2."""

    title: ClassVar[str] = "introspection response"

    active = Param(boolean, Section("RFC 7662", "2.2"), "whether the token is good now")
    scope = Param(words, Section("RFC 7662", "2.2"), "what the token allows")
    client_id = Param(text, Section("RFC 7662", "2.2"), "the client to which it was issued")
    username = Param(text, Section("RFC 7662", "2.2"), "a name of the person for people to read")
    token_type = Param(text, Section("RFC 7662", "2.2"), "how the token is to be used")
    exp = Param(moment, Section("RFC 7662", "2.2"), "when it ends")
    iat = Param(moment, Section("RFC 7662", "2.2"), "when it was issued")
    nbf = Param(moment, Section("RFC 7662", "2.2"), "from when it is good")
    sub = Param(text, Section("RFC 7662", "2.2"), "whom it is about")
    aud = Param(texts, Section("RFC 7662", "2.2"), "for which API it is")
    iss = Param(text, Section("RFC 7662", "2.2"), "who issued it")
    jti = Param(text, Section("RFC 7662", "2.2"), "its identifier")
    acr = Param(text, Section("RFC 9470", "6.2"), "how strong the sign-in behind it was")
    auth_time = Param(moment, Section("RFC 9470", "6.2"), "when the person signed in")
    error = Param(text, Section("RFC 6749", "5.2"), "why the question was refused")
    error_description = Param(text, Section("RFC 6749", "5.2"), "why the question was refused, in words")


class RevocationRequest(ClientCredentials):
    """The wish that a token be worthless from now on. Source: RFC 7009 section 2.1."""

    title: ClassVar[str] = "revocation request"

    token = Param(text, Section("RFC 7009", "2.1"), "the token that is to be revoked", secret=True)
    token_type_hint = Param(text, Section("RFC 7009", "2.1"), "what kind of token it probably is")
