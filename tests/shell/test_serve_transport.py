"""What is written in one turn of the loop goes out at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from oauthctl.shell.serve_transport import GatheringTransport


class Noting(asyncio.Transport):
    """A transport that notes what is done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def close(self) -> None:
        self.done.append("closed")

    def abort(self) -> None:
        self.done.append("aborted")


def noted(use: Callable[[GatheringTransport], None]) -> list[bytes | str]:
    async def run() -> list[bytes | str]:
        within = Noting()
        use(GatheringTransport(within, asyncio.get_running_loop()))
        await asyncio.sleep(0)
        return within.done

    return asyncio.run(run())


def written(transport: GatheringTransport) -> None:
    transport.write(b"head")
    transport.write(b"body")


@pytest.mark.parametrize(
    ("then", "done"),
    [
        (lambda _transport: None, [b"headbody"]),
        (GatheringTransport.close, [b"headbody", "closed"]),
        (GatheringTransport.abort, ["aborted"]),
    ],
    ids=["goes on", "closed", "aborted"],
)
def test_what_waits_goes_out_unless_the_connection_is_aborted(then: Callable[[GatheringTransport], None], done: list[bytes | str]) -> None:
    def use(transport: GatheringTransport) -> None:
        written(transport)
        then(transport)

    assert noted(use) == done


def test_each_turn_of_the_loop_is_a_write_of_its_own() -> None:
    async def run() -> list[bytes | str]:
        within = Noting()
        transport = GatheringTransport(within, asyncio.get_running_loop())
        for _ in range(2):
            written(transport)
            await asyncio.sleep(0)
        return within.done

    assert asyncio.run(run()) == [b"headbody", b"headbody"]
