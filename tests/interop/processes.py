"""Here: a server process that tells when it is ready, and surely ends. Not here: what the servers are."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 120 if os.environ.get("CI") else 60
END_SECONDS = 5
READY = "READY "


@contextmanager
def running(command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a server until the block ends; gives what follows `READY ` in its output.

    Standard output and error go to `output.log` in `folder`, shown when the server doesn't come up.
    """
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output
        )
    ready: list[str] = []
    seen = threading.Event()
    reader = threading.Thread(target=_read, args=(process, log, ready, seen), daemon=True)
    reader.start()
    try:
        seen.wait(START_SECONDS)
        if not ready:
            how = "ended" if process.poll() is not None else f"was not ready after {START_SECONDS} seconds"
            raise AssertionError(f"`{' '.join(command)}` {how}:\n{log.read_text('utf-8', 'replace')[-4000:]}")
        yield ready[0]
    finally:
        _end(process)
        reader.join()
        if process.stdout is not None:
            process.stdout.close()


def free_ports(count: int) -> int:
    """The first of `count` neighbouring ports that are free on loopback.

    They lie below the range from which systems take ports for outgoing connections (from 32768 on Linux), so that none
    is taken between this look and the server's start.
    """
    generator = random.SystemRandom()
    for _ in range(200):
        first = generator.randrange(15000, 32000)
        if all(_is_free(first + offset) for offset in range(count)):
            return first
    raise AssertionError("no free port between 15000 and 32000")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _read(process: subprocess.Popen[bytes], log: Path, ready: list[str], seen: threading.Event) -> None:
    assert process.stdout is not None
    with log.open("ab") as output:
        for line in process.stdout:
            output.write(line)
            output.flush()
            text = line.decode("utf-8", "replace").strip()
            if text.startswith(READY):
                ready.append(text.removeprefix(READY))
                seen.set()
    seen.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
