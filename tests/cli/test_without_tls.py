"""A server of plain http that is not this machine gets neither token nor secret, whatever the command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.store import profiles
from tests.cli.scripted import SECRET, Home, Scripted, scripted

PLAIN = "http://op.invalid"
ENDPOINTS = tuple((f"{name}_endpoint", f"{PLAIN}/{name}") for name in ("authorization", "token", "userinfo", "revocation", "end_session"))


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    home = Home(tmp_path, server)
    home.profile(issuer=PLAIN, endpoints=ENDPOINTS)
    home.hold(issuer=PLAIN, token_endpoint=f"{PLAIN}/token", id_token="e30.e30.c2ln")
    return home


@pytest.mark.parametrize(
    "argv",
    [
        ("refresh",),
        ("token", "--min-ttl", "99999"),
        ("userinfo",),
        ("call", f"{PLAIN}/api"),
        ("login", "work"),
        ("token", "--grant", "client_credentials"),
    ],
    ids=" ".join,
)
def test_it_is_refused_before_anything_is_sent(home: Home, argv: tuple[str, ...]) -> None:
    before = home.tokens
    ran = home.run(*argv, environ={"OAUTHCTL_CLIENT_SECRET": SECRET}, stdin=None)
    assert (ran.code, ran.out) == (2, "")
    assert "error[token-without-tls]: " in ran.err
    assert "help: use https; plain http is for this machine alone" in ran.err
    assert f"{PLAIN}/authorization" not in ran.err, "nobody is sent to sign in where the code can't be redeemed"
    assert home.recordings == ""
    assert home.tokens == before


def test_logout_forgets_the_tokens_and_shows_them_to_nobody(home: Home) -> None:
    ran = home.run("logout")
    assert ran.code == 2
    for step in ("revoke refresh token", "revoke access token", "end session"):
        assert f"{step}: not done: the token does not go to `{PLAIN}/" in ran.err
    assert "c2ln" not in ran.err
    assert home.recordings == ""
    assert home.tokens is None


def test_profiles_stay_as_they_were(home: Home) -> None:
    home.run("refresh")
    assert profiles.load(home.locations, "work").issuer == PLAIN
