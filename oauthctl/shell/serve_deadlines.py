"""By when a connection has to have done its next step, and which one goes where there are too many.

Here: looking at all of them once a second, which costs a request nothing, as a timer for each would. Not here: what the steps are
(`serve_protocol`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Set
from typing import Protocol

HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
IDLE_SECONDS = 30.0
SENDING_SECONDS = 30.0
NEVER = float("inf")
CONNECTIONS = 256
_EVERY_SECONDS = 1.0


class Awaited(Protocol):
    """A connection. It is waited for `since` then, a time of the event loop, for so many seconds; since `NEVER` while we make an answer."""

    since: float
    patience: float

    @property
    def is_idle(self) -> bool:
        """Whether no request has begun to come: whoever ends it then costs nobody an answer."""

    def overdue(self) -> None:
        """End it, with an answer where one may be had."""

    def drop(self) -> None:
        """End it at once."""


class Deadlines:
    """What watches over the connections of one server."""

    def __init__(self) -> None:
        self._is_looking = False

    def joined(self, newcomer: Awaited, connections: Set[Awaited], loop: asyncio.AbstractEventLoop) -> None:
        """One more has come: where these are too many now, another goes that is waited for, if any is.

        Idle ones go first, then whoever sends slowly; among them who is waited for the longest.
        """
        if len(connections) > CONNECTIONS:
            waited_for = [one for one in connections if one is not newcomer and one.since < NEVER]
            if waited_for:
                min(waited_for, key=lambda one: (not one.is_idle, one.since)).drop()
        if not self._is_looking:
            self._is_looking = True
            loop.call_later(_EVERY_SECONDS, self._look, connections, loop)

    def _look(self, connections: Set[Awaited], loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in [one for one in connections if one.since + one.patience <= now]:
            connection.overdue()
        self._is_looking = bool(connections)
        if connections:
            loop.call_later(_EVERY_SECONDS, self._look, connections, loop)
