"""Sign in on real servers with `oauthctl login`, check what it kept with `verify`; each client authentication, each refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interop.chromium import Chromium
from tests.interop.console import Console
from tests.interop.targets import Server

CLIENTS = {
    "oidc_provider": ("public", "public-es256", "public-eddsa", "basic", "odd: id", "post"),
    "django_oauth_toolkit": ("public", "basic"),
    "canaille": ("public", "basic", "post"),
}
SHOWN_NAMES = {"canaille": "Alice Doe (alice@example.test)", "django-oauth-toolkit": "alice (alice@example.test)"}
WITH_PAGES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CLIENTS]
EACH_CLIENT = [
    pytest.param(name, client, id=f"{name}-{client}", marks=pytest.mark.xdist_group(name))
    for name, known in CLIENTS.items()
    for client in known
]
CONFIDENTIAL = [
    pytest.param(name, client, id=f"{name}-{client}", marks=pytest.mark.xdist_group(name))
    for name, known in CLIENTS.items()
    for client in known
    if not client.startswith("public")
]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def console_of(server: Server, client: str, folder: Path) -> Console:
    return Console(server, server.clients[client], folder)


@pytest.mark.parametrize(("server", "client"), EACH_CLIENT, indirect=["server"])
def test_login_keeps_tokens_whose_id_token_verifies(server: Server, client: str, tmp_path: Path) -> None:
    console = console_of(server, client, tmp_path)
    signed_in = console.login()
    assert signed_in.code == 0, signed_in.err
    assert f"✓ signed in as {SHOWN_NAMES.get(server.name, server.user)} at {server.issuer}" in signed_in.err
    assert "  ID token      ✓ signature" in signed_in.err
    assert len(console.codes) == 1
    assert console.pages[-1].status == 200
    assert "signed in" in console.pages[-1].text.lower()
    assert console.tokens["subject"] == server.subject
    assert console.tokens["client_id"] == client
    assert console.tokens["expires_at"] > console.tokens["obtained_at"]

    checked = console.type("verify", "--issuer", server.issuer, "--audience", client, "--type", "id", stdin=console.tokens["id_token"])
    assert checked.code == 0, checked.out + checked.err
    assert console.recorded() == ["login", "verify"]
    assert console.leaks() == []


@pytest.mark.parametrize("server", WITH_PAGES, indirect=True)
def test_the_id_token_is_not_for_another_client(server: Server, tmp_path: Path) -> None:
    console = console_of(server, "public", tmp_path)
    assert console.login().code == 0
    argv = ("verify", "--issuer", server.issuer, "--audience", "somebody-else", "--type", "id", "--json")
    checked = console.type(*argv, stdin=console.tokens["id_token"])
    assert checked.code == 1
    failed = {one["check"] for one in json.loads(checked.out)["verdicts"] if one["outcome"] == "fail"}
    assert "audience" in failed
    assert "signature" not in failed


@pytest.mark.parametrize(("server", "client"), CONFIDENTIAL, indirect=["server"])
def test_a_wrong_client_secret_is_told_clearly(server: Server, client: str, tmp_path: Path) -> None:
    console = console_of(server, client, tmp_path)
    refused = console.login("--json", secret="not-the-secret-of-this-client")
    assert refused.code == 4, refused.err
    assert refused.out == ""
    error = json.loads(refused.err[refused.err.index("\n{") :])["error"]
    assert error["message"] == "the token endpoint refused: `invalid_client`"
    assert error["help"]
    assert "not-the-secret-of-this-client" not in refused.err
    assert "invalid_client" in console.pages[-1].text
    assert console.recorded() == ["login"]
    assert console.leaks() == []
    again = console.type("token")
    assert (again.code, again.out) == (2, "")


@pytest.mark.parametrize("server", WITH_PAGES, indirect=True)
def test_refusing_on_the_page_is_told_clearly(server: Server, tmp_path: Path) -> None:
    assert server.refusing is not None
    console = console_of(server, "public", tmp_path)
    refused = console.login(sign_in=server.refusing)
    assert refused.code == 4, refused.err
    assert refused.out == ""
    assert "the authorization server refused: `access_denied`" in refused.err
    assert "access_denied" in console.pages[-1].text
    assert console.leaks() == []


@pytest.mark.parametrize("server", WITH_PAGES, indirect=True)
def test_chromium_signs_in(server: Server, chromium: Chromium, tmp_path: Path) -> None:
    console = console_of(server, "public", tmp_path)
    signed_in = console.login(sign_in=lambda url: chromium.browse(url, server.agreeing))
    assert signed_in.code == 0, signed_in.err
    assert console.tokens["subject"] == server.subject
    assert "signed in" in console.pages[-1].text.lower()
    # A code is worth nothing once it was used, but it doesn't have to stay in the address bar and in the history.
    assert "code=" not in console.pages[-1].url
    assert console.leaks() == []


@pytest.mark.xdist_group("oidc_provider")
@pytest.mark.parametrize("mode", ["form_post", "fragment"])
def test_an_answer_that_needs_a_browser_with_scripts_arrives(oidc_provider: Server, chromium: Chromium, mode: str, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public", tmp_path)
    signed_in = console.login("--response-mode", mode, sign_in=lambda url: chromium.browse(url, oidc_provider.agreeing))
    assert signed_in.code == 0, signed_in.err
    assert "signed in" in console.pages[-1].text.lower()
    assert "code=" not in console.pages[-1].url
    assert console.leaks() == []
