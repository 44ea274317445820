"""`oauthctl login` asks for the secret at a real terminal, without showing it.

Here: what needs a terminal of its own. Not here: the other ways of giving a secret (`test_login`).
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.person import ALICE, isolated
from tests.cli.spoiled import SECRET, providing
from tests.interop.pages import browse

# The child makes the terminal its own, as a shell does, so that a prompt finds it.
_START = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_the_secret_is_typed_unseen(tmp_path: Path) -> None:
    with providing() as provider:
        ours, theirs = os.openpty()
        argv = ["login", provider.issuer, "--client-id", "web", "--client-auth", "client_secret_post", "--no-browser"]
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
            shown = _read_until(ours, "client secret: ")
            os.write(ours, SECRET.encode() + b"\n")
            shown += _read_until(ours, "waiting up to")
            found = re.search(r"http://\S+/authorize\?\S+", shown)
            assert found is not None, shown
            page = browse(found[0], ALICE)
            shown += _read_until(ours, "next: ")
            assert process.wait(20) == 0, shown
        finally:
            process.kill()
            process.wait()
            os.close(ours)
        assert page.text.startswith("You are signed in")
        assert provider.asked("/token")[0].form.get("client_secret") == SECRET
        assert SECRET not in shown


def _read_until(terminal: int, text: str) -> str:
    """What the terminal shows up to there."""
    shown = ""
    while text not in shown:
        assert select.select([terminal], [], [], 20)[0], f"{text!r} did not come after:\n{shown}"
        try:
            shown += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            raise AssertionError(f"the command ended without {text!r}:\n{shown}") from None
    return shown
