"""`oauthctl register` at servers that others wrote: a client that is made, signs in, is read, changed and deleted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.person import isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.interop.pages import browse
from tests.interop.targets import Server


def run(folder: Path, *argv: str) -> Ran:
    return oauthctl(*argv, environ=isolated(folder))


def made(server: Server, folder: Path, *argv: str) -> dict[str, object]:
    ran = run(folder, "register", server.issuer, "-p", "mine", "--redirect-uri", server.redirect_uri, "--json", *argv)
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)["registration"]
    assert isinstance(found, dict)
    return found


def signs_in(server: Server, folder: Path, *argv: str) -> None:
    ran, _ = oauthctl_with(lambda url: browse(url, server.agreeing), "login", "mine", "--timeout", "15", *argv, folder=folder)
    assert ran.code == 0, ran.err


def is_read_changed_and_deleted(folder: Path) -> None:
    path = folder / "state" / "registrations" / "mine.json"
    first = json.loads(path.read_text())["registration_access_token"]
    read = run(folder, "register", "--read", "mine")
    assert read.code == 0, read.err
    changed = run(folder, "register", "--update", "mine", "--client-name", "Another name", "--json")
    assert changed.code == 0, changed.err
    assert json.loads(changed.out)["registration"]["client_name"] == "Another name"
    later = json.loads(path.read_text())["registration_access_token"]
    gone = run(folder, "register", "--delete", "mine", "--yes")
    assert gone.code == 0, gone.err
    recorded = "".join(one.read_text("utf-8", "replace") for one in (folder / "state" / "recordings").rglob("*.har"))
    assert first not in recorded
    assert later not in recorded
    assert not path.exists()


@pytest.mark.xdist_group("oidc_provider")
def test_a_public_client_at_oidc_provider(oidc_provider: Server, tmp_path: Path) -> None:
    told = made(oidc_provider, tmp_path, "--scope", "openid profile")
    assert told["token_endpoint_auth_method"] == "none"
    signs_in(oidc_provider, tmp_path)
    is_read_changed_and_deleted(tmp_path)


@pytest.mark.xdist_group("oidc_provider")
def test_oidc_provider_gives_a_new_token_with_each_change(oidc_provider: Server, tmp_path: Path) -> None:
    made(oidc_provider, tmp_path)
    path = tmp_path / "state" / "registrations" / "mine.json"
    before = path.read_text()
    assert run(tmp_path, "register", "--update", "mine", "--client-name", "Another").code == 0
    assert path.read_text() != before
    path.write_text(before)
    stale = run(tmp_path, "register", "--read", "mine")
    assert stale.code == 4
    assert "error[registration-token-refused]" in stale.err


@pytest.mark.xdist_group("oidc_provider")
def test_a_refusal_of_oidc_provider_ends_with_its_rule(oidc_provider: Server, tmp_path: Path) -> None:
    ran = run(tmp_path, "register", oidc_provider.issuer, "--redirect-uri", "https://app.example/cb#part")
    assert ran.code == 4
    assert "error[registration-redirect-uri" in ran.err


@pytest.mark.xdist_group("canaille")
def test_a_client_with_a_secret_at_canaille(canaille: Server, tmp_path: Path) -> None:
    told = made(canaille, tmp_path, "--client-auth", "client_secret_basic", "--scope", "openid profile")
    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    signs_in(canaille, tmp_path)
    # This version gives a registration_access_token, and breaks down when it is shown.
    read = run(tmp_path, "register", "--read", "mine")
    assert (read.code, "error[server-error]" in read.err) == (3, True)


@pytest.mark.xdist_group("mcp_server")
def test_a_client_at_an_mcp_server(mcp_server: Server, tmp_path: Path) -> None:
    made(mcp_server, tmp_path, "--scope", "read", "--client-auth", "client_secret_post")
    signs_in(mcp_server, tmp_path, "--resource", f"{mcp_server.issuer}/mcp")
