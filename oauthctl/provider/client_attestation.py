"""Clients for whom an attester vouches: judging the attestation and the proof that goes with it, and giving challenges.

Here: draft-ietf-oauth-attestation-based-client-auth, the server's side. Not here: the other methods (`client_auth`).
"""

from __future__ import annotations

from oauthctl.findings import Outcome
from oauthctl.http import Params, Request
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Token, take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.claim_values import seconds_of
from oauthctl.messages.client_attestation import (
    ATTESTATION_HEADER,
    ATTESTATION_TYPE,
    CHALLENGE_HEADER,
    METHOD,
    PROOF_HEADER,
    PROOF_TYPE,
    attested_key,
)
from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.client_assertion import KEY_ALGS
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.shown_jwt import check_begin, check_end, is_remembered, remembering
from oauthctl.provider.state import ProviderState

PROOF_SECONDS = 60.0
CHALLENGE_SECONDS = 300.0


def challenge(state: ProviderState, _request: Request, moment: Moment) -> Answer:
    """A challenge for the next proof."""
    state, fresh = _with_challenge(state, moment)
    return state, json_answer({"attestation_challenge": fresh}, headers=(*NO_STORE, (CHALLENGE_HEADER, fresh)))


def is_shown(request: Request) -> bool:
    """Whether the client comes with an attestation, or with a half of one."""
    return ATTESTATION_HEADER in request.headers or PROOF_HEADER in request.headers


def accept_attestation(state: ProviderState, request: Request, form: Params, moment: Moment) -> tuple[ProviderState, Client]:
    """The client that the attestation is about, and the state in which its proof is used up. `Denied` for one that is not good."""
    attestations, proofs = request.headers.all(ATTESTATION_HEADER), request.headers.all(PROOF_HEADER)
    if len(attestations) != 1 or len(proofs) != 1:
        raise _bad(f"{ATTESTATION_HEADER} and {PROOF_HEADER} have to be there once each")
    attestation = take_apart(attestations[0])
    key = _check_attestation(state, attestation, moment)
    client = state.clients.get(attestation.claim_text("sub"))
    if client is None or form.get("client_id") not in (None, client.id):
        raise _bad("sub of the attestation is not the client_id of a client that is registered here")
    if METHOD not in client.allowed_auth_methods:
        raise _bad(f"the client has to authenticate itself with {' or '.join(client.allowed_auth_methods)}, not with {METHOD}")
    return _used(state, client, _check_proof(state, take_apart(proofs[0]), key, moment), moment), client


def _check_attestation(state: ProviderState, token: Token, moment: Moment) -> Jwk:
    """The client's key, which a trusted attester vouches for; one that does not name itself (`iss`) is told by its keys."""
    if token.claims is None or token.typ != ATTESTATION_TYPE:
        raise _bad(f"the attestation is no JWT of the type {ATTESTATION_TYPE}")
    issuer = token.claim_text("iss")
    trusted = {name: keys for name, keys in state.trusted_attesters.items() if name == issuer or not issuer}
    if not trusted:
        raise _bad("the attester is not trusted here")
    keys = tuple(key.public() for one in trusted.values() for key in one)
    verdict = check_signature(token, keys, allowed_algs=KEY_ALGS)
    if verdict.outcome is not Outcome.PASS:
        raise _bad(f"the signature of the attestation is not good: {verdict.why}")
    check_end(token.claims, moment, what="attestation", refuse=_bad)
    check_begin(token.claims, moment, what="attestation", refuse=_bad, names=("nbf", "iat"))
    key = attested_key(token)
    if key is None or key.is_private or key.kty == "oct":
        raise _bad("cnf of the attestation names no public key")
    return key


def _check_proof(state: ProviderState, token: Token, key: Jwk, moment: Moment) -> str:
    """The `jti` of a good proof."""
    if token.claims is None or token.typ != PROOF_TYPE:
        raise _bad(f"the proof is no JWT of the type {PROOF_TYPE}")
    if check_signature(token, (key,), allowed_algs=KEY_ALGS).outcome is not Outcome.PASS:
        raise _bad("the signature of the proof is not made with the key that the attestation is about")
    if token.claims.get("aud") != state.issuer:
        raise _bad("aud of the proof has to be the issuer")
    issued_at, jti = seconds_of(token.claims, "iat"), token.claims.get("jti")
    if issued_at is None or abs(issued_at - moment.seconds) > PROOF_SECONDS:
        raise _bad(f"iat of the proof is more than {PROOF_SECONDS:g} s away from the clock here")
    if not isinstance(jti, str) or not jti:
        raise _bad("the proof has no jti")
    given = token.claims.get("challenge")
    if not isinstance(given, str) or not is_remembered(state.attestation_challenges, digest(given), moment):
        state, fresh = _with_challenge(state, moment)
        description = "the proof needs the challenge that comes with this answer"
        raise Denied("use_attestation_challenge", description, headers=((CHALLENGE_HEADER, fresh),), state=state)
    return jti


def _used(state: ProviderState, client: Client, jti: str, moment: Moment) -> ProviderState:
    key = digest(f"attestation {client.id} {jti}")
    if is_remembered(state.proofs, key, moment):
        raise _bad("the proof was used before")
    return changed(state, proofs=remembering(state.proofs, key, moment.seconds + 2 * PROOF_SECONDS, moment=moment))


def _with_challenge(state: ProviderState, moment: Moment) -> tuple[ProviderState, str]:
    fresh = moment.token("attestation challenge")
    known = remembering(state.attestation_challenges, digest(fresh), moment.seconds + CHALLENGE_SECONDS, moment=moment)
    return changed(state, attestation_challenges=known), fresh


def _bad(description: str) -> Denied:
    return Denied("invalid_client", description, status=401)
