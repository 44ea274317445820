"""`oauthctl diagnose` on the recordings of whole sessions that went well on real servers: no alarm on any of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.person import isolated
from tests.cli.running import oauthctl
from tests.interop.console import Console
from tests.interop.targets import Server

# Not canaille's client `post`: two of its grants in the same second are the same RS512-signed token, which is an HTTP 500 there.
CLIENTS = {
    "oidc_provider": ("public", "public-es256", "public-eddsa", "basic", "odd: id", "post"),
    "django_oauth_toolkit": ("public", "basic"),
    "canaille": ("public", "basic"),
    "mcp_server": ("public", "post"),
}
EACH_CLIENT = [
    pytest.param(name, client, id=f"{name}-{client}", marks=pytest.mark.xdist_group(name))
    for name, known in CLIENTS.items()
    for client in known
]
# These servers refuse to revoke for a client without a secret, which `diagnose` may well tell.
REVOKES_FOR_SECRETS_ALONE = {("canaille", "public"), ("mcp", "public")}
FOR_ITSELF = [
    pytest.param("oidc_provider", "basic", "", marks=pytest.mark.xdist_group("oidc_provider")),
    pytest.param("django_oauth_toolkit", "machine", "read", marks=pytest.mark.xdist_group("django_oauth_toolkit")),
]
MCP_CALL = (
    "--json",
    '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, '
    '"clientInfo": {"name": "probe", "version": "1"}}}',
    "-H",
    "Accept: application/json, text/event-stream",
)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def alarms(console: Console) -> dict[str, list[Any]]:
    """What the diagnosis of each recording finds beyond notes, by the recording's command; each must have found enough to look at."""
    listed = json.loads(console.type("trace", "list", "--json").out)["recordings"]
    found: dict[str, list[Any]] = {}
    for number, one in enumerate(listed):
        ran = console.type("diagnose", one["id"], "--json")
        assert ran.out, ran.err
        document = json.loads(ran.out)
        assert document["source"]["kind"] == "recording"
        assert document["source"]["exchanges"] > 0
        assert document["checked"]
        told = [(each["rule"], each["cause"], each["evidence"]) for each in document["findings"] if each["severity"] != "note"]
        if told or ran.code != 0:
            found[f"{one['command']} ({number})"] = [ran.code, *told]
    return found


def exchanges(console: Console, command: str) -> list[tuple[str, int]]:
    """Purpose and status of each exchange of the last recording of a command."""
    listed = json.loads(console.type("trace", "list", "--json").out)["recordings"]
    id_ = next(one["id"] for one in listed if one["command"] == command)
    shown = console.type("trace", "show", id_, "--json")
    assert shown.code == 0, shown.err
    return [(one["_oauthctl"]["purpose"], one["response"]["status"]) for one in json.loads(shown.out)["log"]["entries"]]


def spoil_access_token(console: Console) -> None:
    """Let the tool keep an access token that nobody knows, as after a server's restart; the refresh token is as good as before."""
    for path in (console.folder / "state" / "tokens").glob("*.json"):
        kept = path.read_text("utf-8")
        assert console.tokens["access_token"] in kept
        path.write_text(kept.replace(console.tokens["access_token"], "a-token-that-is-gone"), "utf-8")


@pytest.mark.parametrize(("server", "client"), EACH_CLIENT, indirect=["server"])
def test_no_recording_of_a_whole_session_raises_an_alarm(server: Server, client: str, tmp_path: Path) -> None:
    console = Console(server, server.clients[client], tmp_path)
    signed_in = console.login()
    assert signed_in.code == 0, signed_in.err
    is_oidc = server.subject is not None
    assert console.type("discover", server.issuer).code == 0
    if is_oidc:
        assert console.type("userinfo").code == 0
        checked = console.type("verify", "--issuer", server.issuer, "--audience", client, "--type", "id", stdin=console.tokens["id_token"])
        assert checked.code == 0, checked.out
    refreshed = console.type("refresh", "--json", "--show-secrets")
    assert refreshed.code == 0, refreshed.err
    console.remember(json.loads(refreshed.out))
    call = ("call", server.api_url or userinfo_endpoint(server), *(() if is_oidc else MCP_CALL))
    called = console.type(*call)
    assert called.code == 0, called.err
    spoil_access_token(console)
    again = console.type(*call)
    assert again.code == 0, again.err
    purposes, statuses = zip(*exchanges(console, "call"), strict=True)
    assert (statuses[0], statuses[-1]) == (401, 200)
    assert "token" in purposes
    if (server.name, client) not in REVOKES_FOR_SECRETS_ALONE:
        left = console.type("logout", "--no-browser")
        assert left.code == 0, left.err
    assert alarms(console) == {}


@pytest.mark.parametrize(("server", "client", "scope"), FOR_ITSELF, indirect=["server"])
def test_no_recording_of_a_clients_own_token_raises_an_alarm(server: Server, client: str, scope: str, tmp_path: Path) -> None:
    console = Console(server, server.clients[client], tmp_path)
    known = server.clients[client]
    environ = isolated(tmp_path) | {
        "OAUTHCTL_ISSUER": server.issuer,
        "OAUTHCTL_CLIENT_ID": client,
        "OAUTHCTL_CLIENT_SECRET": known.secret or "",
        "OAUTHCTL_CLIENT_AUTH": known.method,
    }
    granted = oauthctl("token", "--grant", "client_credentials", *(("--scope", scope) if scope else ()), environ=environ)
    assert granted.code == 0, granted.err
    assert "token" in console.recorded()
    assert alarms(console) == {}


def userinfo_endpoint(server: Server) -> str:
    """Where the server tells about the person: an API like any other."""
    found: str = httpx.get(server.metadata_url, trust_env=False).json()["userinfo_endpoint"]
    return found
