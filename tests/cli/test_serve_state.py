"""`serve --state`: what a provider still knows after it was killed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest

from tests.cli.running import oauthctl
from tests.cli.test_serve import serving


def test_a_killed_provider_comes_back_where_it_was_with_its_tokens(tmp_path: Path) -> None:
    file = str(tmp_path / "provider.db")
    with serving("--json", "--quiet", "--state", file) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        secret = {one["client_id"]: one["client_secret"] for one in first["clients"]}
        with httpx.Client(base_url=first["issuer"], trust_env=False, timeout=5) as client:
            token = client.post("/token", data={"grant_type": "client_credentials"}, auth=("service", secret["service"])).json()[
                "access_token"
            ]
            registered = client.post("/register", json={"redirect_uris": ["http://127.0.0.1/callback"]}).json()
        process.kill()
        process.wait(10)
    with serving("--json", "--quiet", "--state", file) as process:
        assert process.stdout is not None
        again = json.loads(process.stdout.readline())
        assert again["issuer"] == first["issuer"]
        assert registered["client_id"] in [one["client_id"] for one in again["clients"]]
        with httpx.Client(base_url=again["issuer"], trust_env=False, timeout=5) as client:
            told = client.post("/introspect", data={"token": token}, auth=("api", secret["api"])).json()
            assert told["active"] is True
            assert client.post("/revoke", data={"token": token}, auth=("service", secret["service"])).status_code == 200


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_nothing_that_was_acknowledged_is_lost_by_a_kill_under_load(capsys: pytest.CaptureFixture[str]) -> None:
    """The same with hundreds of kills is `tests.benchmarks.kills`."""
    from tests.benchmarks.kills import main

    assert main(kills=1, seed=1) == 0
    last = capsys.readouterr().out
    assert int(last.partition("kills: ")[2].split()[0]) > 0


def test_a_file_that_another_provider_has_is_refused(tmp_path: Path) -> None:
    file = str(tmp_path / "provider.db")
    with serving("--quiet", "--state", file) as process:
        assert process.stdout is not None
        process.stdout.readline()
        ran = oauthctl("serve", "--state", file)
    assert ran.code == 2
    assert "another provider has" in ran.err


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    ran = oauthctl("serve", "--state", str(tmp_path / "nowhere" / "provider.db"))
    assert ran.code == 2
    assert "can't be opened" in ran.err
