"""What a refusal may be due to, as far as the evidence leaves it open.

Here: suspects for requests of the browser, for calls and for answers whose request nobody saw, in the order of their likelihood. Not
here: token requests (`token_suspects`), rules (`refusal`).
"""

from __future__ import annotations

import re

from oauthctl.findings import Candidate
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Message, moment
from oauthctl.record import purposes
from oauthctl.rules.reply import Reply
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.rules.suspects import Suspects

_DENIED = re.compile(
    r"(?:access|permission|request|authorization)[^.]{0,20}(?:denied|forbidden|blocked)"
    r"|not (?:authori[sz]ed|allowed|permitted|assigned)|no (?:access|permission)",
    re.IGNORECASE,
)
_UNSEEN = {
    "invalid_grant": (
        Candidate("The code was redeemed twice, or too late.", "Redeem each code once, at once."),
        Candidate(
            "The `redirect_uri` or the `code_verifier` is not the one of the authorization request.",
            "Send the same `redirect_uri` on both legs, and the verifier of this very sign-in.",
        ),
        Candidate("The refresh token has expired, was revoked, or was replaced by a newer one.", "Sign in again, and store each new one."),
    ),
    "invalid_client": (
        Candidate("The `client_secret` is wrong or has expired.", "Compare or renew it in the provider's console."),
        Candidate("The `client_id` is unknown to this server or tenant.", "Look it up in the console."),
        Candidate(
            "The client authenticates by another method than it is registered for, or at all where it is registered as public.",
            "Compare `token_endpoint_auth_method`; a public client sends neither a secret nor an assertion.",
        ),
    ),
    "unauthorized_client": (
        Candidate("The client may not use this grant.", "Enable the grant in the client's registration."),
        Candidate("The client's credentials are refused.", "Compare them with the provider's console."),
    ),
    "unsupported_grant_type": (
        Candidate("The server could not read the parameters: the body is no form.", "Send `application/x-www-form-urlencoded`."),
        Candidate(
            "`grant_type` is spelled wrong, or the grant is switched off.", "Compare it with the metadata's `grant_types_supported`."
        ),
    ),
    "invalid_scope": (Candidate("A scope is unknown, or the client may not have it.", "Compare the scopes with the registration."),),
    "": (
        Candidate("A parameter is missing, or has a value that the server does not take.", "Compare the request with the documentation."),
        Candidate("The provider's settings for this client or user forbid it.", "Look into the provider's log at that time."),
    ),
}
_FORBIDDEN = (
    Candidate("The token lacks a scope or role that the API wants.", "Compare the token's scopes with the API's documentation."),
    Candidate("The user may not do this, whatever the token says.", "Try with another user or resource."),
)


def unseen_suspects(seen: Seen[Message]) -> Suspects:
    """Why a request that nobody saw may have been refused."""
    probe = "Record the failing run with its requests (a HAR file, or `oauthctl login`), and diagnose that."
    if seen.purpose == purposes.AUTHORIZATION:
        return Suspects(authorization_suspects(None, seen).candidates, probe)
    if seen.purpose in (purposes.API, purposes.USERINFO) and seen.reply.verdict in (401, 403):
        return Suspects(_unseen_call(seen.reply), probe)
    return Suspects(_UNSEEN.get(seen.reply.error, _UNSEEN[""]), probe)


def _unseen_call(reply: Reply) -> tuple[Candidate, ...]:
    if reply.status == 403:
        return _FORBIDDEN
    missing = Candidate("The call has no access token, or it does not arrive.", "Send it as `Authorization: Bearer`.")
    ended = Candidate("The token has expired, was revoked or was cut off.", "Get a new one, and send it whole.")
    other = Candidate(
        "The token is for another audience or from another issuer than the API expects.", "Compare `aud` and `iss` with the API's settings."
    )
    # A challenge without a code is what a call without a token gets. Source: RFC 6750 section 3.1.
    return (ended, other, missing) if reply.error == "invalid_token" else (missing, ended, other)


def authorization_suspects(
    asked: Seen[AuthorizationRequest] | None, refused: Seen[Message], *, registered: tuple[str, ...] = ()
) -> Suspects:
    """Why an authorization request may have been refused; `registered` are the redirect URIs that the provider's console lists."""
    error = refused.reply.error or str(refused.sent.raw("error") or "")
    scope = Candidate("A scope is unknown, or this client may not have it.", "Compare the scopes with the client's registration.")
    by_error = {
        "invalid_scope": (scope,),
        "access_denied": (
            Candidate("The person said no, or closed the page.", "Sign in again and agree."),
            Candidate("A policy of the provider forbids it to this account or client.", "Look into the provider's sign-in log."),
        ),
        "unauthorized_client": (
            Candidate("The client may not use this response type or flow.", "Enable the flow in the client's registration."),
        ),
        "server_error": (Candidate("The provider failed, perhaps for its own settings.", "Look into the provider's log, then try again."),),
        "temporarily_unavailable": (Candidate("The provider is overloaded or under maintenance.", "Try again later."),),
        "login_required": (Candidate("Nobody is signed in at the provider, and no page may be shown.", "Leave `prompt=none` out."),),
    }
    if error in by_error:
        return Suspects(by_error[error], "Look into the provider's log at the time of this request.")
    candidates = [
        Candidate(
            "A parameter of the request is missing or has a value that the server does not take.",
            "Leave optional parameters out, one by one.",
        ),
        Candidate("The client's settings at the provider forbid this request.", "Compare the client's registration with the request."),
    ]
    if not error:
        candidates = [
            Candidate("The `redirect_uri` is not one that the client has registered.", "Compare it with the provider's console."),
            Candidate("The `client_id` is unknown to this server.", "Compare it with the provider's console."),
        ]
        if asked is not None and asked.sent.redirect_uri in registered:
            candidates[0] = Candidate(
                "The settings were changed only just now, or belong to another realm, tenant or instance of the server.",
                "Compare the URL's host and path with the console in which they were made.",
            )
    elif asked is None or asked.sent.scope:
        candidates.append(scope)
    if not error and refused.reply.status == 403 and _DENIED.search(refused.reply.words[:4000]):
        candidates.insert(
            0,
            Candidate(
                "The user who signed in may not use this application: the account is not assigned to it, or a policy or group keeps it "
                "out.",
                "Assign the user or a group to the application at the provider, or sign in with another account.",
            ),
        )
    if asked is not None and _may_lack_pkce(asked, error, refused):
        candidates.insert(
            0 if error == "invalid_request" or "invalid_request" in refused.reply.words else 2,
            Candidate(
                "The server requires PKCE of this client, and the request has no `code_challenge` (it is missing).",
                "Switch PKCE on: send `code_challenge` and `code_challenge_method=S256`.",
            ),
        )
    return Suspects(tuple(candidates), "Open the authorization URL with the required parameters alone, then add the others one by one.")


def _may_lack_pkce(asked: Seen[AuthorizationRequest], error: str, refused: Seen[Message]) -> bool:
    """Whether a code is asked for without a challenge, and the refusal is of the kind that servers give for that."""
    sent = asked.sent
    if sent.code_challenge or sent.request or sent.request_uri or "code" not in (sent.response_type or ()):
        return False
    return error in ("", "invalid_request") and refused.reply.status < 500


def api_suspects(call: Seen[ApiRequest]) -> Suspects:
    """Why an API may have refused a call."""
    if call.reply.verdict == 403:
        return Suspects(_FORBIDDEN, "Ask introspection, or decode the token, for its scopes and roles.")
    token = take_apart(str(call.sent.raw("token") or ""))
    ends = moment((token.claims or {}).get("exp"))
    candidates = [
        Candidate(
            "The token is for another audience or from another issuer than the API expects.",
            "Compare `aud` and `iss` with the API's settings.",
        ),
        Candidate("The token was revoked.", "Get a new token."),
        Candidate("The API can't check the token: its keys, issuer or clock are set up wrong.", "Look into the API's log."),
    ]
    if not call.sent.raw("token"):
        candidates = [Candidate("The call has no access token.", "Send it as `Authorization: Bearer`.")]
    elif ends is None:
        candidates.insert(0, Candidate("The token has expired.", "Refresh it, and call again."))
    return Suspects(tuple(candidates), "Call the API with a token that was issued just now.")
