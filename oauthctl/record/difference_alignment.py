"""Which messages of two recordings are the same one.

Here: keys of messages, and the alignment of two sequences that keeps most of what is alike together. Not here: comparing them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from oauthctl.record import purposes
from oauthctl.record.difference_ground import Ground
from oauthctl.record.exchange import Exchange
from oauthctl.record.transaction import describe, known_purpose

# As many comparisons as take a second.
_MOST_PAIRS = 2_000_000
_MOST_KINDS = 400
_FARTHEST = 200
"""Messages of the other recording in which an equal one is looked for."""
_ID = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F-]{16,}|[A-Za-z0-9_-]{22,})(?=/|$)")


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a message the same: its purpose, its grant, its path (ids in it left out), its method."""

    purpose: str
    grant: str
    path: str
    method: str
    is_failed: bool

    def repeats(self, other: Key) -> bool:
        """Whether it asks for the same, whatever the answer."""
        return replace(self, is_failed=other.is_failed) == other


def key_of(exchange: Exchange) -> Key:
    """The key of an exchange."""
    request = exchange.request
    purpose = known_purpose(exchange)
    grant = (request.form.get("grant_type") or request.query.get("grant_type") or "") if purpose == purposes.TOKEN else ""
    failed = exchange.response is not None and exchange.response.status >= 400
    return Key(purpose, grant, _ID.sub("…", purposes.split_path(request.url).rstrip("/")), request.method, failed)


def label_of(exchange: Exchange) -> str:
    """The message in words; an API call with its path."""
    if known_purpose(exchange) == purposes.API:
        return f"{describe(exchange)} {exchange.request.method} {purposes.split_path(exchange.request.url)}"
    return describe(exchange)


def aligned(a: tuple[Exchange, ...], b: tuple[Exchange, ...], ground: Ground) -> tuple[tuple[Exchange | None, Exchange | None], ...]:
    """Pairs in order; None where one recording has no such message."""
    keys = tuple(map(key_of, a)), tuple(map(key_of, b))
    places = (
        _in_passing(*keys)
        if len(a) * len(b) > _MOST_PAIRS or len({*keys[0], *keys[1]}) > _MOST_KINDS
        else _by_likeness(*keys, ground=ground)
    )
    found: list[tuple[Exchange | None, Exchange | None]] = []
    at_a = at_b = 0
    for one, other in (*places, (len(a), len(b))):
        found += [(lone, None) for lone in a[at_a:one]]
        found += [(None, lone) for lone in b[at_b:other]]
        if one < len(a):
            found.append((a[one], b[other]))
        at_a, at_b = one + 1, other + 1
    return tuple(found)


def _in_passing(a: tuple[Key, ...], b: tuple[Key, ...]) -> tuple[tuple[int, int], ...]:
    """For recordings too long for the best alignment: each message with the next of the same key that is not far."""
    found: list[tuple[int, int]] = []
    start = 0
    for at, key in enumerate(a):
        other = next((place for place in range(start, min(start + _FARTHEST, len(b))) if b[place] == key), None)
        if other is not None:
            found.append((at, other))
            start = other + 1
    return tuple(found)


def _by_likeness(a: tuple[Key, ...], b: tuple[Key, ...], *, ground: Ground) -> tuple[tuple[int, int], ...]:
    """The pairs, in order on both sides, whose likeness is the greatest in sum."""
    # Few keys are different ones: each two of them are compared once.
    kinds = {key: number for number, key in enumerate(dict.fromkeys((*a, *b)))}
    likeness = [[_likeness(one, other, ground) for other in kinds] for one in kinds]
    numbers = [kinds[key] for key in a], [kinds[key] for key in b]
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        row, below, scores = best[i], best[i + 1], likeness[numbers[0][i]]
        for j in range(len(b) - 1, -1, -1):
            score = scores[numbers[1][j]]
            row[j] = max(below[j], row[j + 1], score + below[j + 1]) if score else max(below[j], row[j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        score = likeness[numbers[0][i]][numbers[1][j]]
        if score and best[i][j] == score + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return tuple(found)


def _likeness(a: Key, b: Key, ground: Ground) -> int:
    """How much two messages are the same one; 0 when they are not."""
    if a == b:
        return 16
    same_path = a.path == b.path or ground.is_same(a.path, b.path)
    if a.purpose != b.purpose:
        # An endpoint was asked for something that the other request doesn't look like.
        return 2 if same_path and len(a.path) > 1 and a.method == b.method else 0
    if a.purpose in ("", purposes.API) and not same_path:
        return 1 if a.purpose and a.method == b.method else 0
    return 6 + 4 * (a.grant == b.grant) + 3 * same_path + (a.method == b.method) + (a.is_failed == b.is_failed)
