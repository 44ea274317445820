"""What can be told of a token only while its signature is there.

Here: lengths and whether the signature holds. Not here: its claims, which redaction leaves (`rules`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from oauthctl.findings import Outcome
from oauthctl.jose.jwk import Jwk
from oauthctl.jose.jwt import Kind, Token
from oauthctl.record.exchange import Recording
from oauthctl.record.tokens import HeldToken, tokens_of
from oauthctl.record.transaction import known_purpose

KeyFinder: TypeAlias = Callable[[Token], tuple[Jwk, ...]]
"""From a token to the keys that its issuer publishes; empty when they aren't known."""


def no_keys(token: Token) -> tuple[Jwk, ...]:
    """For recordings whose keys are not looked for."""
    del token
    return ()


def token_facts(recording: Recording, keys: KeyFinder) -> dict[int, dict[str, object]]:
    """By the exchange's id: `tokens`, by place: what `facts_of_token` tells."""
    found: dict[int, dict[str, object]] = {}
    for exchange in recording.exchanges:
        told = {held.place: facts_of_token(held, keys) for held in tokens_of(exchange, known_purpose(exchange))}
        if told:
            found[exchange.id] = {"tokens": told}
    return found


def facts_of_token(held: HeldToken, keys: KeyFinder) -> dict[str, object]:
    """`characters`, `dots`, `signature_octets`; `signature` is an outcome's word, `signature_why` its reason, where keys are known."""
    token = held.token
    told: dict[str, object] = {"characters": len(token.compact), "dots": token.compact.count(".")}
    if token.kind in (Kind.JWS, Kind.UNSECURED):
        told["signature_octets"] = len(token.signature)
        candidates = keys(token)
        if candidates:
            # Here alone cryptography is needed, and it is slow to import.
            from oauthctl.jose.verify import check_signature

            verdict = check_signature(token, candidates)
            told["signature"] = verdict.outcome.value
            if verdict.outcome is not Outcome.PASS:
                told["signature_why"] = verdict.why
    return told
