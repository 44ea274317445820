"""How the values of a sign-in follow from each other: PKCE, hashes in ID tokens, `state`, `nonce`, client credentials.

Here: formula, what goes in and what must come out, as fingerprints, and whether it fits, from the facts that were worked out before the
secrets went. Not here: what a misfit means (`rules`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from oauthctl.findings import Outcome
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.token import TokenRequest, TokenResponse
from oauthctl.record.exchange import Exchange
from oauthctl.rules.attempts import Attempt
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section
from oauthctl.views.report.told import Derivation, Row

_PKCE = Section("RFC 7636", "4.2")
_FITS = {
    "S256": "it is the SHA-256 of this verifier",
    "plain": "it is this verifier itself",
    "padded": "it is the right hash, padded with `=`, which base64url in PKCE is not",
    "base64": "it is the right hash in base64, and must be in base64url",
    "base64-padded": "it is the right hash in padded base64, and must be in base64url",
    "hex": "it is the right hash as hexadecimal digits, and must be in base64url",
    "base64-of-hex": "the hexadecimal digits of the hash were encoded, and not its octets",
    "hashed-twice": "the hash was hashed again",
}
_SHA = {"256": "SHA-256", "384": "SHA-384", "512": "SHA-512"}


def derivations_of(scene: Scene, exchange: Exchange) -> tuple[Derivation, ...]:
    """What can be followed at this exchange, in the order in which a client does it."""
    seen = scene.direct(exchange.id)
    if seen is None:
        return ()
    attempt = scene.attempt_of(exchange.id) if scene.is_in_attempt(exchange.id) else None
    return tuple(_followed(seen, attempt))


def _followed(seen: Seen[Any], attempt: Attempt | None) -> Iterable[Derivation]:
    asked = attempt.asked if attempt is not None else None
    if asking := seen.as_(AuthorizationRequest):
        yield from _challenge(asking)
    if (returned := seen.as_(AuthorizationResponse)) and asked is not None and asked.sent.state:
        yield _same("state", asked.sent.state, returned.sent.state or "", asked.id)
    if redeeming := seen.as_(TokenRequest):
        yield from _credentials(redeeming)
        if redeeming.sent.code_verifier:
            yield _verifier(redeeming, asked)
        if isinstance(redeeming.back, TokenResponse):
            yield from _hashes(redeeming, redeeming.back)
            yield from _nonce(redeeming.back, asked)


def _challenge(asking: Seen[AuthorizationRequest]) -> Iterable[Derivation]:
    sent = asking.sent
    if sent.code_challenge:
        method = sent.code_challenge_method or "plain"
        rows = (Row("code_challenge_method", method), Row("code_challenge", sent.code_challenge))
        why = "the verifier stays with the client until the token request, where it must fit"
        yield Derivation("PKCE challenge", _formula(method), rows, Outcome.SKIPPED, why, _PKCE)


def _verifier(redeeming: Seen[TokenRequest], asked: Seen[AuthorizationRequest] | None) -> Derivation:
    facts = redeeming.facts
    challenge = asked.sent.code_challenge if asked is not None else None
    method = (asked.sent.code_challenge_method if asked is not None else None) or ("plain" if challenge else "S256")
    length = facts.get("code_verifier_characters")
    said = f"{redeeming.sent.code_verifier} ({length} characters)" if isinstance(length, int) else redeeming.sent.code_verifier or ""
    rows = [Row("code_verifier", said), Row("code_challenge_method", method)]
    if challenge and asked is not None:
        rows.append(Row("code_challenge", challenge, f"sent in exchange {asked.id}"))
    matches, fit = facts.get("pkce_matches"), facts.get("pkce_fit")
    if not isinstance(matches, bool):
        outcome, why = Outcome.UNCLEAR, "the challenge was not seen, or the verifier was hidden before it could be compared"
    else:
        outcome = Outcome.PASS if matches else Outcome.FAIL
        why = f"the verifier fits the challenge: {_FITS.get(str(fit), 'it was made from it')}" if matches else _misfit(facts, fit)
    return Derivation("PKCE verifier", _formula(method), tuple(rows), outcome, why, Section("RFC 7636", "4.6"))


def _misfit(facts: Mapping[str, Any], fit: object) -> str:
    if other := facts.get("pkce_fits_request"):
        return f"the verifier does not fit this challenge; it fits that of exchange {other}"
    reason = _FITS.get(str(fit), "it was made from another verifier")
    return f"the verifier does not fit the challenge: {reason}"


def _formula(method: str) -> str:
    return "code_challenge = code_verifier" if method == "plain" else "code_challenge = BASE64URL(SHA-256(ASCII(code_verifier)))"


def _credentials(redeeming: Seen[TokenRequest]) -> Iterable[Derivation]:
    basic = redeeming.facts.get("basic")
    if not isinstance(basic, Mapping) or not basic.get("is_readable"):
        return
    rows = [
        Row("client_id", str(basic.get("client_id") or "")),
        Row("client_secret", "kept out of the recording" if basic.get("has_secret") else "(empty)"),
    ]
    encoded = "both parts must be form-encoded first" if basic.get("needs_encoding") else "no character of them needs encoding"
    why = f"{encoded}; they are {'encoded' if basic.get('is_encoded') else 'not encoded'} here"
    formula = 'Authorization: Basic BASE64(form-encode(client_id) + ":" + form-encode(client_secret))'
    yield Derivation("client credentials", formula, tuple(rows), Outcome.SKIPPED, why, Section("RFC 6749", "2.3.1"))


def _hashes(redeeming: Seen[TokenRequest], back: TokenResponse) -> Iterable[Derivation]:
    token = take_apart(back.id_token or "")
    for claim, what, value in (("at_hash", "access_token", back.access_token), ("c_hash", "code", redeeming.sent.code)):
        expected = token.claim_text(claim)
        if not expected:
            continue
        matches = redeeming.facts.get(f"{claim}_matches")
        outcome = Outcome.UNCLEAR if not isinstance(matches, bool) else Outcome.PASS if matches else Outcome.FAIL
        why = {
            Outcome.PASS: f"the claim is the hash of this `{what}`",
            Outcome.FAIL: f"the claim is not the hash of this `{what}`",
        }.get(outcome, f"the `{what}` was hidden before it could be hashed")
        formula = f"{claim} = BASE64URL(left half of {_SHA.get(token.alg[-3:], 'the hash of the algorithm')}(ASCII({what})))"
        number = "3.1.3.6" if claim == "at_hash" else "3.3.2.11"
        yield Derivation(
            claim, formula, (Row(what, value or "(missing)"), Row(claim, expected)), outcome, why, Section("OIDC Core", number)
        )


def _nonce(back: TokenResponse, asked: Seen[AuthorizationRequest] | None) -> Iterable[Derivation]:
    sent = asked.sent.nonce if asked is not None else None
    if sent and back.id_token and asked is not None:
        yield _same("nonce", sent, take_apart(back.id_token).claim_text("nonce"), asked.id)


def _same(name: str, sent: str, came: str, exchange: int) -> Derivation:
    rows = (Row("sent", sent, f"in exchange {exchange}"), Row("came back", came or "(missing)"))
    outcome = Outcome.PASS if sent == came else Outcome.FAIL
    section = Section("RFC 6749", "10.12") if name == "state" else Section("OIDC Core", "3.1.3.7")
    why = f"`{name}` came back as it was sent" if sent == came else f"`{name}` is not the one that was sent"
    return Derivation(name, f"{name} that came back = {name} that was sent", rows, outcome, why, section)
