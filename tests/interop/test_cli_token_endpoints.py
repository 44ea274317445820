"""Asking about tokens, revoking them, narrowing them, and signing in by a standard, on real servers."""

from __future__ import annotations

import json
from pathlib import Path
from time import sleep

import pytest

from oauthctl.jose.jwt import take_apart
from tests.cli.running import Ran
from tests.interop.console import Console
from tests.interop.targets import Server

CONFIDENTIAL = [
    pytest.param(name, client, id=f"{name}-{client}", marks=pytest.mark.xdist_group(name))
    for name, client in (
        ("oidc_provider", "basic"),
        ("oidc_provider", "post"),
        ("django_oauth_toolkit", "basic"),
        ("canaille", "basic"),
        ("canaille", "post"),
    )
]
EACH = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("oidc_provider", "django_oauth_toolkit", "canaille")]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def signed_in(server: Server, client: str, folder: Path, *argv: str) -> Console:
    console = Console(server, server.clients[client], folder)
    if server.name == "canaille":
        # Its access tokens have no `jti`: two of one person and client in one second are the same, which it answers with 500.
        sleep(1.1)
    ran = console.login(*argv)
    assert ran.code == 0, ran.err
    return console


def steps(ran: Ran) -> dict[str, dict[str, object]]:
    return {step["step"]: step for step in json.loads(ran.out)["steps"]}


@pytest.mark.parametrize(("server", "client"), CONFIDENTIAL, indirect=["server"])
def test_a_token_is_asked_about_revoked_and_asked_about_again(server: Server, client: str, tmp_path: Path) -> None:
    console = signed_in(server, client, tmp_path)
    alive = console.type("introspect", "--json")
    assert alive.code == 0, alive.err
    assert json.loads(alive.out)["active"] is True

    gone = console.type("revoke", "--access-token", "--json")
    assert gone.code == 0, gone.err
    proven = {"proven": True, "evidence": "introspection says that it is not active"}
    assert json.loads(gone.out).items() >= proven.items()
    again = console.type("introspect", "-", "--json", stdin=str(console.tokens["access_token"]))
    assert again.code == 1, again.err
    assert json.loads(again.out)["active"] is False
    assert console.leaks() == []


@pytest.mark.parametrize(("server", "client"), CONFIDENTIAL, indirect=["server"])
def test_logout_proves_that_the_tokens_are_worthless(server: Server, client: str, tmp_path: Path) -> None:
    console = signed_in(server, client, tmp_path)
    left = console.type("logout", "--no-browser", "--json")
    assert left.code == 0, left.err
    told = steps(left)
    assert {name: step["proven"] for name, step in told.items() if name.startswith("revoke") and step["done"]} != {}
    assert all(step["proven"] for name, step in told.items() if name.startswith("revoke") and step["done"])
    assert told["forget"]["proven"] is True
    assert console.leaks() == []


@pytest.mark.parametrize("server", EACH[:2], indirect=True)
def test_a_public_clients_tokens_are_proven_worthless_without_introspection(server: Server, tmp_path: Path) -> None:
    console = signed_in(server, "public", tmp_path)
    left = console.type("logout", "--no-browser", "--json")
    assert left.code == 0, left.err
    told = steps(left)
    assert told["revoke refresh token"]["evidence"] == "a refresh is refused with `invalid_grant`"
    assert str(told["revoke access token"]["evidence"]).startswith("the userinfo endpoint refuses it with 401")
    assert console.leaks() == []


@pytest.mark.xdist_group("oidc_provider")
def test_one_resource_of_two_is_asked_for(oidc_provider: Server, tmp_path: Path) -> None:
    """oidc-provider makes a token for one resource at a time, which the token request has to name."""
    console = signed_in(oidc_provider, "public", tmp_path, "--resource", "urn:example:jwt")
    apart = console.type("token", "--resource", "urn:example:jwt")
    assert apart.code == 0, apart.err
    assert (take_apart(apart.out.strip()).claims or {})["aud"] == "urn:example:jwt"
    # RFC 9068: a JWT that says what it is, whose signature and audience anybody can check.
    assert take_apart(apart.out.strip()).typ == "at+jwt"
    checking = ("verify", "--type", "access", "--issuer", oidc_provider.issuer, "-")
    assert console.type(*checking, "--audience", "urn:example:jwt", stdin=apart.out).code == 0
    assert console.type(*checking, "--audience", "urn:example:other", stdin=apart.out).code == 1
    refused = console.type("token", "--resource", "urn:example:unknown")
    assert (refused.code, refused.out) == (4, "")
    assert "`invalid_target`" in refused.err
    assert "resource-" in refused.err.partition("`invalid_target`")[2]


@pytest.mark.xdist_group("mcp_server")
def test_the_mcp_server_meets_its_standard(mcp_server: Server, tmp_path: Path) -> None:
    console = Console(mcp_server, mcp_server.clients["public"], tmp_path)
    ran = console.login("--standard", "mcp")
    assert ran.code == 0, ran.err
    assert "✓ ok       the API names this server" in ran.err
    assert "✗ lacks" not in ran.err


@pytest.mark.parametrize("server", EACH[1:], indirect=True)
def test_a_server_without_bound_tokens_does_not_meet_fapi(server: Server, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text(_pem())
    argv = ("login", server.issuer, "--client-id", "basic", "--client-key", str(key), "--standard", "fapi2", "--no-browser")
    ran = Console(server, server.clients["basic"], tmp_path).type(*argv)
    assert ran.code == 1, ran.err
    assert "error[standard-not-met]" in ran.err
    assert "✗ lacks    tokens bound to their sender" in ran.err


@pytest.mark.xdist_group("oidc_provider")
def test_a_confidential_client_signs_in_by_fapi(oidc_provider: Server, tmp_path: Path) -> None:
    keys = json.loads((oidc_provider.folder / "client-keys.json").read_text("utf-8"))["keys"]
    path = tmp_path / "client.jwk"
    path.write_text(json.dumps(keys[0]))
    console = Console(oidc_provider, oidc_provider.clients["key-jwt"], tmp_path)
    ran = console.login("--client-key", str(path), "--standard", "fapi2")
    assert ran.code == 0, ran.err
    assert "✗ lacks" not in ran.err
    assert "✓ ok       tokens bound to their sender" in ran.err
    assert console.tokens["token_type"] == "DPoP"
    assert console.leaks() == []


@pytest.mark.xdist_group("oidc_provider")
def test_a_native_app_signs_in_by_its_standard(oidc_provider: Server, tmp_path: Path) -> None:
    console = Console(oidc_provider, oidc_provider.clients["public"], tmp_path)
    ran = console.login("--standard", "rfc8252")
    assert ran.code == 0, ran.err
    assert "✗ lacks" not in ran.err


def _pem() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
