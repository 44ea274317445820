"""A recording in chapters: one for each sign-in, and one for what belongs to none.

Here: the headings, and what stands under each. Not here: drawing them (`sequence`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oauthctl.http import split_url
from oauthctl.rules.attempts import Attempt
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.views.ownership import owners_of

OTHERS = "other exchanges"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading, empty for a recording that is one chapter, and the ids of exchanges."""

    title: str
    exchanges: tuple[int, ...]


def chapters(scene: Scene) -> tuple[Chapter, ...]:
    """The chapters, in the order in which they begin, the others last.

    A sign-in gets its messages and what evidence puts to them (`ownership`): where redirects lead, its page, the token that it brought.
    """
    ids = tuple(exchange.id for exchange in scene.recording.exchanges)
    attempts = scene.attempts
    if len(attempts) < 2:
        return (Chapter("", ids),)
    owners = owners_of(scene)
    moments = tuple(_first(attempt).exchange.started_at for attempt in attempts)
    written = "%H:%M:%S" if len({moment.date() for moment in moments}) == 1 else "%Y-%m-%d %H:%M:%S"
    found = [
        Chapter(
            f"sign-in {number} of {len(attempts)}: {_parties(attempt)}{moment:{written}} UTC",
            tuple(one for one in ids if owners.get(one) == number),
        )
        for number, (attempt, moment) in enumerate(zip(attempts, moments, strict=True), 1)
    ]
    others = Chapter(OTHERS, tuple(one for one in ids if one not in owners))
    return tuple(chapter for chapter in (*found, others) if chapter.exchanges)


def _first(attempt: Attempt) -> Seen[Any]:
    return next(seen for seen in (attempt.asked, attempt.returned, *attempt.redeemed) if seen is not None)


def _parties(attempt: Attempt) -> str:
    """`client web, at op.example, `; empty where the authorization request was not seen."""
    asked = attempt.asked
    if asked is None:
        return ""
    host = split_url(asked.url).netloc.rpartition("@")[2] if asked.is_direct else ""
    return (f"client {asked.sent.client_id}, " if asked.sent.client_id else "") + (f"at {host}, " if host else "")
