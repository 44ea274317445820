"""The registered error codes: who sends each one, what it means there, what usually causes it, what to do.

Here: the `error` values of OAuth, OpenID Connect and their extensions. Not here: which of the causes a recording shows (`rules`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.specs import Section

AUTHORIZATION = "the authorization endpoint, in the callback"
TOKEN = "the token endpoint"
API = "the API, in `WWW-Authenticate`"
REGISTRATION = "the registration endpoint"
REVOCATION = "the revocation endpoint"
DEVICE = "the token endpoint, to a device that polls"
CIBA = "the backchannel authentication endpoint"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code as one sender uses it; the usual causes with the most likely first."""

    code: str
    sender: str
    section: Section
    meaning: str
    causes: tuple[str, ...]
    help: str


_REQUEST = Section("RFC 6749", "4.1.2.1")
_ANSWER = Section("RFC 6749", "5.2")
_BEARER = Section("RFC 6750", "3.1")
_POLLING = Section("RFC 8628", "3.5")
_OIDC = Section("OIDC Core", "3.1.2.6")
_REGISTERING = Section("RFC 7591", "3.2.2")
_CIBA = Section("OIDC CIBA", "13")

_SILENT = "it happens when `prompt=none` forbids the provider to show a page"

ERROR_CODES: tuple[ErrorCode, ...] = (
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
    ErrorCode(
        "insufficient_user_authentication",
        API,
        Section("RFC 9470", "3"),
        "the sign-in was too weak or too long ago for this request",
        ("the API wants another `acr`, such as a second factor", "`auth_time` is older than the API's `max_age`"),
        "sign in again with the `acr_values` and `max_age` that the answer names",
    ),
    ErrorCode(
        "login_required",
        AUTHORIZATION,
        _OIDC,
        f"the person must sign in; {_SILENT}",
        ("there is no session at the provider", "the browser keeps third-party cookies back (an iframe that renews silently)"),
        "leave `prompt=none` out; use a refresh token instead of an iframe",
    ),
    ErrorCode(
        "interaction_required",
        AUTHORIZATION,
        _OIDC,
        f"the person must do something; {_SILENT}",
        ("a second factor, new terms or a password change is due",),
        "leave `prompt=none` out",
    ),
    ErrorCode(
        "account_selection_required",
        AUTHORIZATION,
        _OIDC,
        f"the person must choose an account; {_SILENT}",
        ("several accounts are signed in",),
        "send `login_hint` or `id_token_hint`, or leave `prompt=none` out",
    ),
    ErrorCode(
        "consent_required",
        AUTHORIZATION,
        _OIDC,
        f"the person must consent; {_SILENT}",
        ("a new scope is asked for", "an administrator's consent is missing"),
        "leave `prompt=none` out, or consent once beforehand",
    ),
    ErrorCode(
        "invalid_request_uri",
        AUTHORIZATION,
        _OIDC,
        "`request_uri` gave an error or unusable data",
        ("the reference of a pushed request has expired or was used", "the server can't fetch the URL"),
        "push the request again and use its reference at once",
    ),
    ErrorCode(
        "invalid_request_object",
        AUTHORIZATION,
        _OIDC,
        "the signed request is not usable",
        ("the signature or its algorithm does not fit the registered key", "`aud`, `iss` or `exp` is wrong"),
        "look at the request with `oauthctl decode`",
    ),
    ErrorCode(
        "request_not_supported", AUTHORIZATION, _OIDC, "the server does not take signed requests", ("`request` was sent",), "leave it out"
    ),
    ErrorCode(
        "request_uri_not_supported",
        AUTHORIZATION,
        _OIDC,
        "the server does not take requests by reference",
        ("`request_uri` was sent",),
        "leave it out",
    ),
    ErrorCode(
        "registration_not_supported",
        AUTHORIZATION,
        _OIDC,
        "the server does not take client metadata in the request",
        ("`registration` was sent",),
        "leave it out; register the client beforehand",
    ),
    ErrorCode(
        "unmet_authentication_requirements",
        AUTHORIZATION,
        Section("OIDC Unmet Requirements", "2"),
        "the provider can't sign the person in as the request demands",
        ("an essential `acr` can't be reached by this person",),
        "ask for another `acr`, or as a wish and not as essential",
    ),
    ErrorCode(
        "invalid_target",
        f"{AUTHORIZATION}, and {TOKEN}",
        Section("RFC 8707", "2"),
        "the API that `resource` names is unknown, malformed or not allowed",
        ("`resource` is no absolute URI or has a fragment", "the API is not registered at this server"),
        "use the API's identifier exactly as its metadata spells it (RFC 9728)",
    ),
    ErrorCode(
        "invalid_authorization_details",
        f"{AUTHORIZATION}, and {TOKEN}",
        Section("RFC 9396", "5"),
        "`authorization_details` is malformed, or of an unknown type, or not allowed",
        ("it is no JSON array of objects with `type`", "the type is not one of `authorization_details_types_supported`"),
        "check the JSON against the API's documentation of its types",
    ),
    ErrorCode(
        "invalid_dpop_proof",
        f"{TOKEN}, and {API}",
        Section("RFC 9449", "5"),
        "the DPoP proof does not hold",
        (
            "`htu` or `htm` is not that of the request (a proxy changes the URL)",
            "`iat` is too old or in the future: the clock is wrong",
            "the proof was used before",
            "it is signed with another key than the one the token is bound to",
        ),
        "make a new proof for each request; look at it with `oauthctl decode`",
    ),
    ErrorCode(
        "use_dpop_nonce",
        f"{TOKEN}, and {API}",
        Section("RFC 9449", "8"),
        "the server wants its own nonce in the DPoP proof; it stands in the header `DPoP-Nonce`",
        ("the first request never has it", "the nonce is old"),
        "send the request again with a proof that carries the nonce",
    ),
    ErrorCode(
        "authorization_pending", DEVICE, _POLLING, "the person has not finished yet", ("this is normal",), "go on polling at the interval"
    ),
    ErrorCode(
        "slow_down",
        DEVICE,
        _POLLING,
        "the device polls too often",
        ("the interval is not kept", "two processes poll"),
        "add 5 seconds to the interval, for this and all later requests",
    ),
    ErrorCode("access_denied", DEVICE, _POLLING, "the person said no", ("the person pressed Cancel or Deny",), "start again"),
    ErrorCode(
        "expired_token",
        DEVICE,
        _POLLING,
        "the device code is too old",
        ("the person took longer than `expires_in`",),
        "ask for a new device code",
    ),
    ErrorCode(
        "unsupported_token_type",
        REVOCATION,
        Section("RFC 7009", "2.2.1"),
        "the server can't revoke tokens of this kind",
        ("access tokens are JWTs that nobody can take back",),
        "revoke the refresh token; let the access token expire",
    ),
    ErrorCode(
        "invalid_redirect_uri",
        REGISTRATION,
        _REGISTERING,
        "a redirect URI of the client is not allowed",
        ("http off loopback, a fragment, or a wildcard",),
        "register exact https URIs, or loopback ones for a native app",
    ),
    ErrorCode(
        "invalid_client_metadata",
        REGISTRATION,
        _REGISTERING,
        "a member of the client's metadata is not allowed",
        ("members contradict each other (`grant_types`, `response_types`)", "a value is not supported"),
        "read `error_description`; compare with the server's metadata",
    ),
    ErrorCode(
        "invalid_software_statement",
        REGISTRATION,
        _REGISTERING,
        "the software statement is not usable",
        ("its signature does not hold",),
        "get a new one",
    ),
    ErrorCode(
        "unapproved_software_statement",
        REGISTRATION,
        _REGISTERING,
        "the server does not accept this software statement",
        ("its issuer is not trusted",),
        "ask which issuers are",
    ),
    ErrorCode("unknown_user_id", CIBA, _CIBA, "the hint names nobody", ("`login_hint` is misspelt",), "use an identifier that it knows"),
    ErrorCode(
        "missing_user_code", CIBA, _CIBA, "the person's code is missing", ("the provider wants `user_code`",), "ask the person for it"
    ),
    ErrorCode("invalid_user_code", CIBA, _CIBA, "the person's code is wrong", ("a typing error",), "ask the person for it again"),
    ErrorCode(
        "invalid_binding_message",
        CIBA,
        _CIBA,
        "the message can't be shown",
        ("it is too long, or has signs that a phone can't show",),
        "shorten it",
    ),
    ErrorCode("expired_login_hint_token", CIBA, _CIBA, "the token that names the person is too old", ("it has expired",), "get a new one"),
)
"""In the order of the endpoints that a login meets."""


def error_codes(code: str) -> tuple[ErrorCode, ...]:
    """What the code means, once for each sender; empty when it is not registered."""
    return tuple(one for one in ERROR_CODES if one.code == code)
