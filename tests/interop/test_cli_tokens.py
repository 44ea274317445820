"""What comes after a sign-in, on real servers: use the tokens, refresh them, ask about them, throw them away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oauthctl.cli.refreshing import client_at
from oauthctl.flows.discovery import discover
from oauthctl.flows.endpoints import endpoint
from oauthctl.flows.introspection import introspect
from oauthctl.messages import client_auth
from oauthctl.messages.token import IntrospectionResponse
from oauthctl.shell.driver import run
from oauthctl.shell.world import live_world
from tests.cli.person import isolated
from tests.interop.console import Console
from tests.interop.forms import Button, Form
from tests.interop.targets import Server

# Not canaille's client `post`: two of its grants in the same second are the same RS512-signed token, which is an HTTP 500 there.
CLIENTS = {
    "oidc_provider": ("public", "basic", "odd: id", "post"),
    "django_oauth_toolkit": ("public", "basic"),
    "canaille": ("public", "basic"),
}
REVOKES_FOR_SECRETS_ALONE = {("canaille", "public")}
YES_LOG_OUT = (Form(button=Button("logout", "yes")), Form(button=Button("answer", "logout")), Form(button=Button("allow", "Logout")))
EACH = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CLIENTS]
EACH_CLIENT = [
    pytest.param(name, client, id=f"{name}-{client}", marks=pytest.mark.xdist_group(name))
    for name, known in CLIENTS.items()
    for client in known
]
CONFIDENTIAL = [
    pytest.param(name, client, id=f"{name}-{client}", marks=pytest.mark.xdist_group(name))
    for name, known in CLIENTS.items()
    for client in known
    if client != "public"
]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def signed_in(server: Server, client: str, folder: Path) -> Console:
    console = Console(server, server.clients[client], folder)
    ran = console.login()
    assert ran.code == 0, ran.err
    return console


def introspected(server: Server, client: str, token: str) -> IntrospectionResponse:
    """What the server knows of a token, asked by the client itself, in the way that the endpoint wants."""
    known = server.clients[client]
    world = live_world({})
    try:
        metadata = run(discover(server.issuer, whole=True), world).metadata
        asks = client_at(client_auth.Client(known.client_id, known.secret or "", known.method), metadata, "introspection")
        return run(introspect(endpoint(metadata, "introspection_endpoint"), token, asks), world)
    finally:
        world.close()


@pytest.mark.parametrize(("server", "client"), EACH_CLIENT, indirect=["server"])
def test_tokens_are_used_refreshed_and_thrown_away(server: Server, client: str, tmp_path: Path) -> None:
    console = signed_in(server, client, tmp_path)

    bare = console.type("token")
    assert (bare.code, bare.out, bare.err) == (0, console.tokens["access_token"] + "\n", "")

    asked = console.type("userinfo", "--json")
    assert asked.code == 0, asked.err
    assert json.loads(asked.out)["sub"] == server.subject

    before = console.tokens
    refreshed = console.type("refresh", "--json", "--show-secrets")
    assert (refreshed.code, refreshed.err) == (0, "")
    console.remember(json.loads(refreshed.out))
    assert console.tokens["access_token"] != before["access_token"]
    assert console.tokens["subject"] == server.subject
    assert console.type("token").out == console.tokens["access_token"] + "\n"
    assert console.type("userinfo").code == 0

    left = console.type("logout", "--no-browser", "--json")
    steps = {step["step"]: step for step in json.loads(left.out)["steps"]}
    revoked = steps["revoke refresh token"]["done"], steps["revoke access token"]["done"]
    if (server.name, client) in REVOKES_FOR_SECRETS_ALONE:
        assert (left.code, revoked) == (4, (False, False))
        assert "the revocation endpoint refused: `invalid_client`" in steps["revoke access token"]["result"]
    else:
        assert (left.code, revoked) == (0, (True, True)), left.err
    assert steps["forget"]["done"] is True
    assert console.tokens["id_token"] not in left.err, "the ID token is for the browser alone"

    gone = console.type("token")
    assert (gone.code, gone.out) == (2, "")
    assert "holds no tokens" in gone.err
    assert console.recorded() == ["login", "userinfo", "refresh", "userinfo", "logout"]
    assert console.leaks() == []


@pytest.mark.xdist_group("canaille")
def test_a_client_that_posts_its_secret_revokes_where_basic_alone_is_taken(canaille: Server, tmp_path: Path) -> None:
    """canaille announces `client_secret_basic` for revocation and introspection, whatever the client does at the token endpoint."""
    console = signed_in(canaille, "post", tmp_path)
    token = console.tokens["access_token"]
    assert introspected(canaille, "post", token).active is True
    left = console.type("logout", "--no-browser", "--json")
    assert left.code == 0, left.err
    done = {step["step"]: step["done"] for step in json.loads(left.out)["steps"]}
    assert done["revoke access token"] is True
    assert introspected(canaille, "post", token).active is False
    assert console.leaks() == []


@pytest.mark.parametrize("server", EACH, indirect=True)
def test_logout_ends_the_session_of_the_browser(server: Server, tmp_path: Path) -> None:
    console = signed_in(server, "basic", tmp_path)
    assert console.login().code == 0
    assert console.passwords_typed == 1, "the second sign-in finds the session of the first"

    left, pages = console.browse_along("logout", recipe=YES_LOG_OUT)
    assert left.code == 0, left.err
    assert len(pages) == 1
    assert console.login().code == 0
    assert console.passwords_typed == 2
    assert console.leaks() == []


@pytest.mark.parametrize("server", EACH, indirect=True)
def test_discover_shows_what_the_server_publishes(server: Server, tmp_path: Path) -> None:
    console = Console(server, server.clients["public"], tmp_path)
    shown = console.type("discover", server.issuer)
    assert shown.code == 0, shown.err
    document = console.type("discover", server.issuer, "--json")
    assert document.code == 0, document.err
    metadata = json.loads(document.out)["metadata"]
    for name in (
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "revocation_endpoint",
        "end_session_endpoint",
    ):
        assert metadata[name].startswith(server.issuer)
        assert metadata[name] in shown.out
    assert console.recorded() == ["discover", "discover"]


@pytest.mark.parametrize(("server", "client"), CONFIDENTIAL, indirect=["server"])
def test_introspection_tells_a_live_token_from_a_revoked_one(server: Server, client: str, tmp_path: Path) -> None:
    console = signed_in(server, client, tmp_path)
    token = console.tokens["access_token"]
    alive = introspected(server, client, token)
    assert alive.active is True
    assert console.type("logout", "--no-browser").code == 0
    assert introspected(server, client, token).active is False


@pytest.mark.parametrize("server", EACH, indirect=True)
def test_a_token_that_ends_soon_is_refreshed_before_it_is_printed(server: Server, tmp_path: Path) -> None:
    console = signed_in(server, "basic", tmp_path)
    fresh = console.type("token", "--min-ttl", "99999999")
    assert fresh.code == 0, fresh.err
    assert fresh.out not in ("", console.tokens["access_token"] + "\n")
    console.remember({"access_token": fresh.out.strip()})
    assert console.type("token").out == fresh.out
    assert console.type("userinfo").code == 0
    assert console.recorded() == ["login", "token", "userinfo"]
    assert console.leaks() == []


@pytest.mark.xdist_group("oidc_provider")
def test_processes_at_the_same_time_never_use_a_rotated_refresh_token_twice(oidc_provider: Server, tmp_path: Path) -> None:
    console = signed_in(oidc_provider, "public", tmp_path)
    # Longer than a token of this server lives, so that each process finds the one that is kept too old.
    command = (sys.executable, "-m", "oauthctl", "token", "--min-ttl", "601")
    environ = {"PATH": os.environ.get("PATH", ""), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")} | isolated(tmp_path)
    started = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [process.communicate(timeout=30) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], ended
    # oidc-provider ends the whole grant when it sees a refresh token twice.
    assert console.type("userinfo").code == 0
    for out, _ in ended:
        console.remember({"access_token": out.strip()})
    assert console.type("refresh").code == 0
    assert console.leaks() == []
