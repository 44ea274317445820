"""In which order the messages of a recording are drawn.

Here: requests and answers by the time at which they came. Not here: drawing them (`sequence`, `mermaid`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from oauthctl.record.exchange import Channel, Exchange
from oauthctl.views.report.told import Told


@dataclass(frozen=True, slots=True)
class Lasting:
    """From when to when an exchange lasted. `is_held` says that other messages may lie between the request and its answer."""

    id: int
    started_at: datetime
    seconds: float
    is_held: bool

    @property
    def ended_at(self) -> datetime:
        """When the answer came."""
        return self.started_at + timedelta(seconds=self.seconds)

    @classmethod
    def of(cls, exchange: Exchange | Told, *, is_ours: bool) -> Lasting:
        """The exchange's; `is_ours` says that it is of a run of this tool.

        The reply to a callback waits until the run is over, so that the browser can be told the truth. A capture's messages cross each
        other all the time, and reading them in pairs is easier.
        """
        return cls(exchange.id, exchange.started_at, exchange.seconds, exchange.channel == Channel.CALLBACK and is_ours)


def in_order(exchanges: Iterable[Lasting]) -> Iterator[tuple[int, bool]]:
    """The ids of the exchanges, each for its request and again, with true, for its answer."""
    held: list[Lasting] = []
    for one in exchanges:
        for due in [earlier for earlier in held if earlier.ended_at <= one.started_at]:
            held.remove(due)
            yield due.id, True
        yield one.id, False
        if one.is_held:
            held.append(one)
        else:
            yield one.id, True
    yield from ((one.id, True) for one in held)
