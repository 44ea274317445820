"""`oauthctl login --grant password`: legacy, for servers that still want it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.provider.state import with_legacy
from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import Provider, providing


@pytest.fixture(scope="module")
def legacy() -> Iterator[Provider]:
    """A provider that was told to speak it."""
    with providing(change=with_legacy) as running:
        yield running


def login(provider: Provider, *argv: str, folder: Path, **environ: str) -> Ran:
    words = ("login", provider.issuer, "--client-id", "public", "--grant", "password", "--scope", "openid profile", *argv)
    return oauthctl(*words, environ=isolated(folder) | environ)


def test_a_password_gives_tokens_and_a_warning(legacy: Provider, tmp_path: Path) -> None:
    ran = login(legacy, "--login-hint", "alice", folder=tmp_path, OAUTHCTL_PASSWORD="alice")
    assert ran.code == 0, ran.err
    assert "signed in as alice" in ran.err
    assert "must not be used" in ran.err


def test_the_password_is_nowhere_in_the_recording(legacy: Provider, tmp_path: Path) -> None:
    login(legacy, "--login-hint", "bob", folder=tmp_path, OAUTHCTL_PASSWORD="not-the-right-one")
    recordings = "".join(path.read_text() for path in tmp_path.rglob("*.har"))
    assert recordings
    assert "not-the-right-one" not in recordings


def test_a_wrong_password_is_refused(legacy: Provider, tmp_path: Path) -> None:
    ran = login(legacy, "--login-hint", "alice", folder=tmp_path, OAUTHCTL_PASSWORD="wrong")
    assert ran.code == 4
    assert "invalid_grant" in ran.err


def test_a_provider_that_has_put_it_aside_says_so(provider: Provider, tmp_path: Path) -> None:
    ran = login(provider, "--login-hint", "alice", folder=tmp_path, OAUTHCTL_PASSWORD="alice")
    assert ran.code == 4
    assert "unsupported_grant_type" in ran.err


def test_without_a_terminal_the_password_comes_from_the_environment(provider: Provider, tmp_path: Path) -> None:
    ran = login(provider, "--login-hint", "alice", folder=tmp_path)
    assert ran.code == 2
    assert "OAUTHCTL_PASSWORD" in ran.err
