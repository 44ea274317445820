"""The servers, their sign-in pages and both browsers do what the other tests here rely on, told with httpx alone."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.interop.chromium import Chromium
from tests.interop.listener import FAREWELL, listening
from tests.interop.targets import Server

ALL = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("oidc_provider", "django_oauth_toolkit", "canaille", "mcp_server")
]
WITH_PAGES = ALL[:3]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


def authorization(server: Server, metadata: dict[str, Any]) -> tuple[str, str, str]:
    """An authorization request of the client `public`: its URL, its state and its verifier."""
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "response_type": "code",
        "client_id": "public",
        "redirect_uri": server.redirect_uri,
        "scope": server.scope,
        "state": state,
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **server.parameters,
    }
    return f"{metadata['authorization_endpoint']}?{urlencode(parameters)}", state, verifier


def redeem(server: Server, metadata: dict[str, Any], *, code: str, verifier: str) -> httpx.Response:
    resource = {name: value for name, value in server.parameters.items() if name == "resource"}
    parameters = {"grant_type": "authorization_code", "code": code, "redirect_uri": server.redirect_uri, "client_id": "public"}
    return post(metadata["token_endpoint"], {**parameters, "code_verifier": verifier, **resource})


def post(url: str, parameters: dict[str, str]) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=20) as client:
        return client.post(url, data=parameters)


def get(url: str, token: str | None = None) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=20) as client:
        return client.get(url, headers={"Authorization": f"Bearer {token}"} if token else {})


@pytest.mark.parametrize("server", ALL, indirect=True)
def test_metadata_names_the_issuer(server: Server) -> None:
    metadata = get(server.metadata_url).json()
    assert metadata["issuer"].rstrip("/") == server.issuer
    assert "S256" in metadata["code_challenge_methods_supported"]


@pytest.mark.parametrize("server", ALL, indirect=True)
def test_signing_in_gives_a_code_and_the_code_gives_tokens(server: Server) -> None:
    metadata = get(server.metadata_url).json()
    url, state, verifier = authorization(server, metadata)
    with listening(server.redirect_uri) as callbacks:
        assert FAREWELL in server.sign_in(url)
    assert len(callbacks) == 1
    assert callbacks[0]["state"] == state
    answer = redeem(server, metadata, code=callbacks[0]["code"], verifier=verifier)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    assert tokens["token_type"].lower() == "bearer"
    assert tokens["access_token"]
    assert tokens["refresh_token"]
    if server.subject:
        userinfo = get(metadata["userinfo_endpoint"], tokens["access_token"])
        assert userinfo.json()["sub"] == server.subject


@pytest.mark.parametrize("server", ALL, indirect=True)
def test_a_wrong_verifier_is_refused(server: Server) -> None:
    metadata = get(server.metadata_url).json()
    url, _, _ = authorization(server, metadata)
    with listening(server.redirect_uri) as callbacks:
        server.sign_in(url)
    answer = redeem(server, metadata, code=callbacks[0]["code"], verifier=secrets.token_urlsafe(32))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("server", WITH_PAGES, indirect=True)
def test_refusing_on_the_page_sends_an_error_back(server: Server) -> None:
    url, state, _ = authorization(server, get(server.metadata_url).json())
    with listening(server.redirect_uri) as callbacks:
        server.refuse(url)
    assert [(back["error"], back["state"]) for back in callbacks] == [("access_denied", state)]


@pytest.mark.parametrize("server", WITH_PAGES, indirect=True)
def test_chromium_signs_in_on_the_same_pages(server: Server, chromium: Chromium, tmp_path: Path) -> None:
    metadata = get(server.metadata_url).json()
    url, state, verifier = authorization(server, metadata)
    picture = tmp_path / "last-page.png"
    with listening(server.redirect_uri) as callbacks:
        page = chromium.browse(url, server.agreeing, screenshot=picture)
    assert FAREWELL in page.text
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert [back["state"] for back in callbacks] == [state]
    assert redeem(server, metadata, code=callbacks[0]["code"], verifier=verifier).status_code == 200


@pytest.mark.xdist_group("django_oauth_toolkit")
def test_the_toolkits_resource_challenges_whoever_has_no_token(django_oauth_toolkit: Server) -> None:
    assert django_oauth_toolkit.api_url
    answer = get(django_oauth_toolkit.api_url)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.xdist_group("mcp_server")
def test_the_mcp_resource_answers_only_with_a_token(mcp_server: Server) -> None:
    assert mcp_server.api_url
    metadata = get(mcp_server.metadata_url).json()
    url, _, verifier = authorization(mcp_server, metadata)
    with listening(mcp_server.redirect_uri) as callbacks:
        mcp_server.sign_in(url)
    token = redeem(mcp_server, metadata, code=callbacks[0]["code"], verifier=verifier).json()["access_token"]
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "whoami", "arguments": {}}}
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    with httpx.Client(trust_env=False, timeout=20, headers=headers) as client:
        assert client.post(mcp_server.api_url, content=json.dumps(call)).status_code == 401
        started = client.post(mcp_server.api_url, json=_initialize(), headers={"Authorization": f"Bearer {token}"})
    assert started.status_code == 200, started.text
    assert "serverInfo" in started.text


def _initialize() -> dict[str, Any]:
    parameters = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "probe", "version": "1"}}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": parameters}
