"""What goes out to clients is bounded, and holds up nothing else."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from oauthctl.http import JSON, Headers, Request, Response
from oauthctl.shell.errands import Errands
from oauthctl.shell.running_provider import RunningProvider
from tests.provider.world import CALLBACK, ISSUER, practice_state


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Slow places answer when it opens, at the latest at the end of the test."""
    opened = threading.Event()
    yield opened
    opened.set()


def test_a_slow_place_holds_up_itself_alone(gate: threading.Event) -> None:
    began: list[str] = []

    def work(place: str) -> str:
        began.append(place)
        return place if place != "slow" or gate.wait(10) else ""

    async def all_of_them() -> list[str]:
        errands = Errands(at_once=2)
        slow = [asyncio.create_task(errands.run("slow", partial(work, "slow"))) for _ in range(3)]
        others = [await errands.run(place, partial(work, place)) for place in ("one", "other", "one")]
        assert began.count("slow") == 1
        gate.set()
        return others + await asyncio.gather(*slow)

    assert asyncio.run(all_of_them()) == ["one", "other", "one", "slow", "slow", "slow"]


def test_who_waits_no_longer_leaves_no_room_for_more(gate: threading.Event) -> None:
    began: list[int] = []

    def work(number: int) -> bool:
        began.append(number)
        return gate.wait(10)

    async def cancelled() -> bool:
        errands = Errands(at_once=2)
        tasks = [asyncio.create_task(errands.run(f"{number}", partial(work, number))) for number in range(3)]
        await asyncio.wait(tasks, timeout=0.1)
        for task in tasks[:2]:
            task.cancel()
        await asyncio.wait(tasks[2:], timeout=0.1)
        assert len(began) == 2
        gate.set()
        return await tasks[2]

    assert asyncio.run(cancelled())


def test_a_request_waits_for_its_client_no_longer_than_that(gate: threading.Event) -> None:
    def fetch(url: str) -> Response | None:
        gate.wait(10)
        return None

    running = RunningProvider(practice_state(), fetch=fetch, patience_seconds=0.05)
    metadata = {"redirect_uris": [CALLBACK], "jwks_uri": "https://slow.example/jwks"}
    request = Request("POST", f"{ISSUER}/register", Headers.of({"Content-Type": JSON}), json.dumps(metadata).encode())
    refused, _ = asyncio.run(running.answer(request))
    assert (refused.status, json.loads(refused.body)["error"]) == (400, "invalid_client_metadata")
    assert "has too much to ask for" in json.loads(refused.body)["error_description"]
    assert any("did not come within" in event.reason for event in running.state.log)
