"""What real servers refuse, and that `oauthctl login` passes on their reason; each refusal is one that they word in their own way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.console import Console
from tests.interop.targets import Server

AT_THE_CALLBACK = "the authorization server refused"
AT_THE_TOKEN_ENDPOINT = "the token endpoint refused"
REFUSED = [
    ("oidc_provider", "public", ("--pkce", "none"), AT_THE_CALLBACK, "invalid_request", "Authorization Server policy requires PKCE"),
    ("oidc_provider", "public", ("--pkce", "plain"), AT_THE_CALLBACK, "invalid_request", "not supported value of code_challenge_method"),
    ("oidc_provider", "public-par", (), AT_THE_CALLBACK, "invalid_request", "Pushed Authorization Request must be used"),
    (
        "oidc_provider",
        "public",
        ("--resource", "urn:nosuch"),
        AT_THE_CALLBACK,
        "invalid_target",
        "resource indicator is missing, or unknown",
    ),
    ("oidc_provider", "public", ("--prompt", "none"), AT_THE_CALLBACK, "login_required", "End-User authentication is required"),
    ("django_oauth_toolkit", "public", ("--pkce", "none"), AT_THE_CALLBACK, "invalid_request", "Code challenge required."),
    # This one gives a code without a challenge, and notices at the token endpoint that it was to have one.
    ("canaille", "public", ("--pkce", "none"), AT_THE_TOKEN_ENDPOINT, "invalid_request", "Missing 'code_verifier'"),
    ("mcp_server", "public", ("--pkce", "none"), AT_THE_CALLBACK, "invalid_request", "code_challenge: Field required"),
    ("mcp_server", "public", ("--scope", "nosuch"), AT_THE_CALLBACK, "invalid_scope", "Client was not registered with scope nosuch"),
]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(
    ("server", "client", "more", "who", "error", "words"),
    [pytest.param(*row, id="-".join((row[0], row[1], *row[2])), marks=pytest.mark.xdist_group(row[0])) for row in REFUSED],
    indirect=["server"],
)
def test_the_servers_reason_is_passed_on(
    server: Server, client: str, more: tuple[str, ...], who: str, error: str, words: str, tmp_path: Path
) -> None:
    console = Console(server, server.clients[client], tmp_path)
    refused = console.login(*more)
    assert (refused.code, refused.out) == (4, ""), refused.err
    assert f"{who}: `{error}`" in refused.err
    assert words in refused.err
    assert error in console.pages[-1].text, "the browser is told as well"
    assert not list((tmp_path / "state").rglob("tokens/*.json"))
    assert console.leaks() == []


@pytest.mark.xdist_group("canaille")
def test_a_scope_that_is_quietly_left_out_is_told(canaille: Server, tmp_path: Path) -> None:
    console = Console(canaille, canaille.clients["public"], tmp_path)
    signed_in = console.login(scope="openid email nosuch")
    assert signed_in.code == 0, signed_in.err
    assert "warning: asked for and not granted: `nosuch`" in signed_in.err
    assert console.tokens["scope"] == ["openid", "email"]


@pytest.mark.xdist_group("oidc_provider")
def test_a_client_that_is_not_known_never_gets_a_callback(oidc_provider: Server, tmp_path: Path) -> None:
    console = Console(oidc_provider, oidc_provider.clients["public"], tmp_path)
    refused = console.login("--client-id", "nobody", "--timeout", "1")
    assert (refused.code, refused.out) == (3, "")
    assert "nobody came back to" in refused.err
    assert "see in the browser what the server says" in refused.err
    assert "invalid_client" in console.pages[-1].text
