"""What a refusal may be due to, as far as the evidence leaves it open.

Here: suspects for each kind of refusal, in the order of their likelihood, the refuted ones left out. Not here: rules (`refusal`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from oauthctl.findings import Candidate
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Message, moment
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.refresh import FRESH, age_if_unused
from oauthctl.rules.reply import Reply
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import ApiRequest, Seen
from oauthctl.rules.token_refused import asked_of, grant_of, refuses_client, returned_of, seconds_between

_FRESH = 30
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
        Candidate("The client authenticates by another method than it is registered for.", "Compare `token_endpoint_auth_method`."),
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


@dataclass(frozen=True, slots=True)
class Suspects:
    """Candidates, and the probe that would tell between them."""

    candidates: tuple[Candidate, ...]
    probe: str


def token_suspects(seen: Seen[TokenRequest], scene: Scene) -> Suspects:
    """Why a token request may have been refused."""
    error, grant = seen.reply.error, grant_of(seen.sent)
    if refuses_client(seen) or error == "unauthorized_client":
        return _client_suspects(seen, error)
    if error == "invalid_scope":
        return Suspects(
            (
                Candidate(
                    "A scope in the request is not one that this client may have.", "Compare the scopes with the client's registration."
                ),
                Candidate("A scope is spelled wrong or belongs to another API.", "Compare the scopes with the provider's documentation."),
            ),
            "Ask for one scope at a time.",
        )
    if grant == "authorization_code" and error in ("invalid_grant", "invalid_request", "bad_verification_code", "invalid_code", ""):
        return _code_suspects(seen, scene)
    if grant == "refresh_token" and error in (
        "invalid_grant",
        "invalid_request",
        "bad_refresh_token",
        "access_denied",
        "invalid_token",
        "",
    ):
        return _refresh_suspects(seen, scene)
    if grant == "jwt-bearer":
        return Suspects(
            (
                Candidate(
                    "The key that signed the assertion is not registered, or was deleted.",
                    "Compare its `kid` with the provider's console.",
                ),
                Candidate(
                    "The assertion's `iss`, `sub` or `aud` are not those that the server expects.",
                    "Compare them with its documentation.",
                ),
                Candidate("The issuer may not act for this subject.", "Look up what the provider allows the service account."),
            ),
            "Decode the assertion, and compare its claims with an example of the provider.",
        )
    if grant == "password":
        return Suspects(
            (
                Candidate("User name or password are wrong, or the account is locked.", "Sign in with them at the provider's own page."),
                Candidate("The account needs a second factor, or the password grant is off.", "Use the authorization code flow."),
            ),
            "Sign in with the same name and password at the provider's own page.",
        )
    return Suspects(
        (
            Candidate(
                "A parameter is missing, or has a value that the server does not take.", "Compare the request with the documentation."
            ),
            Candidate(
                "The provider's settings for this client or user forbid it.", "Look into the provider's log at the time of the request."
            ),
        ),
        "Look into the provider's log at the time of this request.",
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


def _client_suspects(seen: Seen[TokenRequest], error: str) -> Suspects:
    proof = proof_of(seen)
    found: list[Candidate] = []
    if take_apart(seen.sent.client_secret or "").claims is not None:
        found.append(
            Candidate("The JWT's key (`kid`), team (`iss`) or client (`sub`) is not registered.", "Compare them with the console.")
        )
    elif proof.has_secret and seen.facts.get("secret_matches") is not True:
        found.append(Candidate("The `client_secret` is not the one of this `client_id`.", "Compare or renew it in the provider's console."))
    asserts = bool({"private_key_jwt", "client_secret_jwt"} & set(proof.methods))
    if asserts and _is_assertion_good(seen):
        found.append(
            Candidate(
                "The client's registration names another authentication method or another address of its public keys.",
                "Compare `token_endpoint_auth_method` and `jwks_uri` with the console.",
            )
        )
    elif "client_secret_jwt" in proof.methods:
        found.append(
            Candidate("The secret that signs the assertion is not the one of this `client_id`.", "Compare or renew it in the console.")
        )
    elif asserts:
        found.append(
            Candidate("The assertion's key or claims are not those that the server expects.", "Compare `kid`, `iss`, `sub`, `aud`.")
        )
    if proof.methods == ("none",):
        found.append(
            Candidate("The client is registered as confidential, and no credentials were sent.", "Register it as public, or send them.")
        )
    found.append(Candidate("The `client_id` is unknown to this server or tenant, or the client is disabled.", "Look it up in the console."))
    if proof.has_secret:
        found.append(Candidate("The client is registered for another authentication method.", "Send the credentials in the other place."))
    if error == "unauthorized_client":
        found.append(Candidate("The client may not use this grant.", "Enable the grant in its registration."))
    return Suspects(tuple(found), "Ask for a token with the same credentials in the other place: header instead of form, or the reverse.")


def _is_assertion_good(seen: Seen[TokenRequest]) -> bool:
    """Whether the assertion's signature fits the keys that the client publishes."""
    tokens = seen.facts.get("tokens")
    known = tokens.get("request.form.client_assertion") if isinstance(tokens, dict) else None
    return isinstance(known, dict) and known.get("signature") == "pass"


def _code_suspects(seen: Seen[TokenRequest], scene: Scene) -> Suspects:
    asked, returned = asked_of(seen, scene), returned_of(seen, scene)
    known = asked.sent if asked is not None else None
    found: list[Candidate] = [
        Candidate(
            "The code had been used before, by a request that is not in this recording.",
            "Look for a second redemption: a callback page that loads twice, a link scanner, a proxy that repeats requests.",
        )
    ]
    if returned is None or seconds_between(returned, seen) > _FRESH:
        found.append(Candidate("The code was redeemed too late.", "Redeem it at once when the callback arrives."))
    if known is None or known.redirect_uri != seen.sent.redirect_uri:
        found.append(Candidate("The `redirect_uri` differs from that of the authorization request.", "Send the same one, to the letter."))
    uses_pkce = known is None or known.code_challenge is not None or bool(seen.sent.code_verifier)
    if uses_pkce and seen.facts.get("pkce_matches") is not True:
        found.append(Candidate("The `code_verifier` is not that of the sign-in.", "Keep the verifier with the `state`, and send that one."))
    if known is None or not known.client_id or known.client_id != proof_of(seen).client_id:
        found.append(Candidate("The code was issued to another client.", "Use one `client_id` for both requests."))
    found.append(
        Candidate(
            "The server that got the code does not know it: another tenant, region or instance issued it, or it was restarted.",
            "Compare the two endpoints with the metadata, and look whether the provider's instances share their store.",
        )
    )
    return Suspects(tuple(found), "Sign in once more, redeem the fresh code once by hand within seconds, and compare.")


def _refresh_suspects(seen: Seen[TokenRequest], scene: Scene) -> Suspects:
    ends = moment((take_apart(seen.sent.refresh_token or "").claims or {}).get("exp"))
    found: list[Candidate] = []
    age = age_if_unused(seen, scene)
    if ends is None and (age is None or age >= FRESH):
        found.append(Candidate("The refresh token has expired, by age or by lack of use.", "Sign in again."))
    if age is None:
        found.append(
            Candidate("The refresh token was used before and has been replaced (rotation).", "Store the refresh token of every response.")
        )
    found += [
        Candidate("The refresh token was revoked: a sign-out, a new password, an administrator.", "Sign in again."),
        Candidate("The refresh token belongs to another client or server.", "Refresh with the client and at the server that issued it."),
    ]
    return Suspects(tuple(found), "Sign in anew and refresh at once: if that works, the old token had ended.")
