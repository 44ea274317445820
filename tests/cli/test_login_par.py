"""`oauthctl login` with pushed authorization requests (RFC 9126)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.person import ALICE, oauthctl_with
from tests.cli.spoiled import Provider, providing


def test_always_pushes_and_the_browser_takes_a_reference(provider: Provider, tmp_path: Path) -> None:
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", "--par", "always", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert provider.asked("/par")[0].form.get("code_challenge_method") == "S256"
    assert {name for name, _ in provider.asked("/authorize")[0].query} == {"client_id", "request_uri"}


@pytest.fixture(scope="module")
def demanding() -> Iterator[Provider]:
    """A provider that takes nothing else."""
    with providing(change=lambda state: replace(state, requires_pushed_requests=True)) as running:
        yield running


def test_auto_pushes_where_the_server_takes_nothing_else(demanding: Provider, tmp_path: Path) -> None:
    ran, _ = oauthctl_with(ALICE, "login", demanding.issuer, "--client-id", "public", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert len(demanding.asked("/par")) == 1


def test_auto_pushes_nothing_elsewhere(provider: Provider, tmp_path: Path) -> None:
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert provider.asked("/par") == []


def test_never_is_for_provoking_and_says_what_will_come(demanding: Provider, tmp_path: Path) -> None:
    argv = ("login", demanding.issuer, "--client-id", "public", "--par", "never", "--timeout", "1")
    ran, pages = oauthctl_with((), *argv, folder=tmp_path)
    assert ran.code != 0
    assert "takes pushed authorization requests alone" in ran.err
    assert "pushed first" in pages[0].text


def test_a_dry_run_shows_both_requests(provider: Provider, tmp_path: Path) -> None:
    argv = ("login", provider.issuer, "--client-id", "public", "--par", "always", "--dry-run")
    ran, _ = oauthctl_with((), *argv, folder=tmp_path)
    assert "send: pushed-authorization" in ran.out
    assert "request_uri=<request_uri>" in ran.out
