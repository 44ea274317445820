"""What the refusal of a token request may be due to, as far as the evidence leaves it open.

Here: suspects by error and grant, in the order of their likelihood, the refuted ones left out. Not here: the other requests
(`refusal_causes`), rules (`refusal`).
"""

from __future__ import annotations

from oauthctl.findings import Candidate
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.param import Message, moment, text
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.client_proof import proof_of
from oauthctl.rules.refresh import FRESH, age_if_unused
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.suspects import Suspects
from oauthctl.rules.token_refused import asked_of, grant_of, refuses_client, returned_of, seconds_between

_FRESH = 30


def token_suspects(seen: Seen[TokenRequest], scene: Scene) -> Suspects:
    """Why a token request may have been refused."""
    error, grant = seen.reply.error, grant_of(seen.sent)
    if refuses_client(seen) or error == "unauthorized_client":
        return client_suspects(seen)
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


def client_suspects(seen: Seen[Message]) -> Suspects:
    """Why a client may have been refused that proved itself, or did not, wherever it did."""
    proof = proof_of(seen)
    found: list[Candidate] = []
    if take_apart(text(seen.sent.raw("client_secret")) or "").claims is not None:
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
    if seen.reply.error == "unauthorized_client":
        found.append(Candidate("The client may not use this grant.", "Enable the grant in its registration."))
    return Suspects(tuple(found), "Ask for a token with the same credentials in the other place: header instead of form, or the reverse.")


def _is_assertion_good(seen: Seen[Message]) -> bool:
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
