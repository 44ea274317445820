"""`oauthctl login` ended by Ctrl-C while it waits for the browser.

Here: what needs a process, and a terminal of its own. Not here: what a login is told otherwise (`test_login`).
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.person import isolated
from tests.cli.spoiled import Provider, providing
from tests.interop.processes import free_ports

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")

# The child makes the terminal its own, as a shell does, so that a Ctrl-C typed there reaches it.
_START = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
INTERRUPTS: dict[str, Callable[[int, int], object]] = {
    "typed": lambda terminal, _pid: os.write(terminal, b"\x03"),
    "sent": lambda _terminal, pid: os.kill(pid, signal.SIGINT),
}
ENDS = {"terminated": signal.SIGTERM, "hung up": signal.SIGHUP}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as running:
        yield running


@pytest.mark.parametrize("how", INTERRUPTS)
def test_ctrl_c_while_it_waits_ends_it_and_leaves_nothing(provider: Provider, tmp_path: Path, how: str) -> None:
    port = free_ports(1)
    argv = ["login", provider.issuer, "--client-id", "public", "--redirect-uri", f"http://127.0.0.1:{port}/callback", "--no-browser"]
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _START, "-m", "oauthctl", *argv],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=isolated(tmp_path) | {"PATH": os.environ["PATH"], "TERM": "dumb"},
    )
    os.close(theirs)
    try:
        shown = _read(ours, until="waiting up to")
        with socket.create_connection(("127.0.0.1", port), 5):
            pass
        began = time.monotonic()
        INTERRUPTS[how](ours, process.pid)
        code = process.wait(20)
        shown += _read(ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert code == 130, shown
    assert time.monotonic() - began < 10
    assert "Traceback" not in shown
    assert "KeyboardInterrupt" not in shown
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    assert not (tmp_path / "state" / "tokens").exists() or [*(tmp_path / "state" / "tokens").glob("*.json")] == []
    assert not [*(tmp_path / "config").rglob("*.toml")]


@pytest.mark.parametrize("how", ENDS)
def test_what_was_recorded_is_kept_when_a_signal_ends_it(provider: Provider, tmp_path: Path, how: str) -> None:
    argv = ["login", provider.issuer, "--client-id", "public", "--no-browser"]
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _START, "-m", "oauthctl", *argv],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=isolated(tmp_path) | {"PATH": os.environ["PATH"], "TERM": "dumb"},
    )
    os.close(theirs)
    try:
        shown = _read(ours, until="waiting up to")
        if how == "hung up":
            # The terminal's window is closed: the system sends the signal.
            os.close(ours)
        else:
            os.kill(process.pid, ENDS[how])
        code = process.wait(20)
        shown += _read(ours) if how != "hung up" else ""
    finally:
        process.kill()
        process.wait()
        if how != "hung up":
            os.close(ours)
    assert code == 128 + ENDS[how], shown
    (recording,) = (tmp_path / "state" / "recordings").glob("*.har")
    assert provider.issuer in recording.read_text("utf-8")
    assert how == "hung up" or "interrupted; recorded as" in shown
    assert "Traceback" not in shown


def _read(terminal: int, *, until: str = "") -> str:
    """What the terminal shows up to there, or to its end."""
    shown = ""
    while not until or until not in shown:
        assert select.select([terminal], [], [], 20)[0], f"{until!r} did not come after:\n{shown}"
        try:
            more = os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # the other side is gone
            more = ""
        if not more:
            assert not until, f"the command ended without {until!r}:\n{shown}"
            return shown
        shown += more
    return shown
