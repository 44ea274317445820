"""`serve --state`: what a provider still knows after it was killed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from oauthctl.cli.provider_memory import remembering
from oauthctl.jose.jwk import generate
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear
from oauthctl.provider.state import new_state
from tests.cli.running import oauthctl
from tests.cli.test_serve import serving
from tests.provider.world import keys


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


def test_several_issuers_are_remembered_apart_in_one_file(tmp_path: Path) -> None:
    key, config = tmp_path / "key.jwk", tmp_path / "provider.toml"
    key.write_text(json.dumps(generate("RS256").as_dict()))
    own_keys = f"[[issuer.key]]\nalg = 'ES256'\n[[issuer.key]]\nfile = '{key}'\n"
    config.write_text(f"[[issuer]]\nurl = '/one'\n[[issuer]]\nurl = '/two'\n{own_keys}")
    words = ("--config", str(config), "--state", str(tmp_path / "provider.db"), "--json")
    with _told(*words) as (first, client):
        keys = [client.get(f"{one['issuer']}/jwks").json() for one in first]
        service = (first[0]["clients"][2]["client_id"], first[0]["clients"][2]["client_secret"])
        token = client.post(f"{first[0]['issuer']}/token", data={"grant_type": "client_credentials"}, auth=service).json()["access_token"]
    with _told(*words) as (again, client):
        assert again == first
        assert [client.get(f"{one['issuer']}/jwks").json() for one in again] == keys
        headers = {"Authorization": f"Bearer {token}"}
        assert [client.get(one["api_url"], headers=headers).status_code for one in again] == [200, 401]


def test_a_key_that_is_given_expressly_signs_even_where_others_are_remembered(tmp_path: Path) -> None:
    old, made, given = (generate("ES256") for _ in range(3))
    path = str(tmp_path / "provider.db")
    with remembering(path) as (memory,):
        memory.begun(new_state("http://127.0.0.1:9000", keys=(old,)))
    with remembering(path) as (memory,):
        state = new_state("http://127.0.0.1:9000", keys=(given, made))
        begun = memory.begun(state, fixed=frozenset({given.thumbprint()}))
    assert [key.kid for key in begun.keys] == [given.kid, old.kid]


@pytest.mark.parametrize("issuer", ["https://op.example", "https://op.example/", "https://op.example/one/"])
@pytest.mark.parametrize("persona", ["", "auth0"])
def test_whose_memory_it_is_is_told_to_the_letter(tmp_path: Path, issuer: str, persona: str) -> None:
    path = str(tmp_path / "provider.db")
    state = new_state(issuer, keys=keys())
    with remembering(path) as (memory,):
        memory.begun(wear(state, persona_named(persona)) if persona else state)
    with remembering(path) as (memory,):
        assert memory.issuer == issuer


def test_a_key_that_is_given_expressly_has_its_name_for_itself(tmp_path: Path) -> None:
    old, made, given = generate("ES256").with_(kid="a"), generate("ES256").with_(kid="b"), generate("EdDSA").with_(kid="a")
    path = str(tmp_path / "provider.db")
    with remembering(path) as (memory,):
        memory.begun(new_state("http://127.0.0.1:9000", keys=(old,)))
    with remembering(path) as (memory,):
        begun = memory.begun(new_state("http://127.0.0.1:9000", keys=(given, made)), fixed=frozenset({given.thumbprint()}))
    assert [(key.kid, key.alg) for key in begun.keys] == [("a", "EdDSA"), ("b", "ES256")]


@contextmanager
def _told(*words: str) -> Iterator[tuple[list[dict[str, Any]], httpx.Client]]:
    """What a provider tells of its issuers; it is killed at the end."""
    with serving(*words) as process, httpx.Client(trust_env=False, timeout=5) as client:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["issuers"], client


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
