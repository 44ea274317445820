"""Here: a client that others wrote, run as a process of its own, and the person at its browser. Not here: what it asks for.

A client gets one JSON order on stdin. It prints `OPEN URL` where a browser is needed, and reads the URL that came back to the redirect URI
as a line; `CODE URL CODE` where a device shows a code; `DECIDE URL` where the person is asked elsewhere; and in the end `DONE {…}`.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oauthctl.provider.second_factor import CODE
from tests.interop.forms import Button, Form, Recipe
from tests.interop.listener import listening
from tests.interop.pages import browse, browser

CLIENTS = Path(__file__).parent / "clients"
ALICE: Recipe = (
    Form({"username": "alice", "password": "alice"}),
    Form({"code": CODE}, Button("decision", "allow")),
    Form(button=Button("decision", "allow")),
)
SECONDS = 60


def run_client(command: Sequence[str], order: Mapping[str, Any], *, redirect_uri: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """What the client says in the end. It fails the test when it ends otherwise, or not in time."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=dict(environment)
    )
    errors: list[str] = []
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    reader = threading.Thread(target=lambda stream=process.stderr: errors.append(stream.read()), daemon=True)
    reader.start()
    # Whatever it waits for in vain, it is ended.
    watch = threading.Timer(SECONDS, process.kill)
    watch.start()
    result = None
    try:
        with browser() as person, listening(redirect_uri) as callbacks:
            print(json.dumps({**order, "redirect_uri": redirect_uri}), file=process.stdin, flush=True)
            for line in process.stdout:
                word, _, rest = line.strip().partition(" ")
                if word == "OPEN":
                    seen = len(callbacks)
                    page = browse(rest, ALICE, client=person)
                    assert len(callbacks) == seen + 1, f"nobody came back to {redirect_uri}, but {page.url} says: {page.text[:600]}"
                    # The browser's address has what stands behind a `#`, too, which no listener sees.
                    print(page.url, file=process.stdin, flush=True)
                elif word == "CODE":
                    url, code = rest.split()
                    browse(url, (*ALICE, Form({"user_code": code})), client=person)
                elif word == "DECIDE":
                    browse(rest, ALICE, client=person)
                elif word == "DONE":
                    result = json.loads(rest)
        process.wait(SECONDS)
    finally:
        watch.cancel()
        process.kill()
        process.wait()
        reader.join()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
    assert result is not None, f"the client ended with {process.returncode}:\n{''.join(errors)[-3000:]}"
    return dict(result)
