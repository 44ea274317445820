"""Two recordings compared: why does it work here and not there.

Here: both aligned, each pair compared, the most telling difference found. Not here: what is wrong (`rules`); where the findings
of one side show is brought along as evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oauthctl.findings import Evidence
from oauthctl.http import origin
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.record import purposes
from oauthctl.record.difference import Comparison, Difference, Kind, Lone, MessagePair, ranked, without_repeats
from oauthctl.record.difference_alignment import aligned, key_of, label_of
from oauthctl.record.difference_delays import delays_of, differences_of_delays
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_messages import differences_of_messages
from oauthctl.record.difference_relations import Relation, Relations, differences_of_relations, relations_of, why_alone
from oauthctl.record.difference_telling import most_telling
from oauthctl.record.exchange import Exchange, Recording, is_body_unseen
from oauthctl.record.tokens import tokens_of
from oauthctl.record.transaction import known_purpose, response_message

_NO_RELATIONS: Mapping[str, Relation] = {}
_NO_FACTS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Side:
    """One of two recordings, its secrets replaced.

    `facts` were worked out before, by exchange. `evidence` is where the findings show that this side alone has, the worst first.
    `is_salted` is set when all its fingerprints were made with the salt that both sides share.
    """

    recording: Recording
    facts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    evidence: tuple[Evidence, ...] = ()
    is_salted: bool = False


def compare(a: Side, b: Side) -> Comparison:
    """What A and B differ in, messages in A's order."""
    ground = Ground(issuer_of(a.recording), issuer_of(b.recording), a.is_salted and b.is_salted)
    relations = relations_of(a.recording), relations_of(b.recording)
    delays = delays_of(a.recording), delays_of(b.recording)
    pairs: list[MessagePair] = []
    alone: tuple[list[Lone], list[Lone]] = ([], [])
    unseen: tuple[list[int], list[int]] = ([], [])
    for one, other in aligned(a.recording.exchanges, b.recording.exchanges, ground):
        if one is not None and other is not None:
            for side, exchange in zip(unseen, (one, other), strict=True):
                side.extend((exchange.id,) if _is_needed_and_unseen(exchange) else ())
            known = tuple(side.get(exchange.id, _NO_RELATIONS) for side, exchange in zip(relations, (one, other), strict=True))
            facts = a.facts.get(one.id, _NO_FACTS), b.facts.get(other.id, _NO_FACTS)
            found = (
                *differences_of_relations(*known),
                *differences_of_delays(delays[0].get(one.id), delays[1].get(other.id)),
                *differences_of_messages(one, other, ground, facts=facts),
            )
            pairs.append(MessagePair(label_of(one), one.id, other.id, ranked(_without_doubles(found))))
        elif one is not None:
            alone[0].append(_lone(a.recording, one, relations[0]))
        elif other is not None:
            alone[1].append(_lone(b.recording, other, relations[1]))
    exchanges = (*a.recording.exchanges, *b.recording.exchanges)
    has_failure = bool(a.evidence or b.evidence) or any(map(_is_failed, exchanges))
    compared = Comparison(
        without_repeats(pairs),
        tuple(alone[0]),
        tuple(alone[1]),
        has_failure=has_failure,
        unseen_a=tuple(unseen[0]),
        unseen_b=tuple(unseen[1]),
    )
    return replace(compared, telling=most_telling(compared, a.evidence, b.evidence))


def _is_needed_and_unseen(exchange: Exchange) -> bool:
    # Pages, of the provider or of the application, are not compared.
    return is_body_unseen(exchange) and known_purpose(exchange) not in ("", purposes.AUTHORIZATION, purposes.CALLBACK)


def _is_failed(exchange: Exchange) -> bool:
    return bool(exchange.failure) or (exchange.response is not None and exchange.response.status >= 400)


def _lone(recording: Recording, exchange: Exchange, relations: Relations) -> Lone:
    """A message that the other side lacks, with what it does once more."""
    why = why_alone(relations.get(exchange.id, _NO_RELATIONS))
    if not why:
        before = (one for one in recording.exchanges if one.id < exchange.id and key_of(one).repeats(key_of(exchange)))
        refused = next((one.id for one in before if key_of(one).is_failed), None)
        why = f"it repeats what was refused in exchange {refused}" if refused is not None else ""
    return Lone(label_of(exchange), exchange.id, why)


def issuer_of(recording: Recording) -> str:
    """The issuer that a recording speaks with: its metadata's, its tokens', else the origin of its endpoint; empty when nobody knows."""
    for exchange in recording.exchanges:
        document = response_message(exchange)
        if isinstance(document, ProviderMetadata) and document.issuer:
            return document.issuer
    for exchange in recording.exchanges:
        for held in tokens_of(exchange, known_purpose(exchange)):
            if held.place.startswith("response") and held.token.claim_text("iss"):
                return held.token.claim_text("iss")
    asked = (one.request.url for one in recording.exchanges if known_purpose(one) in _AT_ISSUER and one.request.url)
    return next(map(origin, asked), "")


_AT_ISSUER = (purposes.DISCOVERY, purposes.PUSHED_AUTHORIZATION, purposes.AUTHORIZATION, purposes.TOKEN, purposes.DEVICE_AUTHORIZATION)


def _without_doubles(found: tuple[Difference, ...]) -> list[Difference]:
    """One difference for each place and kind; of a value that differs it is said with it what it must have equalled."""
    kept: dict[tuple[str, str], Difference] = {}
    for one in found:
        kept.setdefault((one.place, one.kind), one)
    relations = {one.place: one for one in kept.values() if one.kind is Kind.RELATION}
    values: dict[str, Difference] = {}
    for one in kept.values():
        if one.kind is not Kind.RELATION:
            values.setdefault(one.place, one)
    merged: list[Difference] = []
    for one in kept.values():
        relation = relations.get(one.place)
        if relation is None or (one is not relation and values[one.place] is not one):
            merged.append(one)
        elif one is not relation and one.kind is Kind.FORM:
            # That it is another one says more than how it is written.
            merged.append(relation)
        elif one is not relation:
            merged.append(replace(one, meaning=f"{one.meaning}; {relation.meaning}", weight=relation.weight))
        elif one.place not in values:
            merged.append(one)
    return merged
