"""PhotoEditorApp at ImageHost: one exact redirect URI, two scopes, a consent page, and photos that open with their scope alone."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from oauthctl.http import Params
from oauthctl.provider.client import Client
from tests.cli.person import ALICE
from tests.cli.spoiled import SECRET, Provider, providing
from tests.interop.forms import Button, Form
from tests.interop.pages import Page, browse
from tests.interop.processes import free_ports
from tests.stories.desk import Desk

SIGN_IN = (Form({"username": "alice", "password": "alice"}, Button("decision", "allow")),)
GRANTS = ("authorization_code", "client_credentials")


def free_port() -> int:
    """8080 where it is free, as the app has registered it, else another. Of tests that run side by side one may have 8080."""
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        with suppress(OSError), socket.create_server(("127.0.0.1", 8080)):
            return 8080
    return free_ports(1)


@pytest.fixture
def redirect_uri() -> str:
    return f"http://localhost:{free_port()}/callback"


@pytest.fixture
def host(redirect_uri: str) -> Iterator[Provider]:
    app = Client(
        "photo-editor",
        "PhotoEditorApp",
        SECRET,
        redirect_uris=(redirect_uri,),
        scopes=("photos.read", "photos.write"),
        grant_types=GRANTS,
    )
    with providing(app, change=lambda state: replace(state, name="ImageHost")) as provider:
        yield provider


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, {"OAUTHCTL_CLIENT_SECRET": SECRET})


def login(host: Provider, redirect_uri: str, scope: str) -> str:
    return f'oauthctl login {host.issuer} --client-id photo-editor --redirect-uri {redirect_uri} --scope "{scope}" --profile photos'


def test_the_person_reads_what_the_app_asks_for_and_allows_it(host: Provider, desk: Desk, redirect_uri: str) -> None:
    seen: list[Page] = []

    def reads(url: str) -> Page:
        seen.append(browse(url, SIGN_IN))
        return browse(url, ALICE)

    ran = desk.types(login(host, redirect_uri, "photos.read photos.write"), by=reads)
    assert ran.code == 0, ran.err
    for text in ("PhotoEditorApp", "ImageHost", "See your photos", "Add to your photos", redirect_uri):
        assert text in seen[0].text
    assert host.asked("/authorize")[0].query.get("redirect_uri") == redirect_uri
    assert host.asked("/token")[0].form.get("redirect_uri") == redirect_uri

    ran = desk.types(f"oauthctl call {host.issuer}/api/photos")
    assert (ran.code, [photo["name"] for photo in json.loads(ran.out)["photos"]]) == (0, ["Harbour.jpg", "Meadow.jpg"])
    ran = desk.types(f'oauthctl call {host.issuer}/api/photos --json \'{{"name": "Edited.jpg"}}\' -i')
    assert ran.code == 0, ran.err
    assert ran.out.startswith("HTTP/1.1 201 Created\n")
    assert "Edited.jpg" in desk.types(f"oauthctl call {host.issuer}/photos").out


def test_without_the_scope_the_403_names_the_login_that_would_get_it(host: Provider, desk: Desk, redirect_uri: str) -> None:
    assert desk.types(login(host, redirect_uri, "photos.read")).code == 0
    assert desk.types(f"oauthctl call {host.issuer}/api/photos").code == 0
    ran = desk.types(f"oauthctl call {host.issuer}/api/photos --data @- -H 'Content-Type: application/json'", stdin='{"name": "x.jpg"}')
    assert ran.code == 4
    assert json.loads(ran.out)["error"] == "insufficient_scope"
    advice = next(line for line in ran.err.splitlines() if line.startswith("help: "))
    assert advice == "help: sign in for it with `oauthctl login photos --scope 'photos.read photos.write'`"

    # What it says to type does it.
    assert desk.types(advice.split("`")[1]).code == 0
    assert desk.types(f'oauthctl call {host.issuer}/api/photos --json \'{{"name": "x.jpg"}}\'').code == 0


def test_the_redirect_uri_is_compared_exactly(host: Provider, desk: Desk, redirect_uri: str) -> None:
    seen: list[Page] = []

    def reads(url: str) -> Page:
        # The server shows its error and sends nobody back; so the person presses Ctrl-C, here by way of a callback that says no.
        seen.append(browse(url, ALICE))
        params = Params.parse(urlsplit(url).query)
        back = {"error": "access_denied", "state": params.get("state") or "", "iss": host.issuer}
        response = httpx.get(params.get("redirect_uri") or "", params=back, trust_env=False)
        return Page(str(response.url), response.status_code, response.text, response.text)

    ran = desk.types(login(host, redirect_uri.replace("localhost", "127.0.0.1"), "photos.read"), by=reads)
    assert (ran.code, seen[0].status) == (4, 400)
    assert "redirect" in seen[0].text.lower()
    assert host.asked("/token") == []


def test_a_scope_that_the_app_may_not_have_is_refused(host: Provider, desk: Desk, redirect_uri: str) -> None:
    ran = desk.types(login(host, redirect_uri, "photos.read items.write"))
    assert (ran.code, ran.out) == (4, "")
    assert "refused: `invalid_scope`" in ran.err


@pytest.mark.parametrize(("scope", "code"), [("photos.read", 0), ("photos.write", 4)])
def test_the_app_comes_for_itself(host: Provider, tmp_path: Path, scope: str, code: int) -> None:
    environ = {"OAUTHCTL_ISSUER": host.issuer, "OAUTHCTL_CLIENT_ID": "photo-editor", "OAUTHCTL_CLIENT_SECRET": SECRET}
    desk = Desk(tmp_path, environ)
    ran = desk.types(f"oauthctl token --grant client_credentials --scope {scope}")
    assert (ran.code, ran.err, len(ran.out.split())) == (0, "", 1)
    answer = httpx.get(f"{host.issuer}/api/photos", headers={"Authorization": f"Bearer {ran.out.strip()}"}, trust_env=False)
    assert answer.status_code == (200 if code == 0 else 403)
    assert not (tmp_path / "state" / "tokens").exists()
    assert host.asked("/authorize") == []


def test_the_app_with_a_wrong_secret_gets_nothing(host: Provider, tmp_path: Path) -> None:
    environ = {"OAUTHCTL_ISSUER": host.issuer, "OAUTHCTL_CLIENT_ID": "photo-editor", "OAUTHCTL_CLIENT_SECRET": "wrong-secret"}
    ran = Desk(tmp_path, environ).types("oauthctl token --grant client_credentials --scope photos.read")
    assert (ran.code, ran.out) == (4, "")
    assert "refused: `invalid_client`" in ran.err
    assert "wrong-secret" not in ran.err
