"""DPoP: requests that prove to hold a key, and the provider's nonces.

Here: judging a proof. Not here: tokens that are bound to its key (`issue`, `bearer`).
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlsplit

from oauthctl.findings import Outcome
from oauthctl.http import Request
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.claim_values import seconds_of
from oauthctl.messages.dpop import NONCE_HEADER, PROOF_TYPE, token_hash
from oauthctl.provider.answers import Denied
from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.shown_jwt import is_remembered, remembering
from oauthctl.provider.state import ProviderState

ALGS = ("ES256", "ES384", "EdDSA", "RS256", "PS256")
PROOF_SECONDS = 60.0
NONCE_SECONDS = 300.0


class BadProof(Exception):
    """A proof proves nothing. `error` is `invalid_dpop_proof` or `use_dpop_nonce`; `state` knows a new `nonce`, if one is given."""

    def __init__(self, description: str, *, error: str = "invalid_dpop_proof", state: ProviderState | None = None, nonce: str = "") -> None:
        super().__init__(description)
        self.description = description
        self.error = error
        self.state = state
        self.nonce = nonce


def read_proof(state: ProviderState, request: Request, moment: Moment, *, access_token: str = "") -> tuple[ProviderState, str]:
    """The state in which this proof is used up, and the thumbprint of its key; the thumbprint is empty where there is no proof at all.

    `access_token` is the one that the request shows. Raises `BadProof`. Source: RFC 9449 section 4.3.
    """
    proofs = request.headers.all("dpop")
    if not proofs:
        return state, ""
    if len(proofs) > 1:
        raise BadProof("there is more than one DPoP header")
    token = take_apart(proofs[0])
    key = _key_of(token)
    claims = token.claims or {}
    if check_signature(token, (key,), allowed_algs=ALGS).outcome is not Outcome.PASS:
        raise BadProof("the signature of the proof is not good")
    _check_request(state, request, claims)
    if access_token and not _same(claims.get("ath"), token_hash(access_token)):
        raise BadProof("ath is not the hash of the access token")
    _check_nonce(state, claims, moment)
    return _used(state, claims, moment), key.thumbprint()


def client_proof(state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, str]:
    """The same for a client's request without an access token; raises `Denied`. Source: RFC 9449 sections 5, 8 and 10.1."""
    try:
        return read_proof(state, request, moment)
    except BadProof as bad:
        headers = ((NONCE_HEADER, bad.nonce),) if bad.nonce else ()
        raise Denied(bad.error, bad.description, headers=headers, state=bad.state) from bad


def _key_of(token: Token) -> Jwk:
    header = token.header or {}
    if token.claims is None:
        raise BadProof("the proof is no JWT")
    if token.typ != PROOF_TYPE:
        raise BadProof(f"typ of the proof is not {PROOF_TYPE}")
    if token.alg not in ALGS:
        raise BadProof("alg of the proof is none that is taken here")
    members = header.get("jwk")
    key = Jwk.from_dict(members) if isinstance(members, dict) else None
    if key is None or not key.thumbprint():
        raise BadProof("the proof has no usable public key in jwk")
    if key.is_private:
        raise BadProof("the proof gives its private key away")
    return key


def _check_request(state: ProviderState, request: Request, claims: dict[str, Any]) -> None:
    if claims.get("htm") != request.method:
        raise BadProof(f"htm is not {request.method}")
    # The host in the request's URL is not looked at: a proxy may have changed it.
    if not isinstance(claims.get("htu"), str) or _without_query(claims["htu"]) not in {
        f"{origin}{request.path}" for origin in state.origins
    }:
        raise BadProof(f"htu is not {state.origin}{request.path}")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise BadProof("the proof has no jti")


def _check_nonce(state: ProviderState, claims: dict[str, Any], moment: Moment) -> None:
    """A nonce of ours dates the proof; without one its own clock has to do. Source: RFC 9449 sections 8, 9 and 11.1."""
    nonce = claims.get("nonce")
    is_ours = isinstance(nonce, str) and is_remembered(state.dpop_nonces, digest(nonce), moment)
    if (state.requires_dpop_nonce or nonce is not None) and not is_ours:
        fresh = moment.token("dpop nonce")
        nonces = remembering(state.dpop_nonces, digest(fresh), moment.seconds + NONCE_SECONDS, moment=moment)
        state = changed(state, dpop_nonces=nonces)
        raise BadProof("the proof needs the nonce that comes with this answer", error="use_dpop_nonce", state=state, nonce=fresh)
    issued_at = seconds_of(claims, "iat")
    if issued_at is None:
        raise BadProof("the proof has no iat")
    if abs(issued_at - moment.seconds) > PROOF_SECONDS:
        raise BadProof(f"iat is more than {PROOF_SECONDS:g} s away from the clock here")


def _used(state: ProviderState, claims: dict[str, Any], moment: Moment) -> ProviderState:
    key = digest(str(claims["jti"]))
    if is_remembered(state.proofs, key, moment):
        raise BadProof("the proof was used before")
    return changed(state, proofs=remembering(state.proofs, key, moment.seconds + 2 * PROOF_SECONDS, moment=moment))


def _same(value: object, expected: str) -> bool:
    return isinstance(value, str) and hmac.compare_digest(value.encode("utf-8", "surrogatepass"), expected.encode())


def _without_query(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}"
