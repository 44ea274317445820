"""From the callback's arrival to tokens stored, with latency put in front of the provider.

    .venv/bin/python -m tests.benchmarks.callback_latency [ROUND_TRIP_MILLISECONDS]

Prints the time between the callback's arrival (from the recording) and the stored tokens (from the file), beside the token request's own.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from time import sleep

from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import new_state
from oauthctl.shell.serve import Server
from tests.cli.person import ALICE, oauthctl_with
from tests.interop.pages import Page, browse


def main() -> None:
    seconds = (float(sys.argv[1]) if len(sys.argv) > 1 else 100.0) / 1000
    clients, users = practice_clients(secret="benchmark-secret"), practice_users()
    with Server(lambda issuer: new_state(issuer, clients=clients, users=users), latency_seconds=seconds) as server:
        rows = [_run(server.issuer, thinking) for thinking in (0.0, 1.0, 7.0)]
    for thinking, whole, trip in rows:
        print(
            f"  the person took {thinking:.0f} s more: callback to stored {whole * 1000:6.1f} ms, the token request {trip * 1000:6.1f} ms"
        )
    print(f"  median over the round trip: {statistics.median(whole - seconds for _, whole, _ in rows) * 1000:.1f} ms")


def _run(issuer: str, thinking: float) -> tuple[float, float, float]:
    def sign_in(url: str) -> Page:
        sleep(thinking)
        return browse(url, ALICE)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ran, _ = oauthctl_with(sign_in, "login", issuer, "--client-id", "public", "--scope", "openid", "--profile", "work", folder=folder)
        assert ran.code == 0, ran.err
        stored = (folder / "state" / "tokens" / "work.json").stat().st_mtime
        [har] = list((folder / "state" / "recordings").glob("*.har"))
        entries = json.loads(har.read_text())["log"]["entries"]
    arrived = next(entry for entry in entries if entry["_oauthctl"]["purpose"] == "callback")
    asked = next(entry for entry in entries if entry["_oauthctl"]["purpose"] == "token")
    return thinking, stored - datetime.fromisoformat(arrived["startedDateTime"]).timestamp(), asked["_oauthctl"]["seconds"]


if __name__ == "__main__":
    main()
