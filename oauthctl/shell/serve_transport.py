"""`GatheringTransport`: what is written at about the same time goes out at once.

Here: one system call for the head and the body of an answer, which uvicorn writes one after the other. Not here: what is written.
"""

from __future__ import annotations

import asyncio
from typing import Any


class GatheringTransport(asyncio.Transport):
    """A transport that hands on to another what was written in one turn of the event loop.

    It has what a server's protocol uses of a transport. What still waits goes out before an orderly end, and is lost with an abrupt one.
    """

    def __init__(self, within: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._within = within
        self._loop = loop
        self._waiting: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not self._waiting:
            self._loop.call_soon(self._hand_on)
        self._waiting.append(bytes(data))

    def _hand_on(self) -> None:
        # Nothing is left of it where the connection was ended since.
        if self._waiting:
            self._within.write(b"".join(self._waiting))
            self._waiting.clear()

    def close(self) -> None:
        self._hand_on()
        self._within.close()

    def abort(self) -> None:
        self._waiting.clear()
        self._within.abort()

    def is_closing(self) -> bool:
        return self._within.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._within.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._within.pause_reading()

    def resume_reading(self) -> None:
        self._within.resume_reading()
