"""A recording in chapters: one for each sign-in, and one for what belongs to none.

Here: which exchange goes where, and the headings. Not here: drawing them (`sequence`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.http import split_url
from oauthctl.record.tokens import tokens_of
from oauthctl.rules.attempts import Attempt
from oauthctl.rules.scene import Scene

OTHERS = "other exchanges"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading, empty for a recording that is one chapter, and the ids of exchanges."""

    title: str
    exchanges: tuple[int, ...]


def chapters(scene: Scene) -> tuple[Chapter, ...]:
    """The chapters, in the order in which they begin, the others last.

    A sign-in gets its messages, what lies between them, and the later requests that present a token which it brought.
    """
    ids = tuple(exchange.id for exchange in scene.recording.exchanges)
    attempts = scene.attempts
    if len(attempts) < 2:
        return (Chapter("", ids),)
    owners = _owners(scene)
    found = [
        Chapter(_title(attempt, number, len(attempts)), tuple(one for one in ids if owners.get(one) == number))
        for number, attempt in enumerate(attempts, 1)
    ]
    others = Chapter(OTHERS, tuple(one for one in ids if one not in owners))
    return tuple(chapter for chapter in (*found, others) if chapter.exchanges)


def _owners(scene: Scene) -> dict[int, int]:
    """The number of the sign-in that each exchange belongs to."""
    owners = {exchange: number for number, attempt in reversed([*enumerate(scene.attempts, 1)]) for exchange in attempt.ids()}
    spans = [(number, min(attempt.ids()), max(attempt.ids())) for number, attempt in enumerate(scene.attempts, 1)]
    brought: dict[str, int] = {}
    for seen in scene.seen:
        if not seen.is_direct:
            continue
        held = tokens_of(seen.exchange, seen.purpose)
        if seen.id not in owners:
            presented = (brought.get(one.token.compact) for one in held if one.place.startswith("request"))
            owner = next((number for number in presented if number is not None), None) or _around(seen.id, spans)
            if owner is not None:
                owners[seen.id] = owner
        if seen.id in owners:
            brought |= {one.token.compact: owners[seen.id] for one in held if one.place.startswith("response")}
    return owners


def _around(exchange: int, spans: list[tuple[int, int, int]]) -> int | None:
    """The only sign-in that was under way then."""
    under_way = [number for number, first, last in spans if first < exchange < last]
    return under_way[0] if len(under_way) == 1 else None


def _title(attempt: Attempt, number: int, count: int) -> str:
    asked = attempt.asked
    host = split_url(asked.url).netloc.rpartition("@")[2] if asked is not None and asked.is_direct else ""
    client = asked.sent.client_id if asked is not None else ""
    first = next(seen for seen in (asked, attempt.returned, *attempt.redeemed) if seen is not None)
    parts = (f"client {client}" if client else "", f"at {host}" if host else "", f"{first.exchange.started_at:%H:%M:%S} UTC")
    return f"sign-in {number} of {count}: {', '.join(part for part in parts if part)}"
