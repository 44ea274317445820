"""A hundred thousand code flows in one process: whether it becomes slower, or larger.

    .venv/bin/python -m tests.benchmarks.many_flows [FLOWS]

Each flow is a new browser's: it signs in, consents and gets an access and an ID token, over sockets. Prints CPU time a flow and memory of
`oauthctl serve` for each tenth; ends with 1 where the last tenth takes a tenth more than the second, or memory still grows in the second
half. The first tenth is left out, since the provider fills what it remembers (`provider.pruning`).
"""

from __future__ import annotations

import sys
from functools import partial

from tests.benchmarks.conversations import code_flow
from tests.benchmarks.load import converse
from tests.benchmarks.servers import OURS, running

PARTS = 10
MOST_SLOWER, MOST_LARGER = 1.10, 1.05


def main() -> int:
    flows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    size = flows // PARTS
    took, resident = list[float](), list[float]()
    with running(OURS) as server:
        for part in range(1, PARTS + 1):
            before = server.cpu_seconds
            seconds = converse(server.port, partial(code_flow, server), count=size)
            took.append((server.cpu_seconds - before) / size)
            resident.append(server.resident_mib)
            print(
                f"{part * size:7} flows: {took[-1] * 1000:5.2f} ms CPU each, {size / seconds:5.0f} a second, {resident[-1]:6.1f} MiB",
                flush=True,
            )
    slower, larger = took[-1] / took[1], resident[-1] / max(resident[: PARTS // 2])
    print(f"the last tenth took {slower:.2f} times the CPU time of the second; memory at the end is {larger:.2f} times the first half's")
    return 0 if slower <= MOST_SLOWER and larger <= MOST_LARGER else 1


if __name__ == "__main__":
    sys.exit(main())
