"""What ties a fact about a token to that token's header and claims: a digest that is written beside it.

Here: the digest, and putting it beside facts. Not here: leaving out facts whose token was changed (`facts.kept`). It keeps a slip of the
hand from being vouched for; who forges a whole file can forge the digest as well, which is why a file's facts are its own account.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from oauthctl.record.exchange import Exchange
from oauthctl.record.tokens import tokens_of
from oauthctl.record.transaction import known_purpose

SEAL = "claims_digest"
_OCTETS = 16


def seals_of(exchange: Exchange) -> dict[str, str]:
    """By place the digest of the header and the payload of the JWTs that stand there."""
    signed: dict[str, list[str]] = {}
    for held in tokens_of(exchange, known_purpose(exchange)):
        if held.token.is_jwt:
            signed.setdefault(held.place, []).append(".".join(held.token.parts[:2]))
    return {place: sha256(" ".join(texts).encode("utf-8", "surrogatepass")).digest()[:_OCTETS].hex() for place, texts in signed.items()}


def sealed(exchange: Exchange, facts: Mapping[str, object]) -> dict[str, object]:
    """The facts, those about JWTs with the digest of the JWT as the exchange has it."""
    tokens = facts.get("tokens")
    if not isinstance(tokens, Mapping):
        return dict(facts)
    seals = seals_of(exchange)
    told = {place: {**known, SEAL: seals[place]} if place in seals else known for place, known in tokens.items()}
    return {**facts, "tokens": told}
