"""`Errands`: what the provider asks of clients and tells them, beside its answering.

Here: how many at once, and in whose threads. Not here: what is asked (`running_provider`), how (`client_requests`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 16
"""How many places are asked at the same time."""
_LOOK_SECONDS = 0.02


class Errands:
    """Work that waits for others, in threads of its own: a place that keeps us waiting holds up what goes to that place alone."""

    def __init__(self, *, at_once: int = AT_ONCE) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="errand")
        self._at_once = at_once
        self._places: set[str] = set()
        self._lock = threading.Lock()

    async def run(self, place: str, work: Callable[[], T]) -> T:
        """What the work gives, once nothing else is at that place. Whoever can't wait cancels; work that has begun keeps its place."""
        # Looked at again and again: those who wait are in the event loops of several servers, of which none can wake another's.
        while not self._takes(place):
            await asyncio.sleep(_LOOK_SECONDS)
        done = self._threads.submit(work)
        done.add_done_callback(lambda _: self._leaves(place))
        return await asyncio.wrap_future(done)

    def _takes(self, place: str) -> bool:
        with self._lock:
            if place in self._places or len(self._places) >= self._at_once:
                return False
            self._places.add(place)
            return True

    def _leaves(self, place: str) -> None:
        with self._lock:
            self._places.remove(place)
