"""`oauthctl login --grant device_code` (RFC 8628)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.person import oauthctl_with
from tests.cli.running import Ran
from tests.cli.spoiled import Provider, providing
from tests.interop.forms import Button, Form
from tests.interop.pages import Page, browse

ALLOW = Button("decision", "allow")
DENY = Button("decision", "deny")


@pytest.fixture(scope="module")
def quick() -> Iterator[Provider]:
    """The practice provider for people who decide at once."""
    with providing(change=lambda state: replace(state, device_interval=0.05)) as running:
        yield running


def typing(provider: Provider, decision: Button = ALLOW) -> Callable[[str], Page]:
    """Opens the page, types the code in, signs in, decides."""

    def visit(url: str) -> Page:
        code = list(provider.server.state.device_codes.values())[-1].user_code
        recipe = (Form({"user_code": code}), Form({"username": "alice", "password": "alice"}), Form(button=decision))
        return browse(url, recipe)

    return visit


def login(provider: Provider, *argv: str, folder: Path, decision: Button = ALLOW) -> Ran:
    words = ("login", provider.issuer, "--client-id", "public", "--grant", "device_code", *argv)
    return oauthctl_with(typing(provider, decision), *words, folder=folder)[0]


def test_signing_in_on_another_device(quick: Provider, tmp_path: Path) -> None:
    ran = login(quick, "--scope", "openid profile", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "signed in as alice" in ran.err
    assert quick.issuer + "/device" in ran.err.splitlines()
    assert "who types in a code that somebody sent" in ran.err
    assert quick.asked("/authorize") == []


def test_the_profile_keeps_the_grant(quick: Provider, tmp_path: Path) -> None:
    login(quick, folder=tmp_path)
    (path,) = (tmp_path / "config" / "profiles").iterdir()
    profile = tomllib.loads(path.read_text())
    assert profile["grant"] == "device_code"
    again, _ = oauthctl_with(typing(quick), "login", path.stem, folder=tmp_path)
    assert again.code == 0, again.err


def test_the_code_is_shown_even_when_all_talk_is_kept_back(quick: Provider, tmp_path: Path) -> None:
    seen: list[str] = []

    def visit(url: str) -> Page:
        seen.extend(one.user_code for one in quick.server.state.device_codes.values())
        return typing(quick)(url)

    ran, _ = oauthctl_with(visit, "login", quick.issuer, "--client-id", "public", "--grant", "device_code", "--json", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["token_type"] == "Bearer"
    assert seen[-1] in ran.err.splitlines()


def test_a_no_ends_it(quick: Provider, tmp_path: Path) -> None:
    ran = login(quick, folder=tmp_path, decision=DENY)
    assert ran.code == 4
    assert "access_denied" in ran.err


def test_pkce_where_it_is_asked_for(quick: Provider, tmp_path: Path) -> None:
    quick.reset()
    ran = login(quick, "--pkce", "S256", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert quick.asked("/device_authorization")[-1].form.get("code_challenge_method") == "S256"
    assert quick.asked("/token")[-1].form.get("code_verifier")


def test_the_device_code_stays_out_of_the_recording(quick: Provider, tmp_path: Path) -> None:
    quick.reset()
    login(quick, folder=tmp_path)
    code = quick.asked("/token")[-1].form.get("device_code") or ""
    recordings = "".join(path.read_text() for path in tmp_path.rglob("*.har"))
    assert code
    assert recordings
    assert code not in recordings


def test_a_dry_run_shows_the_steps(quick: Provider, tmp_path: Path) -> None:
    quick.reset()
    ran = login(quick, "--dry-run", folder=tmp_path)
    assert "send: device-authorization" in ran.out
    assert "show the person the page" in ran.out
    assert quick.asked("/device_authorization") == []


def test_a_server_without_the_grant_is_told_plainly(provider: Provider, tmp_path: Path) -> None:
    argv = ("login", provider.issuer, "--client-id", "service", "--client-auth", "none", "--grant", "device_code")
    ran, _ = oauthctl_with((), *argv, folder=tmp_path)
    assert ran.code == 4
    assert "invalid_client" in ran.err
