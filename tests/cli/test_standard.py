"""`--standard`: what it sets, what it refuses, what it tells of the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from oauthctl.jose.jwk import Jwk, from_private_key
from oauthctl.jose.jwt import take_apart
from oauthctl.provider.client import Client
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import Provider, members, providing

EC_KEY = from_private_key(ec.generate_private_key(ec.SECP256R1())).with_(kid="ec")
RSA_KEY = from_private_key(rsa.generate_private_key(65537, 2048)).with_(kid="rsa")
METADATA = "/.well-known/oauth-authorization-server"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """A provider with a client that has keys, and takes no other proof."""
    client = Client(
        "bank",
        keys=(EC_KEY.public(), RSA_KEY.public()),
        scopes=("openid", "items.read", "offline_access"),
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
        redirect_uris=("http://127.0.0.1/callback",),
        is_native=True,
    )
    with providing(client) as provider:
        yield provider


def written(key: Jwk, folder: Path) -> str:
    path = folder / "client.jwk"
    path.write_text(json.dumps(key.as_dict()))
    return str(path)


def login(provider: Provider, standard: str, *argv: str, folder: Path, client: str = "public") -> Ran:
    words = ("login", provider.issuer, "--client-id", client, "--scope", "openid items.read", "--standard", standard, *argv)
    return oauthctl_with(ALICE, *words, folder=folder)[0]


def test_fapi_pushes_binds_and_proves_by_the_key(provider: Provider, tmp_path: Path) -> None:
    ran = login(provider, "fapi2", "--client-key", written(EC_KEY, tmp_path), client="bank", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "sets `--pkce S256`, `--client-auth private_key_jwt`, `--assertion-audience issuer`, `--par always`, `--dpop`" in ran.err
    pushed = provider.asked("/par")[0].form
    assert pushed.get("code_challenge_method") == "S256"
    assert pushed.get("dpop_jkt")
    token = provider.asked("/token")[0]
    assert (take_apart(token.form.get("client_assertion") or "").claims or {})["aud"] == provider.issuer
    assert token.headers.get("dpop")
    assert oauthctl("call", f"{provider.issuer}/api/vault", environ=isolated(tmp_path)).code == 0


def test_an_rsa_key_signs_by_ps256(provider: Provider, tmp_path: Path) -> None:
    assert login(provider, "fapi2", "--client-key", written(RSA_KEY, tmp_path), client="bank", folder=tmp_path).code == 0
    header = take_apart(provider.asked("/par")[0].form.get("client_assertion") or "").header or {}
    assert header["alg"] == "PS256"


def test_the_table_tells_clause_by_clause(provider: Provider, tmp_path: Path) -> None:
    ran = login(provider, "oauth2.1", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "OAuth 2.1: what it demands of the server, and what the metadata says" in ran.err
    rows = [" ".join(line.split()) for line in ran.err.splitlines()]
    assert "✓ ok PKCE with S256 OAuth 2.1 section 7.5.2 `code_challenge_methods_supported`: S256" in rows
    assert "? not told TLS OAuth 2.1 section 1.5 plain http, on this machine alone" in rows


@pytest.mark.parametrize(
    ("standard", "argv", "spec"),
    [
        ("oauth2.1", ("--pkce", "plain"), "OAuth 2.1 section 7.5.2"),
        ("oauth2.1", ("--pkce", "none"), "OAuth 2.1 section 7.5.2"),
        ("oauth2.1", ("--grant", "password", "--login-hint", "alice"), "OAuth 2.1 section 10"),
        ("fapi2", ("--par", "never", "--client-key", "KEY"), "FAPI 2.0 section 5.3.3.2"),
        ("fapi2", ("--client-auth", "none", "--client-key", "KEY"), "FAPI 2.0 section 5.3.3.1"),
        ("fapi2", ("--client-auth", "client_secret_basic"), "FAPI 2.0 section 5.3.3.1"),
        ("fapi2", ("--assertion-audience", "token-endpoint", "--client-key", "KEY"), "FAPI 2.0 section 5.3.3.1"),
        ("fapi2", ("--response-mode", "fragment", "--client-key", "KEY"), "FAPI 2.0 section 5.3.2.2"),
        ("fapi2", ("--grant", "device_code", "--client-key", "KEY"), "FAPI 2.0 section 5.3.2.1"),
        ("fapi2", (), "FAPI 2.0 section 5.3.3.1"),
        ("mcp", (), "MCP Authorization section Resource Parameter Implementation"),
        ("mcp", ("--pkce", "plain", "--resource", "https://mcp.example"), "MCP Authorization section Authorization Code Protection"),
        ("rfc8252", ("--redirect-uri", "http://localhost:8080/callback"), "RFC 8252 section 8.3"),
        ("rfc8252", ("--redirect-uri", "http://app.example/callback"), "RFC 8252 section 7.3"),
        ("rfc8252", ("--redirect-uri", "myapp:/callback"), "RFC 8252 section 7.1"),
        ("rfc8252", ("--client-auth", "client_secret_basic"), "RFC 8252 section 8.5"),
        ("rfc8252", ("--pkce", "none"), "RFC 8252 section 8.1"),
    ],
)
def test_what_contradicts_is_refused_with_its_clause(
    provider: Provider, tmp_path: Path, standard: str, argv: tuple[str, ...], spec: str
) -> None:
    words = [written(EC_KEY, tmp_path) if word == "KEY" else word for word in argv]
    ran = login(provider, standard, *words, folder=tmp_path)
    assert ran.code == 2
    assert "error[standard-contradicted]" in ran.err
    assert f"spec: {spec}\n" in ran.err
    assert provider.requests == []


@pytest.mark.parametrize(
    ("standard", "changes", "spec"),
    [
        ("oauth2.1", {"grant_types_supported": ["authorization_code", "password"]}, "OAuth 2.1 section 10"),
        ("mcp", {"code_challenge_methods_supported": None}, "MCP Authorization section Authorization Code Protection"),
        ("rfc8252", {"token_endpoint_auth_methods_supported": ["client_secret_post"]}, "RFC 8252 section 8.4"),
    ],
)
def test_what_the_server_lacks_ends_it_before_the_browser(
    provider: Provider, tmp_path: Path, standard: str, changes: dict[str, Any], spec: str
) -> None:
    provider.spoils[METADATA] = members(**changes)
    more = ("--resource", f"{provider.issuer}/api") if standard == "mcp" else ()
    ran = login(provider, standard, *more, folder=tmp_path)
    assert ran.code == 1
    assert "error[standard-not-met]" in ran.err
    assert "✗ lacks" in ran.err
    assert f"spec: {spec}\n" in ran.err
    assert provider.asked("/authorize") == []


def test_the_table_is_in_the_json_of_the_error(provider: Provider, tmp_path: Path) -> None:
    provider.spoils[METADATA] = members(code_challenge_methods_supported=["plain"])
    ran = login(provider, "oauth2.1", "--json", folder=tmp_path)
    document = json.loads(ran.err.splitlines()[-1])["error"]
    assert document["standard"] == "oauth2.1"
    row = {"what": "PKCE with S256", "section": "OAuth 2.1 section 7.5.2", "said": "`code_challenge_methods_supported`: plain"}
    assert row | {"met": "lacks", "must": True} in document["demands"]


def test_mcp_sends_the_resource_on_both_legs(provider: Provider, tmp_path: Path) -> None:
    resource = f"{provider.issuer}/api"
    ran = login(provider, "mcp", "--resource", resource, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert "the API names this server" in ran.err
    assert provider.asked("/authorize")[0].query.get("resource") == resource
    assert provider.asked("/token")[0].form.get("resource") == resource


def test_an_api_of_another_server_is_told(provider: Provider, tmp_path: Path) -> None:
    provider.spoils["/.well-known/oauth-protected-resource/api"] = members(authorization_servers=["https://other.example"])
    ran = login(provider, "mcp", "--resource", f"{provider.issuer}/api", folder=tmp_path)
    assert ran.code == 1
    assert "`authorization_servers`: https://other.example" in ran.err
    assert "spec: RFC 9728 section 2\n" in ran.err
    assert provider.asked("/authorize") == []


def test_a_native_app_is_a_public_client_on_loopback(provider: Provider, tmp_path: Path) -> None:
    ran = login(provider, "rfc8252", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert (provider.asked("/authorize")[0].query.get("redirect_uri") or "").startswith("http://127.0.0.1:")


def token(provider: Provider, standard: str, key: Jwk, folder: Path) -> Ran:
    environ = {"OAUTHCTL_ISSUER": provider.issuer, "OAUTHCTL_CLIENT_ID": "bank", "OAUTHCTL_CLIENT_KEY_FILE": written(key, folder)}
    return oauthctl("token", "--grant", "client_credentials", "--standard", standard, environ=isolated(folder) | environ)


def test_a_clients_own_token_is_bound_too(provider: Provider, tmp_path: Path) -> None:
    ran = token(provider, "fapi2", EC_KEY, tmp_path)
    assert ran.code == 0, ran.err
    assert "cnf" in (take_apart(ran.out.strip()).claims or {})


def test_a_token_that_a_person_signed_in_for_has_its_standard_already(provider: Provider, tmp_path: Path) -> None:
    assert login(provider, "oauth2.1", folder=tmp_path).code == 0
    ran = oauthctl("token", "--standard", "fapi2", environ=isolated(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert f"`oauthctl login {provider.profile} --standard fapi2`" in ran.err


def test_discover_holds_a_server_against_a_standard(provider: Provider, tmp_path: Path) -> None:
    ran = oauthctl("discover", provider.issuer, "--standard", "oauth2.1", environ=isolated(tmp_path))
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == "OAuth 2.1: what it demands of the server, and what the metadata says"
    provider.spoils[METADATA] = members(code_challenge_methods_supported=["plain"])
    lacks = oauthctl("discover", provider.issuer, "--standard", "oauth2.1", "--json", environ=isolated(tmp_path))
    assert lacks.code == 1
    assert [one["what"] for one in json.loads(lacks.out)["demands"] if one["met"] == "lacks"] == ["PKCE with S256"]
