"""Resource indicators (RFC 8707): at the sign-in, in a refresh that narrows, for a token apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthctl.jose.jwt import take_apart
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.scripted import Home, Scripted, granting, reply, scripted
from tests.cli.spoiled import Provider

SCOPE = "openid items.read photos.read offline_access"


def login(provider: Provider, folder: Path, *resources: str) -> Ran:
    named = [word for one in resources for word in ("--resource", provider.issuer + one)]
    ran, _ = oauthctl_with(ALICE, "login", provider.issuer, "--client-id", "public", "--scope", SCOPE, *named, folder=folder)
    return ran


def run(*argv: str, folder: Path) -> Ran:
    return oauthctl(*argv, environ=isolated(folder))


def audience(ran: Ran) -> object:
    assert ran.code == 0, ran.err
    return (take_apart(ran.out.strip()).claims or {})["aud"]


def held(folder: Path) -> dict[str, object]:
    (path,) = (folder / "state" / "tokens").glob("*.json")
    return dict(json.loads(path.read_text()))


def test_several_resources_are_asked_for_on_both_legs(provider: Provider, tmp_path: Path) -> None:
    assert login(provider, tmp_path, "/api/items", "/api/photos").code == 0
    both = (f"{provider.issuer}/api/items", f"{provider.issuer}/api/photos")
    assert provider.asked("/authorize")[0].query.all("resource") == both
    assert provider.asked("/token")[0].form.all("resource") == both
    assert audience(run("token", folder=tmp_path)) == list(both)


def test_a_token_apart_is_for_one_of_them_and_the_profile_keeps_its_own(provider: Provider, tmp_path: Path) -> None:
    login(provider, tmp_path, "/api/items", "/api/photos")
    before = held(tmp_path)
    photos = f"{provider.issuer}/api/photos"
    ran = run("token", "--resource", photos, "--scope", "photos.read", folder=tmp_path)
    assert audience(ran) == photos
    assert (take_apart(ran.out.strip()).claims or {})["scope"] == "photos.read"
    after = held(tmp_path)
    assert after["access_token"] == before["access_token"]
    assert after["refresh_token"] != before["refresh_token"], "the one that was rotated"
    assert after["refresh_began_at"] is None
    assert audience(run("token", folder=tmp_path)) == [f"{provider.issuer}/api/items", photos]
    assert run("refresh", folder=tmp_path).code == 0, "the new refresh token is good"


def test_a_refresh_that_narrows_is_kept_until_the_next(provider: Provider, tmp_path: Path) -> None:
    login(provider, tmp_path, "/api/items", "/api/photos")
    items = f"{provider.issuer}/api/items"
    assert run("refresh", "--resource", items, folder=tmp_path).code == 0
    assert audience(run("token", folder=tmp_path)) == items
    assert run("refresh", folder=tmp_path).code == 0
    assert audience(run("token", folder=tmp_path)) == [items, f"{provider.issuer}/api/photos"]


@pytest.mark.parametrize("command", ["refresh", "token"])
def test_a_resource_that_was_not_granted_is_refused_with_its_rule(provider: Provider, tmp_path: Path, command: str) -> None:
    login(provider, tmp_path, "/api/items")
    ran = run(command, "--resource", f"{provider.issuer}/api/photos", folder=tmp_path)
    assert (ran.code, ran.out) == (4, "")
    assert "`invalid_target`" in ran.err
    assert "resource-" in ran.err.partition("`invalid_target`")[2]
    assert run("token", folder=tmp_path).code == 0, "what is held is as it was"


def test_a_resource_that_nobody_knows_is_refused_at_the_sign_in(provider: Provider, tmp_path: Path) -> None:
    ran = login(provider, tmp_path, "/no-such-api")
    assert ran.code == 4
    assert "`invalid_target`" in ran.err
    assert "resource-unknown" in ran.err


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(token=granting(refresh_token="rt-fresh-1")) as running:
        yield running


@pytest.fixture
def home(server: Scripted, tmp_path: Path) -> Home:
    made = Home(tmp_path, server)
    made.hold()
    return made


@pytest.mark.parametrize(("resource", "what"), [("api", "is no absolute URI"), ("https://api.example/#x", "has a fragment")])
def test_a_resource_that_is_malformed_is_sent_and_warned_of(home: Home, resource: str, what: str) -> None:
    ran = home.run("refresh", "--resource", resource)
    assert ran.code == 0
    assert f"the resource `{resource}` {what}" in ran.err
    assert "`resource-malformed`" in ran.err
    assert home.server.asked("/token")[0].form.get("resource") == resource


def test_a_token_for_another_audience_is_told(home: Home) -> None:
    jwt = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL290aGVyLmV4YW1wbGUifQ."
    home.server.answers["/token"] = granting(jwt)
    ran = home.run("token", "--resource", "https://api.example")
    assert (ran.code, ran.out) == (0, jwt + "\n")
    assert "the token is for `https://other.example`, and not for `https://api.example`" in ran.err


def test_a_refused_refresh_leaves_the_set_as_it_was(home: Home) -> None:
    home.server.answers["/token"] = reply(400, {"error": "invalid_target"})
    assert home.run("token", "--resource", "https://api.example").code == 4
    assert home.tokens is not None
    assert (home.tokens.access_token, home.tokens.refresh_token) == ("at-held-0", "rt-held-0")
