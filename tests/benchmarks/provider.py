"""`oauthctl serve` beside npm's `oauth2-mock-server` and `oidc-provider`: the same load, in turn, in one run.

    .venv/bin/python -m tests.benchmarks.provider [ROUNDS]

What counts is the CPU time of a server's process for one request or flow, all threads, in user and kernel: it says how many one core does,
and other programs on the machine disturb it least. The load comes from this process. `of the best` is the CPU time of the better of the two
others over ours, round by round: above 1, ours needs less.

Here: what is compared, and the table. Not here: the servers (`servers`), what is said to them (`conversations`), the sockets (`load`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from statistics import median

from tests.benchmarks.conversations import Browser, client_credentials, code_flow, introspection, token_of
from tests.benchmarks.load import Conversation, converse
from tests.benchmarks.servers import MOCK, OIDC, OURS, Running, running

NAMES = (OURS, MOCK, OIDC)
_PIECES = 10
Say = Callable[[], Conversation]


@dataclass(frozen=True)
class Task:
    """What is asked of each server, `count` times a round; `prepared` gets what it takes."""

    name: str
    alg: str
    count: int
    prepared: Callable[[Running], Say]


@dataclass(frozen=True)
class Sample:
    """One round of one server: CPU milliseconds for each, and how many were done in a second."""

    cpu: float
    rate: float


def main(rounds: int) -> None:
    starts = [_started() for _ in range(rounds)]
    with ExitStack() as stack:
        servers = {(name, alg): stack.enter_context(running(name, alg)) for alg in ("RS256", "ES256") for name in NAMES}
        rounds_of = [{task.name: _round(task, [servers[name, task.alg] for name in NAMES]) for task in TASKS} for _ in range(rounds)]
        resident = [servers[name, "RS256"].resident_mib for name in NAMES]
    print(f"{rounds} rounds, medians: CPU milliseconds for each, and in brackets how many a second\n")
    _print_row("", NAMES, "of the best")
    rows = {task.name: [one[task.name] for one in rounds_of] for task in TASKS}
    for name, samples in (rows | {"start": starts}).items():
        _print_row(name, [_told(of) for of in zip(*samples, strict=True)], _advantage([[one.cpu for one in sample] for sample in samples]))
    flows = rounds * sum(task.count for task in TASKS if "flow" in task.name)
    _print_row(f"MiB after {flows} flows", [f"{mib:.0f}" for mib in resident], _advantage([resident]))


def _started() -> list[Sample]:
    """What each server takes until its metadata comes."""
    samples = []
    for name in NAMES:
        with running(name) as server:
            samples.append(Sample(server.cpu_seconds * 1000, 1 / server.start_seconds))
    return samples


def _round(task: Task, servers: list[Running]) -> list[Sample]:
    """One round of a task, piece by piece in turn, so that whatever else the machine does falls on all alike."""
    says = [task.prepared(server) for server in servers]
    cpu, wall = [0.0] * len(servers), [0.0] * len(servers)
    for piece in range(_PIECES + 1):
        for at, (server, say) in enumerate(zip(servers, says, strict=True)):
            before = server.cpu_seconds
            seconds = converse(server.port, say, count=task.count // _PIECES)
            # In the first one caches and just-in-time compilers warm up.
            if piece:
                cpu[at] += server.cpu_seconds - before
                wall[at] += seconds
    return [Sample(of / task.count * 1000, task.count / seconds) for of, seconds in zip(cpu, wall, strict=True)]


def _signed_in(server: Running) -> Say:
    browser = Browser(server)
    converse(server.port, partial(code_flow, server, browser), count=1)
    return partial(code_flow, server, browser)


TASKS = (
    Task("client credentials, ES256", "ES256", 2000, lambda server: partial(client_credentials, server)),
    Task("client credentials, RS256", "RS256", 1500, lambda server: partial(client_credentials, server)),
    Task("introspection", "RS256", 3000, lambda server: partial(introspection, server, token_of(server))),
    Task("code flow, signed in", "RS256", 500, _signed_in),
    Task("code flow with sign-in and consent", "RS256", 300, lambda server: partial(code_flow, server)),
)


def _told(samples: Sequence[Sample]) -> str:
    return f"{median(one.cpu for one in samples):.2f} ({median(one.rate for one in samples):.4g})"


def _advantage(rounds: list[list[float]]) -> str:
    """The better of the others over ours, the median of the rounds and between which it lies."""
    ratios = sorted(min(others) / ours for ours, *others in rounds)
    return f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def _print_row(name: str, cells: Iterable[str], advantage: str) -> None:
    print(f"{name:36}" + "".join(f"{cell:22}" for cell in cells) + advantage)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
