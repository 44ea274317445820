"""Which of many differences explains the failure.

Here: what stands where findings show, and causes before their effects. Not here: finding differences (`difference_recordings`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Evidence
from oauthctl.record import purposes
from oauthctl.record.difference import Comparison, Difference, MessagePair, Weight

Told = tuple[MessagePair, Difference]
_COOKIE, _SET_COOKIE = "request.headers.Cookie", "response.headers.Set-Cookie"
_VERIFIER = "request.form.code_verifier"
_CHALLENGED = tuple(f"request.{place}.{name}" for place in ("query", "form") for name in ("code_challenge_method", "code_challenge"))
_REFUSALS = ("response.body.error", "response.status")
_BROUGHT = ("request.query.", "request.form.", "request.fragment.")


def most_telling(compared: Comparison, evidence_a: tuple[Evidence, ...] = (), evidence_b: tuple[Evidence, ...] = ()) -> Told | None:
    """The difference that stands where a side's findings show, the worst finding first; else the one that explains most.

    How a refusal was answered is an effect: what was sent until then and differs is told in its place.
    """
    every = [(pair, one) for pair in compared.messages for one in pair.differences if not one.is_again]
    is_refused = any(one.place in _REFUSALS for _, one in every)
    first = next(iter(differences_at(compared, evidence_a, evidence_b)), None)
    first = first or min(every, key=lambda told: _weight(told, is_refused=is_refused), default=None)
    if first is None:
        return None
    causes = [one for one in _until(first, compared) if _is_sent(*one)] if _is_effect(*first) else []
    return _origin(min(causes, key=_weight, default=first), every)


def is_sent_alike(compared: Comparison) -> bool:
    """Whether nothing that a client sent differs, as far as it shows."""
    return not any(_is_sent(pair, one) for pair in compared.messages for one in pair.differences)


def _weight(told: Told, *, is_refused: bool = False) -> int:
    # What a server offers besides says less than that it refuses.
    return Weight.HEADER if is_refused and told[1].weight == Weight.METADATA else told[1].weight


def _is_sent(pair: MessagePair, one: Difference) -> bool:
    return one.place.startswith("request.") and not _is_brought(pair, one)


def _is_brought(pair: MessagePair, one: Difference) -> bool:
    """Whether it stands in a callback's parameters: they are the provider's answer."""
    return pair.key == purposes.CALLBACK and one.place.startswith(_BROUGHT)


def _is_effect(pair: MessagePair, one: Difference) -> bool:
    return not _is_sent(pair, one) and one.weight >= (Weight.REQUEST if _is_brought(pair, one) else Weight.ANSWER)


def _until(effect: Told, compared: Comparison) -> Iterator[Told]:
    """The differences of the messages up to the effect's own."""
    for pair in compared.messages:
        yield from ((pair, one) for one in pair.differences if not one.is_again)
        if pair is effect[0]:
            return


def _origin(told: Told, every: list[Told]) -> Told:
    """What was sent otherwise before and so made this difference, a challenge or a cookie; else what was told."""
    if told[1].place == _COOKIE:
        names = {name for side in (told[1].a, told[1].b) for name in side or ()}
        return next((one for one in every if one[1].place == _SET_COOKIE and names & {*(one[1].a or ()), *(one[1].b or ())}), told)
    if told[1].place == _VERIFIER:
        return next((one for one in every if one[1].place in _CHALLENGED), told)
    return told


def differences_at(compared: Comparison, evidence_a: tuple[Evidence, ...], evidence_b: tuple[Evidence, ...]) -> list[Told]:
    """Where findings show: what a value has to do with others first, since two applications may differ in all their values."""
    places = [("b", one) for one in evidence_b] + [("a", one) for one in evidence_a]
    found = [
        (pair, one)
        for side, evidence in places
        for pair in compared.messages
        if getattr(pair, side) == evidence.exchange
        for one in pair.differences
        if _is_at(one.place, evidence.place)
    ]
    return sorted(found, key=lambda one: one[1].weight != Weight.RELATION)


def _is_at(place: str, evidence: str) -> bool:
    """Whether a difference stands where a finding shows; one in the whole answer shows everywhere, which tells nothing."""
    return place == evidence or (evidence.count(".") >= 1 and (place.startswith(f"{evidence}.") or evidence.startswith(f"{place}.")))
