"""What ties the messages of one sign-in together: verifier and challenge, hashes in the ID token.

Here: comparisons and lengths. Not here: the client's credentials (`facts.client`), signatures (`facts.token`).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256, sha384, sha512
from hmac import compare_digest

from oauthctl.jose.jwt import take_apart
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record.exchange import Recording
from oauthctl.record.transaction import request_message, response_message

_HASHES = {"256": sha256, "384": sha384, "512": sha512}


def flow_facts(recording: Recording) -> dict[int, dict[str, object]]:
    """By the exchange's id: `pkce_matches`, `at_hash_matches`, `c_hash_matches`, `code_characters`, `code_verifier_characters`.

    `pkce_matches` compares a verifier with the challenge of the authorization request whose code it redeems, else the latest request's.
    """
    found: dict[int, dict[str, object]] = {}
    asked: list[AuthorizationRequest] = []
    by_code: dict[str, AuthorizationRequest] = {}
    for exchange in recording.exchanges:
        sent, back = request_message(exchange), response_message(exchange)
        told: dict[str, object] = {}
        match sent:
            case AuthorizationRequest():
                asked.append(sent)
            case AuthorizationResponse():
                told = _callback_facts(sent, asked, by_code)
            case TokenRequest():
                latest = asked[-1] if asked else None
                told = _token_facts(sent, by_code.get(sent.code or "", latest), back if isinstance(back, TokenResponse) else None)
        if told:
            found[exchange.id] = told
    return found


def _callback_facts(
    back: AuthorizationResponse, asked: list[AuthorizationRequest], by_code: dict[str, AuthorizationRequest]
) -> dict[str, object]:
    if not back.code:
        return {}
    for request in asked:
        if request.state == back.state:
            by_code[back.code] = request
    return {"code_characters": len(back.code)}


def _token_facts(sent: TokenRequest, request: AuthorizationRequest | None, back: TokenResponse | None) -> dict[str, object]:
    told: dict[str, object] = {}
    if sent.code_verifier:
        told["code_verifier_characters"] = len(sent.code_verifier)
        if request is not None and request.code_challenge:
            told["pkce_matches"] = _fits(sent.code_verifier, request.code_challenge, request.code_challenge_method or "plain")
    if back is not None and back.id_token:
        token = take_apart(back.id_token)
        for claim, secret in (("at_hash", back.access_token), ("c_hash", sent.code)):
            expected = token.claim_text(claim)
            if expected and secret and token.alg[-3:] in _HASHES:
                told[f"{claim}_matches"] = _same(expected, _left_half(secret, token.alg))
    return told


def _fits(verifier: str, challenge: str, method: str) -> bool:
    """Source: RFC 7636 section 4.6."""
    if method == "plain":
        return _same(verifier, challenge)
    return _same(challenge, _base64url(sha256(verifier.encode("utf-8", "surrogatepass")).digest()))


def _left_half(secret: str, alg: str) -> str:
    """Source: OpenID Connect Core 1.0 section 3.1.3.6."""
    digest = _HASHES[alg[-3:]](secret.encode("utf-8", "surrogatepass")).digest()
    return _base64url(digest[: len(digest) // 2])


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
