"""`oauthctl diagnose` on what Chromium's network panel saved of sign-ins that went well: no alarm, and what could not be seen is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.person import ALICE, isolated
from tests.cli.running import oauthctl
from tests.cli.spoiled import SECRET, Provider, providing
from tests.interop.applications import SIGN_IN, WELCOME, Application, application
from tests.interop.chromium import Chromium
from tests.interop.console import Console
from tests.interop.targets import Server

SERVERS = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("oidc_provider", "django_oauth_toolkit", "canaille", "mcp_server")
]
OUT_OF_SIGHT = "the token request for the code"


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def practice() -> Iterator[Provider]:
    """The provider of `oauthctl serve`."""
    with providing() as provider:
        yield provider


def diagnosed(har: Path) -> dict[str, Any]:
    """The diagnosis of a capture, in which nothing may be wrong."""
    ran = oauthctl("diagnose", str(har), "--json", environ=isolated(har.parent))
    assert ran.out, ran.err
    document: dict[str, Any] = json.loads(ran.out)
    alarms = [(one["rule"], one["cause"], one["evidence"]) for one in document["findings"] if one["severity"] != "note"]
    assert (ran.code, alarms) == (0, []), ran.err
    return document


def captured_purposes(har: Path) -> set[str]:
    """What the capture was taken to hold; the least that a test has to see before it may call the silence earned."""
    from oauthctl.cli.diagnosing import material_of_har

    return {one.purpose for one in material_of_har(json.loads(har.read_bytes())).recording.exchanges if one.purpose}


def sign_in_to(app: Application, recipe: Any, chromium: Chromium, har: Path) -> None:
    """Let a person sign in to an application with Chromium, which saves what its network panel saw."""
    page = chromium.browse(app.url, (SIGN_IN, *recipe), har=har, until=WELCOME)
    assert f"{WELCOME}alice" in page.text


@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_a_capture_of_a_sign_in_for_this_tool_is_clean(server: Server, chromium: Chromium, tmp_path: Path) -> None:
    har = tmp_path / "capture.har"
    console = Console(server, server.clients["public"], tmp_path)
    signed_in = console.login(sign_in=lambda url: chromium.browse(url, server.agreeing, har=har))
    assert signed_in.code == 0, signed_in.err
    assert {"authorization", "callback"} <= captured_purposes(har)
    assert any(OUT_OF_SIGHT in one for one in diagnosed(har)["unseen"])


@pytest.mark.xdist_group("oidc_provider")
def test_a_capture_of_a_page_that_does_everything_itself_is_clean(oidc_provider: Server, chromium: Chromium, tmp_path: Path) -> None:
    har = tmp_path / "capture.har"
    with application(is_page=True) as app:
        app.metadata_url, app.client_id = oidc_provider.metadata_url, "public"
        sign_in_to(app, oidc_provider.agreeing, chromium, har)
    # Its userinfo endpoint is `/me`, which a browser's capture doesn't tell from another API.
    assert {"discovery", "authorization", "callback", "token", "jwks", "api"} <= captured_purposes(har)
    assert not any(OUT_OF_SIGHT in one for one in diagnosed(har)["unseen"])


@pytest.mark.parametrize("server", SERVERS[1:2], indirect=True)
def test_a_capture_of_a_site_that_redeems_out_of_sight_is_clean(server: Server, chromium: Chromium, tmp_path: Path) -> None:
    har = tmp_path / "capture.har"
    client = server.clients["basic"]
    with application(is_page=False) as app:
        app.metadata_url, app.client_id, app.secret = server.metadata_url, client.client_id, client.secret or ""
        sign_in_to(app, server.agreeing, chromium, har)
    assert {"authorization", "callback"} <= captured_purposes(har)
    assert any(OUT_OF_SIGHT in one for one in diagnosed(har)["unseen"])


def test_a_capture_of_a_page_that_gets_a_fragment_is_clean(practice: Provider, chromium: Chromium, tmp_path: Path) -> None:
    har = tmp_path / "capture.har"
    with application(is_page=True) as app:
        app.metadata_url, app.client_id = f"{practice.issuer}/.well-known/openid-configuration", "public"
        app.parameters = {"response_mode": "fragment"}
        sign_in_to(app, ALICE, chromium, har)
    assert {"discovery", "authorization", "token", "jwks", "userinfo"} <= captured_purposes(har)
    assert not any(OUT_OF_SIGHT in one for one in diagnosed(har)["unseen"])


def test_a_capture_of_a_site_that_has_the_answer_posted_is_clean(practice: Provider, chromium: Chromium, tmp_path: Path) -> None:
    har = tmp_path / "capture.har"
    with application(is_page=False) as app:
        app.metadata_url, app.client_id, app.secret = f"{practice.issuer}/.well-known/openid-configuration", "web", SECRET
        app.parameters = {"response_mode": "form_post"}
        sign_in_to(app, ALICE, chromium, har)
    assert {"authorization", "callback"} <= captured_purposes(har)
    assert any(OUT_OF_SIGHT in one for one in diagnosed(har)["unseen"])
