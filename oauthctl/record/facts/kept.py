"""Which of the facts that a file brings along are still about the tokens that stand in it.

Here: leaving out what was said of other claims. Not here: the digest that tells it (`record.seal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest

from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.facts.token import facts_of_token, no_keys
from oauthctl.record.seal import SEAL, seals_of
from oauthctl.record.tokens import tokens_of
from oauthctl.record.transaction import known_purpose

_OF_CLAIMS = ("at_hash_matches", "c_hash_matches")
"""Facts of the whole exchange that compare a claim with something."""


def kept_facts(recording: Recording, facts: Mapping[int, Mapping[str, object]]) -> dict[int, dict[str, object]]:
    """The facts without those about JWTs whose digest is missing or another one: for these stands what can still be worked out."""
    exchanges = {exchange.id: exchange for exchange in recording.exchanges}
    return {number: _kept(exchanges[number], known) if number in exchanges else dict(known) for number, known in facts.items()}


def _kept(exchange: Exchange, facts: Mapping[str, object]) -> dict[str, object]:
    tokens = facts.get("tokens")
    written = tokens if isinstance(tokens, Mapping) else {}
    changed = {place for place, seal in seals_of(exchange).items() if not _fits(written.get(place), seal)}
    if not changed:
        return dict(facts)
    held = (one for one in tokens_of(exchange, known_purpose(exchange)) if one.place in changed)
    anew = {one.place: facts_of_token(one, no_keys) for one in held}
    rest = {name: value for name, value in facts.items() if name not in _OF_CLAIMS}
    return {**rest, "tokens": {**written, **anew}}


def _fits(known: object, seal: str) -> bool:
    said = known.get(SEAL) if isinstance(known, Mapping) else None
    return isinstance(said, str) and compare_digest(said.encode("utf-8", "surrogatepass"), seal.encode("ascii"))
