"""Signals that wait until what is under way is finished."""

from __future__ import annotations

import signal
import sys
import threading

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.shell.interruption import finishing


def interrupted(number: signal.Signals, told: list[str], *, times: int = 1, error: Exception | None = None) -> list[int]:
    """Which steps were done of a block to which the signal comes before each step."""
    done: list[int] = []

    def block() -> None:
        for step in range(times):
            signal.raise_signal(number)
            done.append(step)
        if error is not None:
            raise error

    with pytest.raises(KeyboardInterrupt), finishing(told.append, "the refresh"):
        block()
    return done


SIGNALS = ["SIGINT"] if sys.platform == "win32" else ["SIGINT", "SIGTERM", "SIGHUP"]


@pytest.mark.parametrize("name", SIGNALS)
def test_the_block_is_finished_and_the_interruption_follows(name: str) -> None:
    number, told = signal.Signals[name], list[str]()
    before = signal.getsignal(number)
    assert interrupted(number, told) == [0]
    assert told == ["finishing the refresh, then ending; once more ends it at once"]
    assert signal.getsignal(number) is before


def test_a_second_signal_ends_it_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    assert interrupted(signal.SIGINT, [], times=3) == [0]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_of_an_interrupted_block_is_told() -> None:
    told: list[str] = []
    interrupted(signal.SIGINT, told, error=BadAnswer("no answer of use"))
    assert told[1:] == ["it came to nothing: no answer of use"]


def test_without_a_signal_errors_pass() -> None:
    told: list[str] = []
    with pytest.raises(BadAnswer), finishing(told.append, "it"):
        raise BadAnswer("no answer of use")
    assert told == []


def test_a_line_that_cannot_be_said_now_is_no_failure() -> None:
    class Busy(list[str]):
        def append(self, _line: str) -> None:
            raise RuntimeError("reentrant call")

    assert interrupted(signal.SIGINT, Busy()) == [0]


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with finishing(lambda _line: None, "it"):
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_is_left_alone() -> None:
    seen: list[object] = []

    def run() -> None:
        with finishing(lambda _line: None, "it"):
            seen.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join(5)
    assert seen == [before]
