"""`oauthctl call` on protected resources that others wrote: django-oauth-toolkit's API, and a server that speaks MCP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interop.console import Console
from tests.interop.targets import Server

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "probe", "version": "1"}},
}
MCP_ACCEPTS = ("-H", "Accept: application/json, text/event-stream")


@pytest.mark.xdist_group("django_oauth_toolkit")
@pytest.mark.parametrize("client", ["public", "basic"])
def test_the_toolkits_api_greets_the_person(django_oauth_toolkit: Server, client: str, tmp_path: Path) -> None:
    console = Console(django_oauth_toolkit, django_oauth_toolkit.clients[client], tmp_path)
    assert console.login().code == 0
    called = console.type("call", str(django_oauth_toolkit.api_url))
    assert called.code == 0, called.err
    assert json.loads(called.out) == {"hello": "alice"}

    with_head = console.type("call", "-i", str(django_oauth_toolkit.api_url))
    assert with_head.out.startswith("HTTP/1.0 200 OK\n"), "the version that the server really speaks"
    assert console.recorded() == ["login", "call", "call"]
    assert console.leaks() == []


@pytest.mark.xdist_group("django_oauth_toolkit")
def test_a_token_without_the_scope_is_refused(django_oauth_toolkit: Server, tmp_path: Path) -> None:
    console = Console(django_oauth_toolkit, django_oauth_toolkit.clients["public"], tmp_path)
    assert console.login(scope="openid profile").code == 0
    refused = console.type("call", str(django_oauth_toolkit.api_url))
    assert refused.code == 4
    assert "status 403 from" in refused.err
    assert "hello" not in refused.out
    assert console.leaks() == []


@pytest.mark.xdist_group("mcp_server")
@pytest.mark.parametrize("client", ["public", "post"])
def test_the_mcp_resource_takes_the_token_that_was_made_for_it(mcp_server: Server, client: str, tmp_path: Path) -> None:
    console = Console(mcp_server, mcp_server.clients[client], tmp_path)
    signed_in = console.login()
    assert signed_in.code == 0, signed_in.err
    assert f"✓ signed in at {mcp_server.issuer}" in signed_in.err
    assert console.tokens["id_token"] is None
    assert console.tokens["resource"] == [mcp_server.api_url]

    called = console.type("call", str(mcp_server.api_url), "--json", json.dumps(INITIALIZE), *MCP_ACCEPTS)
    assert called.code == 0, called.err
    assert '"serverInfo"' in called.out

    refreshed = console.type("refresh", "--json", "--show-secrets")
    assert refreshed.code == 0, refreshed.err
    console.remember(json.loads(refreshed.out))
    again = console.type("call", str(mcp_server.api_url), "--json", json.dumps(INITIALIZE), *MCP_ACCEPTS)
    assert again.code == 0, again.err

    left = console.type("logout")
    # This server revokes for clients with a secret alone: it takes a revocation without `client_secret` for malformed.
    assert left.code == (4 if client == "public" else 0), left.err
    assert ("the revocation endpoint refused: `invalid_request`" in left.err) == (client == "public")
    assert "end session: the provider names no `end_session_endpoint`" in left.err
    assert console.recorded() == ["login", "call", "refresh", "call", "logout"]
    assert console.leaks() == []


@pytest.mark.xdist_group("mcp_server")
def test_a_revoked_token_is_refused_and_a_sign_in_advised(mcp_server: Server, tmp_path: Path) -> None:
    console = Console(mcp_server, mcp_server.clients["post"], tmp_path)
    assert console.login().code == 0
    kept = {path: path.read_bytes() for path in (tmp_path / "state" / "tokens").glob("*.json")}
    assert console.type("logout").code == 0
    for path, tokens in kept.items():
        path.write_bytes(tokens)
        path.chmod(0o600)
    refused = console.type("call", str(mcp_server.api_url), "--json", json.dumps(INITIALIZE), *MCP_ACCEPTS)
    assert refused.code == 4, refused.err
    assert "sign in again with `oauthctl login" in refused.err
    assert console.leaks() == []


@pytest.mark.xdist_group("mcp_server")
def test_what_a_server_says_of_an_authentication_that_it_does_not_know_is_told(mcp_server: Server, tmp_path: Path) -> None:
    # It looks for `client_id` in the body alone, where RFC 6749 section 2.3.1 has the credentials in the header.
    console = Console(mcp_server, mcp_server.clients["basic"], tmp_path)
    refused = console.login()
    assert (refused.code, refused.out) == (4, "")
    assert "the server says: Missing client_id" in refused.err
    assert "try the other method with `--client-auth`" in refused.err
    assert console.leaks() == []
