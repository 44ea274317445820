"""Putting an answer on the wire, as it should be or as a fault wants it.

Here: head and body, silence before them, an end in their midst. Not here: what is answered (`provider`), which faults there are.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, TypeAlias

from oauthctl.http import Response
from oauthctl.provider.delivery import Delivery

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Emit: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Silences:
    """The times in which answers are held back, which all end when the server does. For servers in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_over = False
        self._waiting: set[Callable[[], object]] = set()

    async def last(self, seconds: float) -> bool:
        """Be silent for so long; whether nothing ended it before."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()

        def let_go() -> None:
            loop.call_soon_threadsafe(ended.set)

        with self._lock:
            if self._is_over:
                return False
            self._waiting.add(let_go)
        try:
            async with asyncio.timeout(seconds):
                await ended.wait()
        except TimeoutError:
            return True
        finally:
            with self._lock:
                self._waiting.discard(let_go)
        return False

    def end(self) -> None:
        """End them, now and from now on."""
        with self._lock:
            self._is_over = True
            for let_go in self._waiting:
                let_go()


def head_of(response: Response, now: datetime) -> list[tuple[bytes, bytes]]:
    """The header fields as they go onto the wire. `now` is the provider's time, which tests and the demo set: tokens are dated by it, too.

    Raises `UnicodeEncodeError` for a field that can't go there.
    """
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    if "date" not in response.headers:
        pairs.append((b"date", _http_date(int(now.timestamp()))))
    if response.status != 204:
        pairs.append((b"content-length", str(len(response.body)).encode()))
    return pairs


async def deliver(
    response: Response,
    emit: Emit,
    *,
    head: list[tuple[bytes, bytes]],
    abort: Callable[[], None],
    silences: Silences,
    delivery: Delivery | None = None,
) -> None:
    """Send the answer. A silence that the server's end cuts short ends the connection: an answer of any kind would not be silence."""
    if delivery is not None and (not await silences.last(delivery.seconds) or delivery.is_reset):
        abort()
        return
    await emit({"type": "http.response.start", "status": response.status, "headers": head})
    body = response.body
    if delivery is not None and delivery.keeps is not None and delivery.keeps < len(body):
        # The head has promised more. An answer that is left like this ends with its connection.
        await emit({"type": "http.response.body", "body": body[: delivery.keeps], "more_body": True})
        if not delivery.pause_seconds or not await silences.last(delivery.pause_seconds):
            return
        body = body[delivery.keeps :]
    await emit({"type": "http.response.body", "body": body})


@lru_cache(maxsize=2)
def _http_date(seconds: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True).encode("ascii")
