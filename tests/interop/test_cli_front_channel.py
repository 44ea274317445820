"""`login --grant implicit` and `--grant hybrid` on real servers: tokens come by the browser, in a form or behind the `#`."""

from __future__ import annotations

from pathlib import Path

import pytest

from oauthctl.provider.state import with_legacy
from tests.cli.page_scripts import form_posted, fragment_posted
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.cli.spoiled import providing
from tests.interop.chromium import Chromium
from tests.interop.console import Console
from tests.interop.pages import Page, browse
from tests.interop.targets import Server

HYBRID = ("code id_token", "code token", "code id_token token")
IMPLICIT = ("id_token", "id_token token", "token")
# What each server speaks, and with which client.
SPOKEN = {
    "oidc_provider": {"public-hybrid": ("id_token", "code id_token")},
    "django_oauth_toolkit": {"implicit": IMPLICIT, "hybrid": HYBRID},
    "canaille": {"public": (*IMPLICIT, *HYBRID)},
}
EACH = [
    pytest.param(name, client, kind, id=f"{name}-{kind}", marks=pytest.mark.xdist_group(name))
    for name, clients in SPOKEN.items()
    for client, kinds in clients.items()
    for kind in kinds
]
ONE = [
    pytest.param("oidc_provider", "public-hybrid", marks=pytest.mark.xdist_group("oidc_provider")),
    pytest.param("django_oauth_toolkit", "hybrid", marks=pytest.mark.xdist_group("django_oauth_toolkit")),
    pytest.param("canaille", "public", marks=pytest.mark.xdist_group("canaille")),
]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def console_of(server: Server, client: str, folder: Path) -> Console:
    return Console(server, server.clients[client], folder)


def scope_of(server: Server) -> str:
    """No refresh token comes by the browser."""
    return server.scope.replace(" offline_access", "")


@pytest.mark.parametrize(("server", "client", "response_type"), EACH, indirect=["server"])
def test_each_response_type_signs_in(server: Server, client: str, response_type: str, tmp_path: Path) -> None:
    console = console_of(server, client, tmp_path)

    def deliver(url: str) -> Page:
        page = browse(url, server.agreeing)
        return fragment_posted(page) if "#" in page.url else form_posted(page)

    signed_in = console.login("--response-type", response_type, scope=scope_of(server), sign_in=deliver)
    assert signed_in.code == 0, signed_in.err
    assert f"`response_type={response_type}` is legacy" in signed_in.err
    words = response_type.split()
    if "id_token" in words:
        assert "✓ signature" in signed_in.err
    assert ("c-hash" in signed_in.err) >= ({"code", "id_token"} <= set(words))
    assert ("same-person" in signed_in.err) is ({"code", "id_token"} <= set(words))
    assert bool(console.tokens["access_token"]) is (response_type != "id_token")
    assert console.tokens["subject"] == (None if response_type == "token" else server.subject)
    assert console.leaks() == []


@pytest.mark.parametrize(("server", "client"), ONE, indirect=["server"])
def test_chromium_hands_the_fragment_over(server: Server, client: str, chromium: Chromium, tmp_path: Path) -> None:
    console = console_of(server, client, tmp_path)
    signed_in = console.login(
        "--grant",
        "hybrid",
        "--response-mode",
        "fragment",
        scope=scope_of(server),
        sign_in=lambda url: chromium.browse(url, server.agreeing),
    )
    assert signed_in.code == 0, signed_in.err
    assert "signed in" in console.pages[-1].text.lower()
    # Neither the address bar nor the history keeps what came.
    assert "#" not in console.pages[-1].url
    assert "id_token" not in console.pages[-1].url
    assert console.leaks() == []


@pytest.mark.parametrize("response_type", ["id_token token", "code id_token token"])
@pytest.mark.parametrize("mode", ["fragment", "form_post"])
def test_chromium_brings_tokens_from_our_own_provider(response_type: str, mode: str, chromium: Chromium, tmp_path: Path) -> None:
    with providing(change=with_legacy) as provider:
        argv = ("login", provider.issuer, "--client-id", "public", "--scope", "openid items.read", "--timeout", "30")
        ran, pages = oauthctl_with(
            lambda url: chromium.browse(url, ALICE),
            *argv,
            "--response-type",
            response_type,
            "--response-mode",
            mode,
            folder=tmp_path,
        )
        assert ran.code == 0, ran.err
        assert "at-hash" in ran.err
        assert "signed in" in pages[-1].text.lower()
        assert "#" not in pages[-1].url
        called = oauthctl("call", f"{provider.issuer}/api/items", environ=isolated(tmp_path))
        assert called.code == 0, called.err
