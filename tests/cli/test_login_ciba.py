"""`oauthctl login --grant ciba`: the provider asks a person who is elsewhere."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import monotonic

import httpx
import pytest

from oauthctl.http import Request, Response
from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import SECRET, Provider, providing
from tests.interop.forms import Button, Form
from tests.interop.pages import browse
from tests.provider.world import with_client


@pytest.fixture(scope="module")
def quick() -> Iterator[Provider]:
    """The practice provider for people who decide at once."""
    with providing(change=lambda state: replace(state, device_interval=0.05)) as running:
        yield running


def login(provider: Provider, *argv: str, folder: Path, decision: str = "allow", hint: str = "alice") -> Ran:
    """A login whose person signs in at the page of approvals and decides, once a request is there."""

    def decide() -> None:
        ends = monotonic() + 20
        while not provider.asked("/bc-authorize") and monotonic() < ends:
            pass
        browse(
            f"{provider.issuer}/approvals", (Form({"username": "alice", "password": "alice"}), Form(button=Button("decision", decision)))
        )

    person = Thread(target=decide)
    person.start()
    words = ("login", provider.issuer, "--client-id", "web", "--grant", "ciba", *(("--login-hint", hint) if hint else ()), *argv)
    ran = oauthctl(*words, environ=isolated(folder) | {"OAUTHCTL_CLIENT_SECRET": SECRET})
    person.join(30)
    return ran


def test_a_person_elsewhere_says_yes(quick: Provider, tmp_path: Path) -> None:
    quick.reset()
    ran = login(quick, "--scope", "openid items.read", "--binding-message", "W4SCT", "--json", folder=tmp_path)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["subject"] == "alice"
    assert quick.asked("/bc-authorize")[0].form.get("binding_message") == "W4SCT"
    reference = quick.asked("/token")[-1].form.get("auth_req_id") or ""
    recordings = "".join(path.read_text() for path in tmp_path.rglob("*.har"))
    assert reference
    assert reference not in recordings


def test_a_no_ends_it(quick: Provider, tmp_path: Path) -> None:
    quick.reset()
    ran = login(quick, folder=tmp_path, decision="deny")
    assert ran.code == 4
    assert "the provider is to ask `alice` on another device" in ran.err
    assert f"if that is `oauthctl serve`: it asks at {quick.issuer}/approvals" in ran.err
    assert "access_denied" in ran.err


@pytest.fixture(scope="module")
def pinging() -> Iterator[tuple[Provider, str]]:
    """A provider that tells its client of decisions, at this address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"http://127.0.0.1:{free.getsockname()[1]}/ciba"
    with providing(change=lambda state: with_client(replace(state, device_interval=0.05), "web", notification_endpoint=place)) as running:
        yield running, place


@pytest.mark.parametrize(("decision", "code"), [("allow", 0), ("deny", 4)])
def test_the_provider_tells_of_the_decision(pinging: tuple[Provider, str], tmp_path: Path, decision: str, code: int) -> None:
    provider, place = pinging
    provider.reset()
    ran = login(provider, "--notification-endpoint", place, folder=tmp_path, decision=decision)
    assert ran.code == code, ran.err
    assert "no notification" not in ran.err
    # One question is enough, after the notification.
    (asked,) = provider.asked("/token")
    token = provider.asked("/bc-authorize")[0].form.get("client_notification_token") or ""
    recording = next(tmp_path.rglob("*.har")).read_text()
    assert '"notification"' in recording
    assert token
    for secret in (token, asked.form.get("auth_req_id") or ""):
        assert secret not in recording
        assert secret not in ran.out + ran.err
    events = [event for event in provider.server.state.log if event.who == "web"]
    assert "was notified of the decision" in [event.reason for event in events]


def test_a_wrong_notification_is_refused_and_told(pinging: tuple[Provider, str], tmp_path: Path) -> None:
    provider, place = pinging
    provider.reset()
    answers: list[int] = []

    def forge(request: Request, response: Response) -> Response:
        if request.form.get("decision"):
            headers = {"Authorization": "Bearer a-token-that-nobody-sent-x"}
            answers.append(httpx.post(place, json={"auth_req_id": "x"}, headers=headers).status_code)
        return response

    provider.spoils["/approvals"] = forge
    ran = login(provider, "--notification-endpoint", place, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert set(answers) == {401}
    assert "notification-token-differs" in ran.err
    found = json.loads(oauthctl("diagnose", "--json", environ=isolated(tmp_path)).out)
    assert found["findings"][0]["rule"] == "notification-token-differs"


def test_a_dry_run_names_the_place(pinging: tuple[Provider, str], tmp_path: Path) -> None:
    provider, place = pinging
    words = ("login", provider.issuer, "--client-id", "web", "--grant", "ciba", "--login-hint", "alice", "--dry-run")
    ran = oauthctl(*words, "--notification-endpoint", place, environ=isolated(tmp_path) | {"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert ran.code == 0, ran.err
    assert f"wait for the provider's notification at {place}" in ran.out


def test_with_another_grant_the_place_is_in_vain(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "public", "--notification-endpoint", "http://127.0.0.1:8400/ciba")
    ran = oauthctl(*words, environ=isolated(tmp_path))
    assert (ran.code, "error[option-in-vain]" in ran.err) == (2, True)


def test_somebody_has_to_be_named(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "web", "--grant", "ciba")
    ran = oauthctl(*words, environ=isolated(tmp_path) | {"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert ran.code == 2
    assert "--login-hint USER" in ran.err


def test_nobody_is_known_by_that_name(provider: Provider, tmp_path: Path) -> None:
    words = ("login", provider.issuer, "--client-id", "web", "--grant", "ciba", "--login-hint", "nobody")
    ran = oauthctl(*words, environ=isolated(tmp_path) | {"OAUTHCTL_CLIENT_SECRET": SECRET})
    assert ran.code == 4
    assert "unknown_user_id" in ran.err
