"""A confidential web client `browser-ui` at an identity provider whose pages ask for a username and a password."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from oauthctl.http import FORM, Params, Response, form_request
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.client import Client
from tests.cli.person import ALICE
from tests.cli.spoiled import SECRET, Provider, providing
from tests.interop.pages import Page, browse, browser
from tests.provider.world import last_form
from tests.stories.desk import Clock, Desk

CALLBACK = "http://127.0.0.1/callback"
BROWSER_UI = Client(
    "browser-ui", "Browser UI", SECRET, redirect_uris=(CALLBACK,), scopes=("openid", "profile"), id_token_seconds=15 * 60, is_native=True
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> Iterator[Provider]:
    with providing(BROWSER_UI, clock=clock) as provider:
        yield provider


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "secret.txt").write_text(SECRET + "\n")
    return Desk(tmp_path / "desk")


def login(provider: Provider, tmp_path: Path) -> str:
    secret = tmp_path / "secret.txt"
    return f'oauthctl login {provider.issuer} --client-id browser-ui --client-secret-file {secret} --scope "openid profile" --profile ui'


def failures(provider: Provider) -> list[tuple[str, str, str]]:
    """The provider's log, as far as it tells of what went wrong."""
    return [(event.endpoint, event.who, event.error) for event in provider.server.state.log if event.error]


def test_signing_in_gives_an_id_token_of_15_minutes_that_is_checked(provider: Provider, desk: Desk, tmp_path: Path) -> None:
    ran = desk.types(login(provider, tmp_path) + " --json --show-secrets")
    assert ran.code == 0, ran.err
    record = json.loads(ran.out)
    claims = take_apart(record["id_token"]).claims or {}
    assert claims["exp"] - claims["iat"] == 900
    assert (claims["iss"], claims["aud"], record["subject"]) == (provider.issuer, "browser-ui", "alice")

    ran = desk.types(
        f"oauthctl verify --issuer {provider.issuer} --audience browser-ui --type id --nonce {claims['nonce']}", stdin=record["id_token"]
    )
    verdicts = dict(row.split("\t")[:2] for row in ran.out.splitlines())
    assert ran.code == 0, ran.out
    assert {verdicts[check] for check in ("signature", "issuer", "audience", "expiry", "nonce")} == {"pass"}
    assert failures(provider) == []


@pytest.mark.parametrize(
    ("argv", "check"),
    [("--issuer http://127.0.0.1:1 --jwks {jwks}", "issuer"), ("--issuer {issuer} --audience another", "audience")],
)
def test_another_issuer_or_audience_is_a_no(provider: Provider, desk: Desk, tmp_path: Path, argv: str, check: str) -> None:
    record = json.loads(desk.types(login(provider, tmp_path) + " --json --show-secrets").out)
    jwks = tmp_path / "jwks.json"
    jwks.write_text(httpx.get(f"{provider.issuer}/jwks", trust_env=False).text)
    ran = desk.types("oauthctl verify --type id " + argv.format(issuer=provider.issuer, jwks=jwks), stdin=record["id_token"])
    verdicts = dict(row.split("\t")[:2] for row in ran.out.splitlines())
    assert (ran.code, verdicts[check], verdicts["signature"]) == (1, "fail", "pass")


def test_after_15_minutes_the_id_token_is_over(provider: Provider, desk: Desk, tmp_path: Path, clock: Clock) -> None:
    record = json.loads(desk.types(login(provider, tmp_path) + " --json --show-secrets").out)
    at = (take_apart(record["id_token"]).claims or {})["exp"] + 1
    ran = desk.types(f"oauthctl verify --issuer {provider.issuer} --leeway 0 --at {at}", stdin=record["id_token"])
    verdicts = dict(row.split("\t")[:2] for row in ran.out.splitlines())
    assert (ran.code, verdicts["expiry"], verdicts["signature"]) == (1, "fail", "pass")


def test_a_callback_with_another_state_is_not_redeemed(provider: Provider, desk: Desk, tmp_path: Path) -> None:
    def attacked(url: str) -> Page:
        redirect_uri = Params.parse(urlsplit(url).query).get("redirect_uri") or ""
        assert httpx.get(redirect_uri, params={"code": "stolen", "state": "of another"}, trust_env=False).status_code == 400
        return browse(url, ALICE)

    ran = desk.types(login(provider, tmp_path), by=attacked)
    assert ran.code == 0, ran.err
    assert [request.form.get("code") == "stolen" for request in provider.asked("/token")] == [False]


def test_a_code_is_good_for_one_use_and_its_second_use_ends_all(provider: Provider, desk: Desk, tmp_path: Path) -> None:
    assert desk.types(login(provider, tmp_path)).code == 0
    assert desk.types("oauthctl userinfo --json").code == 0
    again = provider.asked("/token")[0]
    replayed = httpx.post(f"{provider.issuer}/token", content=again.body, headers=dict(again.headers), trust_env=False)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    # RFC 6749 section 4.1.2: what the code gave is revoked.
    ran = desk.types("oauthctl userinfo --json")
    assert (ran.code, ran.out) == (4, "")
    assert failures(provider)[:1] == [("token", "browser-ui", "invalid_grant")]


def test_every_failure_is_in_the_providers_log(provider: Provider, desk: Desk, tmp_path: Path) -> None:
    # A redirect URI that nobody registered: the provider shows its error and sends nobody anywhere.
    asked = {"response_type": "code", "client_id": "browser-ui", "redirect_uri": "http://127.0.0.1/elsewhere"}
    assert httpx.get(f"{provider.issuer}/authorize", params=asked, trust_env=False).status_code == 400
    assert failures(provider) == [("authorize", "browser-ui", "invalid_request")]

    # A wrong password, then Cancel.
    line = login(provider, tmp_path)
    ran = desk.types(line, by=wrong_password_then_cancel)
    assert (ran.code, ran.out) == (4, "")
    assert "refused: `access_denied`" in ran.err
    assert ("sign-in", "alice", "access_denied") in failures(provider)

    # A wrong secret.
    (tmp_path / "wrong.txt").write_text("not the secret")
    ran = desk.types(line.replace("secret.txt", "wrong.txt"))
    assert (ran.code, ran.out) == (4, "")
    assert "refused: `invalid_client`" in ran.err
    assert failures(provider)[-1] == ("token", "browser-ui", "invalid_client")

    # A code that never was.
    request = form_request(f"{provider.issuer}/token", Params.of({"grant_type": "authorization_code", "code": "guessed"}))
    headers = {"Authorization": basic_credentials("browser-ui", SECRET), "Content-Type": FORM}
    httpx.post(request.url, content=request.body, headers=headers, trust_env=False)
    assert failures(provider)[-1] == ("token", "browser-ui", "invalid_grant")
    assert all(event.reason for event in provider.server.state.log)


def wrong_password_then_cancel(url: str) -> Page:
    """Type a wrong password, see the form again, press Cancel."""
    with browser() as client:
        page = browse(url, (), client=client)
        for fields in ({"username": "alice", "password": "wrong", "decision": "allow"}, {"decision": "deny"}):
            action, hidden = last_form(Response(page.status, body=page.html.encode()))
            response = client.post(urljoin(page.url, action), data=dict(hidden) | fields, follow_redirects=True)
            page = Page(str(response.url), response.status_code, response.text, response.text)
        return page
