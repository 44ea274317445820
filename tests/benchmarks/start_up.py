"""Start-up: `decode TOKEN` and `token` from the store against the smallest Typer program, pair by pair.

.venv/bin/python -m tests.benchmarks.start_up [PAIRS]
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oauthctl.jose.jwk import generate
from oauthctl.jose.sign import sign
from oauthctl.store import profiles, tokens
from oauthctl.store.locations import Locations
from tests.benchmarks.pairs import compare


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        environ = dict(os.environ) | {"OAUTHCTL_CONFIG_DIR": f"{folder}/config", "OAUTHCTL_STATE_DIR": f"{folder}/state"}
        now = datetime.now(UTC)
        claims = {"iss": "https://op.example", "sub": "alice", "exp": int(now.timestamp()) + 3600}
        token = sign(claims, generate("ES256"))
        store = Locations(Path(folder) / "config", Path(folder) / "state")
        profiles.save(store, profiles.Profile(name="work", issuer="https://op.example", client_id="app"))
        profiles.use(store, "work")
        held = tokens.TokenSet("https://op.example", "app", token, now, expires_at=now + timedelta(hours=1))
        tokens.write(store, "work", held)
        floor = [sys.executable, str(Path(__file__).with_name("hello_typer.py"))]
        tool = str(Path(sys.executable).with_name("oauthctl"))
        for name, command in (("decode TOKEN", [tool, "decode", token]), ("token", [tool, "token"])):
            print(f"oauthctl {name} (ours) against a Typer hello-world (theirs)")
            print(compare(command, floor, runs=runs, environ=environ))


if __name__ == "__main__":
    main()
