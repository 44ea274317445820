"""Requests and answers in JWTs, details, single claims and encrypted ID tokens on `oidc-provider`, by the commands that a person types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oauthctl.jose.jwt import Kind, take_apart
from tests.interop.chromium import Chromium
from tests.interop.console import Console
from tests.interop.targets import Client, Server

pytestmark = pytest.mark.xdist_group("oidc_provider")
PAYMENT = {"type": "payment", "amount": "12.50", "to": "Merchant A"}


@pytest.fixture
def keys(oidc_provider: Server) -> str:
    return str(oidc_provider.folder / "client-keys.json")


def console_of(server: Server, client: str, folder: Path) -> Console:
    return Console(server, server.clients.get(client) or Client(client), folder)


@pytest.mark.parametrize("mode", ["jwt", "query.jwt"])
def test_an_answer_in_a_jwt_is_verified_and_taken(oidc_provider: Server, tmp_path: Path, mode: str) -> None:
    console = console_of(oidc_provider, "public-jarm", tmp_path)
    ran = console.login("--response-mode", mode)
    assert ran.code == 0, ran.err
    assert console.tokens["subject"] == "alice"
    assert console.leaks() == []


@pytest.mark.parametrize("mode", ["form_post.jwt", "fragment.jwt"])
def test_an_answer_in_a_jwt_that_needs_a_browser_with_scripts_arrives(
    oidc_provider: Server, chromium: Chromium, mode: str, tmp_path: Path
) -> None:
    console = console_of(oidc_provider, "public-jarm", tmp_path)
    ran = console.login("--response-mode", mode, sign_in=lambda url: chromium.browse(url, oidc_provider.agreeing))
    assert ran.code == 0, ran.err
    assert console.tokens["subject"] == "alice"


def test_a_refusal_in_a_jwt_is_the_servers_word(oidc_provider: Server, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public-jarm", tmp_path)
    assert oidc_provider.refusing is not None
    ran = console.login("--response-mode", "jwt", sign_in=oidc_provider.refusing)
    assert ran.code == 4, ran.err
    assert "access_denied" in ran.err


@pytest.mark.parametrize("par", ["never", "always"])
def test_a_signed_request_is_taken_by_value_and_pushed(oidc_provider: Server, keys: str, tmp_path: Path, par: str) -> None:
    console = console_of(oidc_provider, "public-jar", tmp_path)
    ran = console.login("--request-object", "signed", "--client-key", keys, "--par", par)
    assert ran.code == 0, ran.err
    assert console.tokens["subject"] == "alice"
    assert console.leaks() == []


def test_an_encrypted_request_is_taken(oidc_provider: Server, keys: str, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public-jar", tmp_path)
    ran = console.login("--request-object", "encrypted", "--client-key", keys)
    assert ran.code == 0, ran.err


def test_a_request_that_is_not_signed_is_refused_by_that_server(oidc_provider: Server, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public-jar", tmp_path)
    ran = console.login("--request-object", "none", "--par", "always")
    assert ran.code == 4, ran.err
    assert "invalid_request_object" in ran.err


def test_an_encrypted_id_token_is_opened_and_verified(oidc_provider: Server, keys: str, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public-enc", tmp_path)
    ran = console.login("--client-key", keys)
    assert ran.code == 0, ran.err
    assert "✓ signature" in ran.err
    assert take_apart(console.tokens["id_token"]).kind is Kind.JWS
    assert console.tokens["subject"] == "alice"
    refreshed = console.type("refresh")
    assert refreshed.code == 0, refreshed.err
    assert console.leaks() == []


def test_signed_userinfo_is_verified(oidc_provider: Server, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public-es256", tmp_path)
    assert console.login().code == 0
    told = console.type("userinfo", "--json")
    assert told.code == 0, told.err
    assert json.loads(told.out)["sub"] == "alice"


def test_details_are_granted_as_they_were_asked_for(oidc_provider: Server, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public", tmp_path)
    ran = console.login("--authorization-details", json.dumps([PAYMENT]), "--resource", "urn:example:jwt")
    assert ran.code == 0, ran.err
    assert "✓ payment  granted as it was asked for" in ran.err
    refused = console.login("--authorization-details", '[{"type": "payment"}]', "--resource", "urn:example:jwt")
    assert refused.code == 4, refused.err
    assert "invalid_authorization_details" in refused.err


def test_single_claims_come_where_they_were_asked_for(oidc_provider: Server, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public", tmp_path)
    ran = console.login("--claims", '{"id_token": {"email": {"essential": true}, "shoe_size": {"essential": true}}}')
    assert ran.code == 0, ran.err
    assert take_apart(console.tokens["id_token"]).claim_text("email") == "alice@example.test"
    assert "`shoe_size` was asked for as essential" in ran.err


def test_a_signed_introspection_answer_is_verified(oidc_provider: Server, tmp_path: Path) -> None:
    console = console_of(oidc_provider, "public", tmp_path)
    assert console.login().code == 0
    from tests.cli.person import isolated
    from tests.cli.running import oauthctl

    environ = isolated(tmp_path / "api") | {
        "OAUTHCTL_ISSUER": oidc_provider.issuer,
        "OAUTHCTL_CLIENT_ID": "resource-server",
        "OAUTHCTL_CLIENT_SECRET": oidc_provider.clients["resource-server"].secret or "",
        "OAUTHCTL_CLIENT_AUTH": "client_secret_basic",
    }
    told = oauthctl("introspect", "-", "--signed", "--json", stdin=console.tokens["access_token"], environ=environ)
    assert told.code == 0, told.err
    assert json.loads(told.out)["active"] is True
