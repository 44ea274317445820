"""A recording in chapters: one for each sign-in, and one for what belongs to none.

Here: the headings, and what stands under each. Not here: drawing them (`sequence`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.http import split_url
from oauthctl.rules.attempts import Attempt
from oauthctl.rules.scene import Scene
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
    found = [
        Chapter(_title(attempt, number, len(attempts)), tuple(one for one in ids if owners.get(one) == number))
        for number, attempt in enumerate(attempts, 1)
    ]
    others = Chapter(OTHERS, tuple(one for one in ids if one not in owners))
    return tuple(chapter for chapter in (*found, others) if chapter.exchanges)


def _title(attempt: Attempt, number: int, count: int) -> str:
    asked = attempt.asked
    host = split_url(asked.url).netloc.rpartition("@")[2] if asked is not None and asked.is_direct else ""
    client = asked.sent.client_id if asked is not None else ""
    first = next(seen for seen in (asked, attempt.returned, *attempt.redeemed) if seen is not None)
    parts = (f"client {client}" if client else "", f"at {host}" if host else "", f"{first.exchange.started_at:%H:%M:%S} UTC")
    return f"sign-in {number} of {count}: {', '.join(part for part in parts if part)}"
