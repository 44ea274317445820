"""Runs two commands in turn and compares what the operating system counted for each.

Here: the measuring. Not here: what is measured (the other files of this folder, run by hand; nothing of it runs with the tests).
POSIX only, since `os.wait4` does the counting.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One finished process: CPU seconds (user and system), wall seconds, peak memory in MiB."""

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float


# A child's peak memory begins with that of the process that starts it, so a small one of its own does, without `site` and our imports.
_MEASURER = """
import os, subprocess, sys, time
before = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
print(process.returncode, usage.ru_utime + usage.ru_stime, time.perf_counter() - before, usage.ru_maxrss / 1024)
"""


def measure(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end and count."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _MEASURER, *command], stdout=subprocess.PIPE, env=environ, text=True, check=True
    )
    code, cpu, wall, peak = ran.stdout.split()
    if code != "0":
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Run(float(cpu), float(wall), float(peak))


def compare(ours: Sequence[str], theirs: Sequence[str], *, runs: int = 20, environ: Mapping[str, str] | None = None) -> str:
    """A paragraph with the medians of both sides and the medians of the ratios, pair by pair; one warm-up each is not counted."""
    measure(ours, environ)
    measure(theirs, environ)
    pairs = [(measure(ours, environ), measure(theirs, environ)) for _ in range(runs)]
    cpu = statistics.median(a.cpu_seconds / b.cpu_seconds for a, b in pairs)
    memory = statistics.median(a.peak_mib / b.peak_mib for a, b in pairs)
    mine, other = [a for a, _ in pairs], [b for _, b in pairs]
    return (
        f"  ours   {statistics.median(run.cpu_seconds for run in mine) * 1000:7.1f} ms CPU  "
        f"{statistics.median(run.peak_mib for run in mine):6.1f} MiB\n"
        f"  theirs {statistics.median(run.cpu_seconds for run in other) * 1000:7.1f} ms CPU  "
        f"{statistics.median(run.peak_mib for run in other):6.1f} MiB\n"
        f"  ratio  {cpu:7.2f} CPU     {memory:6.2f} memory   ({runs} pairs, medians)"
    )
