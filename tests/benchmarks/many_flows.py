"""A hundred thousand code flows in one process: whether it becomes slower, or larger.

    .venv/bin/python -m tests.benchmarks.many_flows [FLOWS]

Each flow is a new browser's: it signs in, consents and gets an access and an ID token, over sockets. Prints CPU time a flow and memory of
`oauthctl serve` for each tenth, and the CPU time that this process itself took for a flow: its work is always the same, so where it takes
longer, the machine is busy with something else. Ends with 1 where the last tenth takes a tenth more than the second, both over that, or
memory still grows in the second half. The first tenth is left out, since the provider fills what it remembers (`provider.pruning`).
"""

from __future__ import annotations

import sys
import time
from functools import partial

from tests.benchmarks.conversations import code_flow
from tests.benchmarks.load import converse
from tests.benchmarks.servers import OURS, running

PARTS = 10
MOST_SLOWER, MOST_LARGER = 1.10, 1.05


def main() -> int:
    flows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    size = flows // PARTS
    ratios, resident = list[float](), list[float]()
    with running(OURS) as server:
        for part in range(1, PARTS + 1):
            before, own = server.cpu_seconds, time.process_time()
            seconds = converse(server.port, partial(code_flow, server), count=size)
            took, own = server.cpu_seconds - before, time.process_time() - own
            ratios.append(took / own)
            resident.append(server.resident_mib)
            each = f"{took / size * 1000:5.2f} ms CPU each ({own / size * 1000:.2f} here), {size / seconds:4.0f} a second"
            print(f"{part * size:7} flows: {each}, {resident[-1]:6.1f} MiB", flush=True)
    slower, larger = ratios[-1] / ratios[1], resident[-1] / max(resident[: PARTS // 2])
    print(f"the last tenth took {slower:.2f} times the CPU time of the second; memory at the end is {larger:.2f} times the first half's")
    return 0 if slower <= MOST_SLOWER and larger <= MOST_LARGER else 1


if __name__ == "__main__":
    sys.exit(main())
