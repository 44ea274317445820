"""Interruptions that have to wait: Ctrl-C and termination, held back while something is under way that must not be lost.

Here: the signals. Not here: what they would break off (`cli.refreshing`), the exit code (`cli.main`).
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from oauthctl.errors import OauthctlError


@contextmanager
def finishing(tell: Callable[[str], None], what: str) -> Iterator[None]:
    """The block is finished although a signal comes meanwhile; `KeyboardInterrupt` follows it. A second signal ends it at once.

    `tell` is given a line when the signal comes, and one for the error that the block ended with, since the interruption takes its place.
    Does nothing outside the main thread, where no signals come.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False

    def hold_back(_signal: int, _frame: FrameType | None) -> None:
        nonlocal came
        if came:
            raise KeyboardInterrupt
        came = True
        # The signal may come in the middle of another line on the same stream, which is then no place for this one.
        with suppress(RuntimeError):
            tell(f"finishing {what}, then ending; once more ends it at once")

    before = {number: signal.signal(number, hold_back) for number in _signals()}
    try:
        yield
    except OauthctlError as error:
        if came:
            tell(f"it came to nothing: {error.message}")
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def _signals() -> tuple[signal.Signals, ...]:
    """Those that would end us; one that is ignored, or that something outside Python handles, stays as it is."""
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if sys.platform != "win32" else (signal.SIGINT,)
    return tuple(number for number in wanted if signal.getsignal(number) not in (signal.SIG_IGN, None))
