"""Fifty processes ask for a token that has ended: one refresh, fifty equal answers, and the rotated refresh token is not lost."""

from __future__ import annotations

import compileall
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import oauthctl
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import new_state
from oauthctl.shell.serve import Server
from oauthctl.store import tokens
from oauthctl.store.locations import Locations
from tests.cli.person import ALICE, isolated, oauthctl_with

PROCESSES = 50


def test_fifty_processes_refresh_once_between_them(tmp_path: Path) -> None:
    clients, users = practice_clients(secret="practice-secret"), practice_users()
    with Server(lambda issuer: new_state(issuer, clients=clients, users=users)) as server:
        ran, _ = oauthctl_with(
            ALICE, "login", server.issuer, "--client-id", "public", "--scope", "openid offline_access", "--profile", "work", folder=tmp_path
        )
        assert ran.code == 0, ran.err
        store = Locations(tmp_path / "config", tmp_path / "state")
        before = tokens.read(store, "work", warn=lambda _: None)
        assert before is not None
        tokens.write(store, "work", _ended(before))
        answers = _ask_in_parallel(tmp_path)
        refreshes = [event for event in server.state.log if event.endpoint == "token" and "refresh" in event.reason]
        after = tokens.read(store, "work", warn=lambda _: None)
        assert after is not None
        again, _ = oauthctl_with(ALICE, "refresh", folder=tmp_path)
    assert {code for code, _, _ in answers} == {0}, [err for _, _, err in answers if err][:3]
    assert {out for _, out, _ in answers} == {after.access_token + "\n"}
    assert after.access_token != before.access_token
    assert len(refreshes) == 1, refreshes
    assert again.code == 0, "the rotated refresh token was lost or used twice"


def _ended(held: tokens.TokenSet) -> tokens.TokenSet:
    from dataclasses import replace

    return replace(held, expires_at=datetime.now(UTC) - timedelta(minutes=1))


def _ask_in_parallel(folder: Path) -> list[tuple[int, str, str]]:
    # Else each of them would first compile the same modules, for half a minute together.
    compileall.compile_dir(Path(oauthctl.__file__).parent, quiet=1)
    command = [sys.executable, "-m", "oauthctl", "token"]
    started = [
        subprocess.Popen(
            command,
            env=isolated(folder) | {"PATH": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    answers = []
    try:
        for process in started:
            out, err = process.communicate(timeout=300)
            answers.append((process.returncode, out, err))
    finally:
        for process in started:
            process.kill()
    return answers
