"""The error codes of OpenID Connect and of OAuth's extensions.

Here: data. Not here: the codes of OAuth itself (`error_codes_core`), looking one up (`error_codes`).
"""

from __future__ import annotations

from oauthctl.messages.error_code import API, AUTHORIZATION, CIBA, DEVICE, REGISTRATION, REVOCATION, TOKEN, ErrorCode
from oauthctl.specs import Section

_POLLING = Section("RFC 8628", "3.5")
_OIDC = Section("OIDC Core", "3.1.2.6")
_REGISTERING = Section("RFC 7591", "3.2.2")
_CIBA = Section("OIDC CIBA", "13")

_SILENT = "it happens when `prompt=none` forbids the provider to show a page"

_ATTESTING = Section("OAuth Client Attestation")

EXTENSION_CODES: tuple[ErrorCode, ...] = (
    ErrorCode(
        "use_attestation_challenge",
        TOKEN,
        _ATTESTING,
        "the proof of the client attestation must hold the server's challenge",
        ("the proof has no `challenge`", "its challenge is too old"),
        "send a new proof with the value of the answer's `OAuth-Client-Attestation-Challenge` header",
    ),
    ErrorCode(
        "use_fresh_attestation",
        TOKEN,
        _ATTESTING,
        "the server wants an attestation that was made more recently",
        ("the attestation is old, though not expired",),
        "get a new attestation from the attester",
    ),
    ErrorCode(
        "invalid_client_attestation",
        TOKEN,
        _ATTESTING,
        "the client attestation or its proof is not accepted",
        ("the attester is not trusted", "the proof is made with another key, for another server, or used before"),
        "compare `cnf`, `aud` and the attester with what the server expects",
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
