"""Signals that end a run: what was recorded is kept first, as after Ctrl-C.

Here: SIGTERM and SIGHUP as interruptions with exit codes of their own. Not here: holding signals back (`shell.interruption`), commands for
which a signal is the normal end (`shell.serve`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Ending:
    """By which signal a run was told to end; 0 while none came."""

    number: int = 0

    def exit_code(self, otherwise: int) -> int:
        """128 and the signal's number, as shells have it, else the run's own."""
        return 128 + self.number if self.number else otherwise


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """In the block SIGTERM and SIGHUP end the run in order; one that is ignored (`nohup`) stays so. A second one ends it at once."""
    import os
    import signal
    import stat
    import sys

    if sys.platform == "win32":
        yield Ending()
        return
    ending = Ending()

    def end(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        if number == signal.SIGHUP:
            _leave_terminal()
        ending.number = number
        raise KeyboardInterrupt

    def _leave_terminal() -> None:
        """What is written to a terminal that is gone is an error, which must not keep anything from being kept."""
        for descriptor in (1, 2):
            if stat.S_ISCHR(os.fstat(descriptor).st_mode):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, descriptor)
                os.close(nowhere)

    wanted = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) == signal.SIG_DFL]
    for number in wanted:
        signal.signal(number, end)
    try:
        yield ending
    finally:
        for number in wanted:
            signal.signal(number, signal.SIG_DFL)
