"""`oauthctl login --grant ciba`: the provider asks a person who is elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import SECRET, Provider, providing
from tests.interop.forms import Button, Form
from tests.interop.pages import browse


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
    assert "access_denied" in ran.err


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
