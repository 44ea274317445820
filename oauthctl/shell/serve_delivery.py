"""Putting an answer on the wire, as it should be or as a fault wants it.

Here: head and body, silence before them, an end in their midst. Not here: what is answered (`provider`), which faults there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, TypeAlias

from oauthctl.http import Response
from oauthctl.provider.delivery import Delivery

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Emit: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


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
    response: Response, emit: Emit, *, head: list[tuple[bytes, bytes]], abort: Callable[[], None], delivery: Delivery | None = None
) -> None:
    """Send the answer. A silence that the server's end cuts short ends the connection: an answer of any kind would not be silence."""
    if delivery is not None:
        try:
            await asyncio.sleep(delivery.seconds)
        except asyncio.CancelledError:
            abort()
            raise
        if delivery.is_reset:
            abort()
            return
    await emit({"type": "http.response.start", "status": response.status, "headers": head})
    if delivery is not None and delivery.keeps is not None and delivery.keeps < len(response.body):
        # The head has promised more. An answer that is left like this ends with its connection.
        await emit({"type": "http.response.body", "body": response.body[: delivery.keeps], "more_body": True})
        return
    await emit({"type": "http.response.body", "body": response.body})


@lru_cache(maxsize=2)
def _http_date(seconds: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True).encode("ascii")
