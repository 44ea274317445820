"""A server that speaks OAuth as GitHub does: no metadata, no OpenID Connect, form-encoded answers, errors with status 200."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.http import FORM, Headers, Request, Response
from oauthctl.provider.client import Client
from oauthctl.provider.personas.table import persona_named
from oauthctl.provider.personas.wearing import wear
from tests.cli.spoiled import SECRET, Provider, providing
from tests.stories.desk import Desk

APP = Client("app", "App", SECRET, redirect_uris=("http://127.0.0.1/callback",), scopes=("read:user", "user:email"), is_native=True)


@pytest.fixture
def github() -> Iterator[Provider]:
    with providing(APP, change=lambda state: wear(state, persona_named("github"))) as provider:
        yield provider


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, {"OAUTHCTL_CLIENT_SECRET": SECRET})


def login(github: Provider, *more: str) -> str:
    endpoints = (
        f"--authorization-endpoint {github.issuer}/login/oauth/authorize",
        f"--token-endpoint {github.issuer}/login/oauth/access_token",
    )
    return " ".join(("oauthctl login", github.issuer, "--client-id app --profile github", *endpoints, *more))


POST = "--client-auth client_secret_post"
SCOPES = '--scope "read:user user:email"'


def test_signing_in_with_an_extra_parameter_and_calling_the_api(github: Provider, desk: Desk) -> None:
    ran = desk.types(login(github, POST, SCOPES, "--param allow_signup=false", "--json --show-secrets"))
    assert ran.code == 0, ran.err
    record = json.loads(ran.out)
    assert record["access_token"].startswith("gho_")
    assert (record["token_type"], record["expires_at"], record["id_token"], record["refresh_token"]) == ("bearer", None, None, None)

    asked = github.asked("/login/oauth/authorize")[0].query
    assert (asked.get("allow_signup"), asked.get("scope"), asked.get("nonce")) == ("false", "read:user user:email", None)
    assert github.asked("/.well-known/openid-configuration") + github.asked("/.well-known/oauth-authorization-server") == []
    # Its answer is form-encoded unless JSON is asked for.
    assert github.asked("/login/oauth/access_token")[0].headers.get("accept") == "application/json"

    ran = desk.types(f"oauthctl call {github.issuer}/user")
    assert (ran.code, json.loads(ran.out)["login"]) == (0, "alice")
    ran = desk.types(f"oauthctl call {github.issuer}/user/emails")
    assert (ran.code, json.loads(ran.out)[0]["email"]) == (0, "alice@example.com")
    assert desk.types("oauthctl token --format header").out == f"Authorization: Bearer {record['access_token']}\n"


def test_commas_between_scopes_are_no_missing_scopes(github: Provider, desk: Desk) -> None:
    ran = desk.types(login(github, POST, SCOPES))
    assert ran.code == 0
    assert "not granted" not in ran.err


def test_the_profile_holds_all_that_the_next_login_needs(github: Provider, desk: Desk) -> None:
    assert desk.types(login(github, POST, SCOPES, "--param allow_signup=false")).code == 0
    made = tomllib.loads((desk.folder / "config" / "profiles" / "github.toml").read_text())
    assert made["params"] == {"allow_signup": "false"}
    assert set(made["endpoints"]) == {"authorization_endpoint", "token_endpoint"}
    assert desk.types("oauthctl login github").code == 0


def test_a_form_is_read_where_the_server_sends_one_whatever_is_asked_for(github: Provider, desk: Desk) -> None:
    def as_form(_request: Request, response: Response) -> Response:
        pairs = "&".join(f"{name}={value}" for name, value in json.loads(response.body).items())
        return Response(200, Headers.of({"Content-Type": FORM}), pairs.encode())

    github.spoils["/login/oauth/access_token"] = as_form
    ran = desk.types(login(github, POST, SCOPES))
    assert ran.code == 0, ran.err
    assert "form-encoded, where JSON is due" in ran.err
    assert desk.types(f"oauthctl call {github.issuer}/user").code == 0


def test_an_error_with_status_200_is_an_error(github: Provider, desk: Desk) -> None:
    ran = desk.types(login(github, POST, SCOPES), OAUTHCTL_CLIENT_SECRET="not the secret")
    assert (ran.code, ran.out) == (4, "")
    assert "refused: `incorrect_client_credentials`" in ran.err
    assert "the status was 200, where an error must have 400 or 401" in ran.err
    assert desk.pages[0].text.partition("! ")[2].startswith("Signing in did not work")
    assert desk.types("oauthctl token").code == 2


def test_a_server_that_does_not_know_the_header_is_told_the_secret_in_the_form(desk: Desk) -> None:
    # GitHub itself knows it.
    github = persona_named("github")
    deaf = replace(github, quirks={**github.quirks, "client-auth": ["client_secret_post"]})
    with providing(APP, change=lambda state: wear(state, deaf)) as server:
        ran = desk.types(login(server, SCOPES))
        assert (ran.code, ran.out) == (4, "")
        assert f"\nhelp: check the client's secret, or send it the other way with `{POST}`\n" in ran.err
        assert desk.types(login(server, SCOPES, POST)).code == 0
        assert server.asked("/login/oauth/access_token")[-1].form.get("client_secret") == SECRET


def test_the_secret_may_come_in_the_header_too(github: Provider, desk: Desk) -> None:
    assert desk.types(login(github, SCOPES)).code == 0
    sent = github.asked("/login/oauth/access_token")[-1]
    assert (sent.form.get("client_secret"), (sent.headers.get("authorization") or "")[:6]) == (None, "Basic ")


def test_without_endpoints_it_says_how_to_name_them(github: Provider, desk: Desk) -> None:
    ran = desk.types(f"oauthctl login {github.issuer} --client-id app")
    assert (ran.code, ran.out) == (3, "")
    assert "publishes no metadata" in ran.err
    assert "--authorization-endpoint URL --token-endpoint URL" in ran.err


def test_a_missing_scope_shows_as_the_api_puts_it(github: Provider, desk: Desk) -> None:
    assert desk.types(login(github, POST, "--scope read:user")).code == 0
    ran = desk.types(f"oauthctl call {github.issuer}/user/emails")
    assert (ran.code, json.loads(ran.out)["message"]) == (4, "Not Found")


def test_there_is_nothing_to_refresh_and_nothing_to_revoke_with(github: Provider, desk: Desk) -> None:
    assert desk.types(login(github, POST, SCOPES)).code == 0
    ran = desk.types("oauthctl refresh")
    assert (ran.code, ran.out) == (2, "")
    assert "no refresh token" in ran.err
    ran = desk.types("oauthctl userinfo")
    assert (ran.code, ran.out) == (3, "")
    assert "`userinfo_endpoint`" in ran.err
    ran = desk.types("oauthctl logout")
    assert (ran.code, ran.out) == (0, "")
    assert "revoke access token: the provider names no `revocation_endpoint`" in ran.err
    assert desk.types("oauthctl token").code == 2
