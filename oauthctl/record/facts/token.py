"""What can be told of a token only while its signature, or all of it, is there.

Here: its form and length, whether the signature holds, hashes of what came with it. Not here: its claims, which redaction leaves (`rules`),
why a signature doesn't hold (`facts.signature`).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from hashlib import sha256, sha384, sha512
from hmac import compare_digest, digest
from typing import TypeAlias
from urllib.parse import unquote

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Kind, Token, take_apart
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.facts.attestation import attestation_facts
from oauthctl.record.facts.challenge import hashed, same
from oauthctl.record.facts.hash_claim import hash_facts
from oauthctl.record.facts.masked import is_masked
from oauthctl.record.facts.token_text import form_of, second_scheme
from oauthctl.record.purposes import fragment_of, query_of
from oauthctl.record.tokens import HeldToken, Role, tokens_of
from oauthctl.record.transaction import known_purpose

KeyFinder: TypeAlias = Callable[[Token], tuple[Jwk, ...]]
"""From a token to the keys that its issuer publishes; empty when they aren't known."""

_NOTHING: Mapping[str, object] = {}


def no_keys(token: Token) -> tuple[Jwk, ...]:
    """For recordings whose keys are not looked for."""
    del token
    return ()


def token_facts(recording: Recording, keys: KeyFinder, given: Mapping[str, object] = _NOTHING) -> dict[int, dict[str, object]]:
    """By the exchange's id: `tokens`, by place: what `facts_of_token` tells, `ath_matches` of a DPoP proof, `key_matches` of the proof
    of an attestation.
    """
    found: dict[int, dict[str, object]] = {}
    issued: set[str] = set()
    for exchange in recording.exchanges:
        held = tokens_of(exchange, known_purpose(exchange))
        told = {one.place: facts_of_token(one, keys, _companions(one, held, exchange) or given) for one in held}
        told |= {one.place: {**told[one.place], "wrapped": "percent-encoding"} for one in held if _is_encoded(one, issued)}
        issued |= {one.token.compact for one in held if one.role is Role.ACCESS_TOKEN and one.place.startswith("response.")}
        for one in held:
            if one.role is Role.DPOP_PROOF:
                told[one.place] |= _proof_facts(one.token, held)
            if one.role is Role.ATTESTATION_PROOF:
                told[one.place] |= attestation_facts(one.token, held)
        if told:
            found[exchange.id] = {"tokens": told}
    return found


def facts_of_token(held: HeldToken, keys: KeyFinder, given: Mapping[str, object] = _NOTHING) -> dict[str, object]:
    """`characters`, `dots`, `kind`, `flaws` (slugs), `inside` (what is there instead of claims), `has_byte_order_mark`, `wrapped` (what
    must go to make it a JWT), `prefix` (whose opaque token it is), `placeholder` (`undefined`), `signature_octets`, `is_der`; with keys
    `signature` (an outcome's word), `signature_why`, `signature_reason`, `signature_made` and `key_clues`; `at_hash` and `c_hash` (`right`,
    or what the hash is instead) where `given` has the access token or the code; `hmac` (the form of a given secret that fits).
    """
    token = held.token
    if is_masked(token.compact) and not token.is_jwt:
        return {"kind": token.kind.value, **second_scheme(token)}
    told: dict[str, object] = {"characters": len(token.compact), "dots": token.compact.count("."), "kind": token.kind.value}
    if token.flaws:
        told["flaws"] = " ".join(dict.fromkeys(flaw.slug for flaw in token.flaws))
    if token.kind in (Kind.OPAQUE, Kind.UNREADABLE):
        told |= second_scheme(token) or form_of(token.compact)
    told |= hash_facts(token, given)
    if token.payload.startswith(b"\xef\xbb\xbf"):
        told["has_byte_order_mark"] = True
    if token.claims is None and token.kind is Kind.JWS and (inside := _inside(token)):
        told["inside"] = inside
    if token.kind in (Kind.JWS, Kind.UNSECURED) and not is_masked(token.compact.rpartition(".")[2]):
        told["signature_octets"] = len(token.signature)
        if token.alg.startswith("ES") and _is_der(token.signature):
            told["is_der"] = True
        if (form := _secret_form(token, given)) and form != "right":
            told["hmac"] = form
        told |= _signature_facts(token, keys(token), given)
    return told


def _inside(token: Token) -> str:
    """What is in place of claims: `jwt`, or `nothing` (the payload travels apart from its signature); empty for anything else."""
    if len(token.parts) == 3 and not token.parts[1]:
        return "nothing"
    return "jwt" if take_apart(token.payload.decode("utf-8", "replace").strip('"')).is_jwt else ""


def _signature_facts(token: Token, keys: tuple[Jwk, ...], given: Mapping[str, object]) -> dict[str, object]:
    if not keys:
        return {}
    # Here alone cryptography is needed, and it is slow to import.
    from oauthctl.jose.verify import check_signature, select_keys
    from oauthctl.record.facts.key import key_clues
    from oauthctl.record.facts.signature import expected_octets, key_that_made, made_by, signature_reason

    secret = given.get("client_secret")
    verdict = check_signature(token, keys, secret=secret if isinstance(secret, str) else "")
    told: dict[str, object] = {"signature": verdict.outcome.value, **key_clues(token, keys)}
    if verdict.outcome is not Outcome.PASS:
        told["signature_why"] = verdict.why
        told["signature_reason"] = signature_reason(token, keys)
        candidates = select_keys(token, keys)
        made = {"key-misnamed": key_that_made(token, keys), "other-algorithm": made_by(token, candidates)}.get(
            str(told["signature_reason"])
        )
        if made:
            told["signature_made"] = made
        if candidates and (octets := expected_octets(token, candidates[0])):
            told["signature_octets_expected"] = octets
    return told


def _is_der(signature: bytes) -> bool:
    """Whether a signature is an ASN.1 sequence of two integers. Source: RFC 3279 section 2.2.3."""
    if len(signature) < 8 or signature[0] != 0x30 or signature[1] != len(signature) - 2 or signature[2] != 2:
        return False
    second = 4 + signature[3]
    return len(signature) > second + 1 and signature[second] == 2 and second + 2 + signature[second + 1] == len(signature)


def _secret_form(token: Token, given: Mapping[str, object]) -> str:
    """In which form a secret that is given makes the signature: `right`, `base64`, `hex`, `trimmed`; empty when in none."""
    made = {"HS256": sha256, "HS384": sha384, "HS512": sha512}.get(token.alg)
    secrets = (given.get(name) for name in ("client_secret", "jwt_secret", "signing_secret", "secret"))
    secret = next((one for one in secrets if isinstance(one, str) and one), "")
    if made is None or not secret:
        return ""
    for form, key in _keys_of(secret):
        if key and compare_digest(digest(key, token.signing_input, made), token.signature):
            return form
    return ""


def _keys_of(secret: str) -> tuple[tuple[str, bytes], ...]:
    bare = secret.strip()
    padded = bare.translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    try:
        decoded = b64decode(padded + "=" * (-len(padded) % 4))
    except ValueError:
        decoded = b""
    try:
        unhexed = bytes.fromhex(bare)
    except ValueError:
        unhexed = b""
    plain = secret.encode("utf-8", "surrogatepass")
    return (("right", plain), ("trimmed", bare.encode("utf-8", "surrogatepass")), ("base64", decoded), ("hex", unhexed))


def _is_encoded(held: HeldToken, issued: set[str]) -> bool:
    """Whether it is a token that was handed out before, percent-encoded on the way."""
    written = held.token.compact
    return "%" in written and held.place.startswith("request.") and bool({unquote(written), unquote(unquote(written))} & issued)


def _companions(held: HeldToken, others: tuple[HeldToken, ...], exchange: Exchange) -> dict[str, object]:
    """The access token and the code that came with an ID token."""
    if held.role is not Role.ID_TOKEN or not held.place.startswith(("response.", "request.fragment", "request.query", "request.form")):
        return {}
    side = held.place.rpartition(".")[0]
    access = next((one.token.compact for one in others if one.role is Role.ACCESS_TOKEN and one.place.startswith(side)), "")
    fragment, query = fragment_of(exchange.request.url), query_of(exchange.request.url)
    code = exchange.request.form.get("code") or fragment.get("code") or query.get("code") or ""
    return {name: value for name, value in (("access_token", access), ("code", code)) if value}


def _proof_facts(proof: Token, others: tuple[HeldToken, ...]) -> dict[str, object]:
    """Source: RFC 9449 section 4.3, the token's hash."""
    access = next((one.token.compact for one in others if one.role is Role.ACCESS_TOKEN and one.place.startswith("request.headers")), "")
    written = proof.claim_text("ath")
    if not access or not written or is_masked(access):
        return {}
    return {"ath_matches": same(written, hashed(access))}
