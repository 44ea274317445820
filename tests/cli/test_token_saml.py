"""`oauthctl token --grant saml2_bearer` against our own provider, which reads what a trusted issuer signed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("signxml", reason="the extra `saml` is not installed")

from oauthctl.jose.jwt import take_apart
from oauthctl.provider.state import ProviderState
from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.cli.spoiled import SECRET, Provider, providing
from tests.cli.test_login_in_jwt import everything
from tests.cli.test_no_leaks import forms
from tests.provider.test_saml2_bearer import IDP, RSA, signed, unsigned


def trusting(state: ProviderState) -> ProviderState:
    return replace(state, trusted_issuers={IDP: (RSA.public(),)})


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providing(change=trusting) as provider:
        yield provider


@pytest.fixture
def op(running: Provider) -> Iterator[Provider]:
    yield running
    running.reset()


def assertion(op: Provider, folder: Path, **changed: str) -> bytes:
    def moment(seconds: float) -> str:
        return datetime.fromtimestamp(time.time() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    times = {"begins": moment(-10), "ends": moment(200), "confirmed": moment(200)}
    made = signed(unsigned(**{"audience": op.issuer, "recipient": f"{op.issuer}/token", "id": f"_{time.time_ns()}", **times, **changed}))
    (folder / "assertion.xml").write_bytes(made)
    return made


def trade(op: Provider, folder: Path) -> Ran:
    environ = {"OAUTHCTL_ISSUER": op.issuer, "OAUTHCTL_CLIENT_ID": "service", "OAUTHCTL_CLIENT_SECRET": SECRET}
    words = ("token", "--grant", "saml2_bearer", "--assertion-file", str(folder / "assertion.xml"), "--scope", "items.read")
    return oauthctl(*words, environ=isolated(folder) | environ)


def test_an_assertion_becomes_a_token_for_its_person(op: Provider, tmp_path: Path) -> None:
    made = assertion(op, tmp_path)
    ran = trade(op, tmp_path)
    assert ran.code == 0, ran.err
    assert take_apart(ran.out.strip()).claim_text("sub") == "alice"
    for form in forms(made.decode()):
        assert form not in everything(tmp_path) + ran.err


def test_one_for_another_server_is_its_no(op: Provider, tmp_path: Path) -> None:
    assertion(op, tmp_path, audience="https://other.example")
    ran = trade(op, tmp_path)
    assert (ran.code, "invalid_grant" in ran.err, "audience" in ran.err) == (4, True, True)
