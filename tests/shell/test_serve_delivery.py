"""What a fault does to an answer on its way."""

from __future__ import annotations

import asyncio
import contextlib

from oauthctl.http import Response
from oauthctl.provider.delivery import Delivery
from oauthctl.shell.serve_delivery import deliver


def test_a_silence_that_is_cut_short_ends_the_connection_and_says_nothing() -> None:
    done: list[str] = []

    async def emit(message: object) -> None:
        done.append(f"sent {message}")

    async def cut_short() -> None:
        delivery = Delivery(seconds=3600)
        silence = asyncio.create_task(deliver(Response(200), emit, head=[], abort=lambda: done.append("ended"), delivery=delivery))
        await asyncio.sleep(0)
        silence.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await silence

    asyncio.run(cut_short())
    assert done == ["ended"]
