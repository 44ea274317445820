"""The error codes of OAuth itself: RFC 6749 and RFC 6750.

Here: data. Not here: the codes of OpenID Connect and of extensions (`error_codes_extensions`), looking one up (`error_codes`).
"""

from __future__ import annotations

from oauthctl.messages.error_code import API, AUTHORIZATION, TOKEN, ErrorCode
from oauthctl.specs import Section

_REQUEST = Section("RFC 6749", "4.1.2.1")
_ANSWER = Section("RFC 6749", "5.2")
_BEARER = Section("RFC 6750", "3.1")

CORE_CODES: tuple[ErrorCode, ...] = (
    ErrorCode(
        "invalid_request",
        AUTHORIZATION,
        _REQUEST,
        "the authorization request is malformed",
        ("a parameter is missing (often `code_challenge`, where PKCE is required)", "a parameter is there twice", "a value is not allowed"),
        "read `error_description`; look at the request with `oauthctl trace show`",
    ),
    ErrorCode(
        "unauthorized_client",
        AUTHORIZATION,
        _REQUEST,
        "this client may not use this way of getting a code",
        ("the code flow is not switched on for the client", "the client is registered as another type, such as machine-to-machine"),
        "allow the grant or response type in the client's registration",
    ),
    ErrorCode(
        "access_denied",
        AUTHORIZATION,
        _REQUEST,
        "the person or the server said no",
        (
            "the person pressed Cancel or Deny",
            "a policy forbids it: the person is not assigned to the app, or an administrator must consent first",
        ),
        "try again with an account that may; ask the provider's administrator about assignments and consent",
    ),
    ErrorCode(
        "unsupported_response_type",
        AUTHORIZATION,
        _REQUEST,
        "the server does not know this `response_type`",
        ("implicit or hybrid flow is switched off", "a misspelling"),
        "use `response_type=code`; see `response_types_supported` with `oauthctl discover`",
    ),
    ErrorCode(
        "invalid_scope",
        AUTHORIZATION,
        _REQUEST,
        "a scope is unknown, malformed or not allowed for this client",
        ("a scope is misspelt or belongs to another API", "the client was not given this scope", "scopes were parted by commas"),
        "ask for fewer scopes and add them one by one; see `scopes_supported` with `oauthctl discover`",
    ),
    ErrorCode(
        "server_error",
        AUTHORIZATION,
        _REQUEST,
        "the server met a condition that it did not expect (a status 500 that can travel by redirect)",
        ("a bug or a wrong setting at the provider", "a hook or a custom rule of the provider failed"),
        "try again; then look into the provider's log at this time",
    ),
    ErrorCode(
        "temporarily_unavailable",
        AUTHORIZATION,
        _REQUEST,
        "the server is overloaded or under maintenance (a status 503 that can travel by redirect)",
        ("too many requests", "maintenance"),
        "try again later",
    ),
    ErrorCode(
        "invalid_request",
        TOKEN,
        _ANSWER,
        "the token request is malformed",
        (
            "a parameter is missing, such as `redirect_uri` or `code_verifier`",
            "the body is JSON where a form is due",
            "the client proved who it is in two ways at once (header and body)",
        ),
        "look at the request with `oauthctl trace show`; send a form, and the credentials in one place",
    ),
    ErrorCode(
        "invalid_client",
        TOKEN,
        _ANSWER,
        "the server could not tell who the client is, or does not believe it",
        (
            "the secret is wrong, expired, or was replaced",
            "the secret was sent in the other way (`client_secret_basic`, `client_secret_post`)",
            "the secret has special characters and was not form-urlencoded before Basic",
            "the client is public and sent a secret, or is confidential and sent none",
            "the client is unknown to this server (another tenant or environment)",
        ),
        "try the other method with `--client-auth`; compare the client identifier and the secret with the registration",
    ),
    ErrorCode(
        "invalid_grant",
        TOKEN,
        _ANSWER,
        "the code, refresh token or other grant is wrong, expired, used, revoked, or was issued to another client",
        (
            "the code was redeemed before: it works once, and double submits and browser prefetch use it up",
            "the code is too old (often after 30 to 600 seconds)",
            "`redirect_uri` differs from that of the authorization request, be it by a slash",
            "`code_verifier` does not fit the `code_challenge`",
            "the refresh token was rotated, has expired, or was revoked by a sign-out or a new password",
        ),
        "sign in again with `oauthctl login`; compare both requests with `oauthctl trace show`",
    ),
    ErrorCode(
        "unauthorized_client",
        TOKEN,
        _ANSWER,
        "the client was recognised and may not use this grant type",
        ("the grant type is not switched on for the client",),
        "allow the grant type in the client's registration",
    ),
    ErrorCode(
        "unsupported_grant_type",
        TOKEN,
        _ANSWER,
        "the server does not know this `grant_type`",
        ("a misspelling", "the grant is switched off", "the body was not read: its type is not application/x-www-form-urlencoded"),
        "see `grant_types_supported` with `oauthctl discover`; send a form",
    ),
    ErrorCode(
        "invalid_scope",
        TOKEN,
        _ANSWER,
        "a scope is unknown or goes beyond what was granted",
        ("a refresh asks for more than the first grant", "the client was not given this scope"),
        "leave `scope` out of a refresh; sign in again to get more",
    ),
    ErrorCode(
        "invalid_request",
        API,
        _BEARER,
        "the request to the API is malformed; status 400",
        ("the token was sent in two places", "a parameter is missing"),
        "send the token once, in `Authorization: Bearer`",
    ),
    ErrorCode(
        "invalid_token",
        API,
        _BEARER,
        "the access token is expired, revoked, malformed or not meant for this API; status 401",
        (
            "it has expired",
            "`aud` names another API, or `iss` another server than the API trusts",
            "an ID token was sent where an access token is due",
            "the API has old keys, or its clock is wrong",
        ),
        "look at it with `oauthctl decode`, check it with `oauthctl verify`, get a new one with `oauthctl refresh`",
    ),
    ErrorCode(
        "insufficient_scope",
        API,
        _BEARER,
        "the token is good and does not allow this; status 403",
        ("the scope was not asked for or not granted",),
        "sign in again with the scope that the answer names",
    ),
)
