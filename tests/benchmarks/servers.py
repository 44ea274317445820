"""The servers that are compared, each a process of its own, and what the system counts for them.

Here: starting them, their CPU time and memory. Not here: the load (`load`, `conversations`). Linux only, since `/proc` does the counting.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.load import Connection
from tests.interop.processes import free_ports

_HERE = Path(__file__).parent
_SERVERS = _HERE.parent / "interop" / "servers"
_START_SECONDS = 60
OURS, MOCK, OIDC = "oauthctl serve", "oauth2-mock-server", "oidc-provider"


@dataclass(frozen=True)
class Running:
    """A server that answers. `start_seconds` passed until its metadata came."""

    name: str
    alg: str
    process: subprocess.Popen[bytes]
    port: int
    secret: str
    start_seconds: float

    @property
    def cpu_seconds(self) -> float:
        """What its threads have taken so far, in user and kernel. Source: the kernel's Documentation/scheduler/sched-stats.rst."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    @property
    def resident_mib(self) -> float:
        """Its memory now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


@contextlib.contextmanager
def running(name: str, alg: str = "RS256", *options: str, port: int = 0) -> Iterator[Running]:
    """A server of this name whose access tokens are signed so; `options` are further words of its command."""
    port = port or free_ports(1)
    command = [*command_of(name, alg, port), *options]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        seconds = time.perf_counter() - began
        yield Running(name, alg, process, port, _secret(name, process), seconds)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def command_of(name: str, alg: str, port: int) -> Sequence[str]:
    """What starts a server."""
    if name == OURS:
        program = str(Path(sys.executable).with_name("oauthctl"))
        signing = ("--config", str(_HERE / "es256.toml")) if alg == "ES256" else ()
        return (program, "--quiet", "serve", "--port", str(port), "--json", *signing)
    if name == MOCK:
        return ("node", str(_SERVERS / "oauth2_mock_server.mjs"), str(port), alg)
    return ("node", str(_SERVERS / "oidc_provider_plain.mjs"), str(port))


def _secret(name: str, process: subprocess.Popen[bytes]) -> str:
    """The secret of the client `web`; ours says on its first line which one it has made."""
    if name != OURS:
        return "secret"
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    return next(str(client["client_secret"]) for client in said["clients"] if client["client_id"] == "web")


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait for the first answer, asking every few milliseconds."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), Connection(port) as connection:
            connection.send(b"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
            if connection.receive().status == 200:
                return
        time.sleep(0.005)  # nothing tells when another program begins to listen
    raise SystemExit(f"{process.args!r} did not start")
