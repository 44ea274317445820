"""The authorization request and its answer, the two messages that pass through the browser.

Here: their parameters. Not here: PKCE (`flows.pkce`), judging an answer (`flows.authorization_code`).
"""

from __future__ import annotations

from typing import ClassVar

from oauthctl.messages.param import Message, Param, number, string, text, words
from oauthctl.messages.token import ClientCredentials
from oauthctl.specs import Section


class AuthorizationRequest(Message):
    """What the browser takes to the authorization endpoint. Source: RFC 6749 section 4.1.1."""

    title: ClassVar[str] = "authorization request"

    response_type = Param(words, Section("RFC 6749", "3.1.1"), "what the client wants back: `code` for the authorization code flow")
    client_id = Param(text, Section("RFC 6749", "2.2"), "the client's identifier, given at registration; not a secret")
    redirect_uri = Param(text, Section("RFC 6749", "3.1.2"), "where the answer is sent; must be one that the client registered")
    scope = Param(words, Section("RFC 6749", "3.3"), "the access that is asked for, space-separated")
    state = Param(text, Section("RFC 6749", "4.1.1"), "opaque value, returned unchanged; ties the answer to this request")
    response_mode = Param(text, Section("OAuth Multiple Response Types", "2.1"), "how the answer travels: query, fragment or form_post")
    code_challenge = Param(text, Section("RFC 7636", "4.2"), "PKCE: the verifier's hash; only who knows the verifier can redeem the code")
    code_challenge_method = Param(text, Section("RFC 7636", "4.3"), "PKCE: how the challenge was made, `S256` or `plain`")
    nonce = Param(text, Section("OIDC Core", "3.1.2.1"), "random value that comes back inside the ID token; stops its replay")
    prompt = Param(words, Section("OIDC Core", "3.1.2.1"), "whether to ask the person: none, login, consent, select_account")
    display = Param(text, Section("OIDC Core", "3.1.2.1"), "how the sign-in page is shown: page, popup, touch, wap")
    max_age = Param(number, Section("OIDC Core", "3.1.2.1"), "seconds since the last sign-in after which the person must sign in again")
    ui_locales = Param(words, Section("OIDC Core", "3.1.2.1"), "the languages that the person prefers, in order")
    claims_locales = Param(words, Section("OIDC Core", "5.2"), "the languages in which claims are wanted")
    id_token_hint = Param(text, Section("OIDC Core", "3.1.2.1"), "an earlier ID token that names the person", secret=True)
    login_hint = Param(text, Section("OIDC Core", "3.1.2.1"), "whom to sign in: an address or a user name")
    acr_values = Param(words, Section("OIDC Core", "3.1.2.1"), "the ways of authentication that are wanted, in order")
    claims = Param(text, Section("OIDC Core", "5.5"), "JSON: single claims that are wanted in the ID token or from userinfo")
    resource = Param(text, Section("RFC 8707", "2"), "the API for which the token is wanted, an absolute URI")
    audience = Param(text, Section("RFC 8693", "2.1"), "the API's logical name; Auth0 and others take it here too")
    authorization_details = Param(text, Section("RFC 9396", "2"), "JSON: what exactly is to be allowed, in more detail than scopes")
    request = Param(text, Section("RFC 9101", "4"), "the request as a signed JWT", secret=True)
    request_uri = Param(text, Section("RFC 9101", "4"), "a reference to the request, such as PAR gives")
    registration = Param(text, Section("OIDC Core", "7.2.1"), "JSON: metadata of a self-issued client")
    dpop_jkt = Param(text, Section("RFC 9449", "10"), "the thumbprint of the DPoP key to which the code is bound")
    access_type = Param(text, Section("RFC 6749", "8.2"), "Google: `offline` asks for a refresh token")
    allow_signup = Param(text, Section("RFC 6749", "8.2"), "GitHub: whether the page offers to make an account")


class AuthorizationResponse(Message):
    """What comes back to the redirect URI. Source: RFC 6749 section 4.1.2."""

    title: ClassVar[str] = "authorization response"

    code = Param(text, Section("RFC 6749", "4.1.2"), "the authorization code: short-lived, works once", secret=True)
    state = Param(text, Section("RFC 6749", "4.1.2"), "the request's state, returned unchanged")
    iss = Param(text, Section("RFC 9207", "2"), "the issuer that answered; stops the mixing up of servers")
    error = Param(text, Section("RFC 6749", "4.1.2.1"), "why it was refused, a code")
    error_description = Param(text, Section("RFC 6749", "4.1.2.1"), "why it was refused, in words for the developer")
    error_uri = Param(text, Section("RFC 6749", "4.1.2.1"), "a page about the error")
    session_state = Param(text, Section("OIDC Session", "2"), "the state of the person's session at the provider")
    response = Param(text, Section("OAuth JARM", "2.1"), "the whole answer as a JWT (JARM)", secret=True)
    id_token = Param(text, Section("OIDC Core", "3.3.2.5"), "implicit, hybrid: the ID token that came by the browser", secret=True)
    access_token = Param(text, Section("RFC 6749", "4.2.2"), "implicit, hybrid: the access token that came by the browser", secret=True)
    token_type = Param(text, Section("RFC 6749", "7.1"), "how the access token is to be used")
    expires_in = Param(number, Section("RFC 6749", "4.2.2"), "seconds that the access token is good for")
    scope = Param(words, Section("RFC 6749", "3.3"), "the scopes that were granted")


class PushedAuthorizationRequest(AuthorizationRequest, ClientCredentials):
    """An authorization request that goes to the server first, past the browser. Source: RFC 9126 section 2.1."""

    title: ClassVar[str] = "pushed authorization request"


class PushedAuthorizationResponse(Message):
    """The reference under which the request is kept. Source: RFC 9126 section 2.2."""

    title: ClassVar[str] = "pushed authorization response"

    request_uri = Param(string, Section("RFC 9126", "2.2"), "what the browser takes along instead of the request; works once")
    expires_in = Param(number, Section("RFC 9126", "2.2"), "seconds that the reference is good for")
    error = Param(text, Section("RFC 9126", "2.3"), "why it was refused, a code")
    error_description = Param(text, Section("RFC 9126", "2.3"), "why it was refused, in words for the developer")


class LogoutRequest(Message):
    """What the browser takes to the end-session endpoint. Source: OpenID Connect RP-Initiated Logout 1.0 section 2."""

    title: ClassVar[str] = "logout request"

    id_token_hint = Param(text, Section("OIDC RP-Initiated Logout", "2"), "the ID token of the session that is to end", secret=True)
    logout_hint = Param(text, Section("OIDC RP-Initiated Logout", "2"), "who is to be signed out")
    client_id = Param(text, Section("OIDC RP-Initiated Logout", "2"), "the client that asks")
    post_logout_redirect_uri = Param(text, Section("OIDC RP-Initiated Logout", "2"), "where to go afterwards; must be registered")
    state = Param(text, Section("OIDC RP-Initiated Logout", "2"), "opaque value, returned unchanged")
    ui_locales = Param(words, Section("OIDC RP-Initiated Logout", "2"), "the languages that the person prefers")


class UnknownMessage(Message):
    """A message of no known kind: all its parameters are unknown."""

    title: ClassVar[str] = "message"
