"""A server like ilert's: a public and a confidential client, one scope of its own, refresh tokens for the offline scope alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oauthctl.provider.client import Client
from oauthctl.provider.state import ProviderState
from tests.cli.spoiled import SECRET, Provider, providing
from tests.stories.desk import Clock, Desk

SCOPES = ("source:w", "offline_access")
LOOPBACK = ("http://127.0.0.1/callback",)
CLIENTS = (
    Client("mobile", "Mobile app", redirect_uris=LOOPBACK, scopes=SCOPES, is_native=True),
    Client("server", "Server app", SECRET, redirect_uris=LOOPBACK, scopes=SCOPES, is_native=True, requires_pkce=False),
)


def ilert_like(state: ProviderState) -> ProviderState:
    """One scope that opens what two of ours open."""
    scopes = {"source:w": "Read and write alert sources", "offline_access": "Keep this access when you are away"}
    return replace(state, scopes=scopes, scope_aliases={"source:w": ("items.read", "items.write")}, name="Alerts")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def alerts(clock: Clock) -> Iterator[Provider]:
    with providing(*CLIENTS, change=ilert_like, clock=clock) as provider:
        yield provider


def login(alerts: Provider, client_id: str, scope: str, *more: str) -> str:
    return " ".join((f'oauthctl login {alerts.issuer} --client-id {client_id} --scope "{scope}" --profile alerts', *more))


@pytest.mark.parametrize("client_id", ["mobile", "server"])
def test_both_kinds_of_client_write_and_carry_on_after_the_token_ended(
    alerts: Provider, clock: Clock, tmp_path: Path, client_id: str
) -> None:
    desk = Desk(tmp_path, {"OAUTHCTL_CLIENT_SECRET": SECRET} if client_id == "server" else {})
    ran = desk.types(login(alerts, client_id, "source:w offline_access"))
    assert ran.code == 0, ran.err
    exchanged = alerts.asked("/token")[0]
    assert ("authorization" in exchanged.headers) is (client_id == "server")
    assert exchanged.form.get("client_id") == (None if client_id == "server" else "mobile")
    assert len(exchanged.form.get("code_verifier") or "") >= 43

    items = f"{alerts.issuer}/api/items"
    assert desk.types(f'oauthctl call {items} --json \'{{"name": "Disk full"}}\'').code == 0

    before = desk.types("oauthctl token").out
    clock.forward(minutes=6)
    ran = desk.types(f"oauthctl call {items}")
    assert (ran.code, json.loads(ran.out)["items"][-1]["name"]) == (0, "Disk full")
    assert ran.err == "the token was refused with 401; refreshed, and trying once more\n"
    assert [request.method for request in alerts.asked("/api/items")] == ["POST", "GET", "GET"]
    assert alerts.asked("/token")[-1].form.get("grant_type") == "refresh_token"
    assert desk.types("oauthctl token").out != before

    # The refresh token was rotated, and the one in the store is the new one.
    clock.forward(minutes=6)
    assert desk.types(f"oauthctl call {items}").code == 0
    used = [request.form.get("refresh_token") for request in alerts.asked("/token")[1:]]
    assert len(set(used)) == 2


def test_a_body_is_sent_again_in_the_second_try(alerts: Provider, clock: Clock, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.types(login(alerts, "mobile", "source:w offline_access")).code == 0
    clock.forward(minutes=6)
    ran = desk.types(f'oauthctl call {alerts.issuer}/api/items --json \'{{"name": "CPU hot"}}\'')
    assert (ran.code, json.loads(ran.out)["name"]) == (0, "CPU hot")
    assert [request.body for request in alerts.asked("/api/items")] == [b'{"name": "CPU hot"}'] * 2


def test_without_the_offline_scope_there_is_no_refresh_token(alerts: Provider, clock: Clock, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ran = desk.types(login(alerts, "mobile", "source:w", "--json"))
    assert (ran.code, json.loads(ran.out)["refresh_token"]) == (0, None)
    clock.forward(minutes=6)
    ran = desk.types(f"oauthctl call {alerts.issuer}/api/items")
    assert ran.code == 4
    assert "\nhelp: sign in again with `oauthctl login alerts`, or look at the token with `oauthctl decode`\n" in ran.err
    ran = desk.types("oauthctl refresh")
    assert (ran.code, ran.out) == (2, "")
    assert "`offline_access`" in ran.err


def test_the_public_client_cannot_do_without_pkce(alerts: Provider, tmp_path: Path) -> None:
    ran = Desk(tmp_path).types(login(alerts, "mobile", "source:w", "--pkce none"))
    assert (ran.code, ran.out) == (4, "")
    assert "PKCE" in ran.err


def test_the_confidential_client_without_its_secret_gets_no_token(alerts: Provider, tmp_path: Path) -> None:
    ran = Desk(tmp_path).types(login(alerts, "server", "source:w"))
    assert (ran.code, ran.out) == (4, "")
    assert "refused: `invalid_client`" in ran.err


def test_a_refresh_token_that_was_used_by_another_ends_in_signing_in_again(alerts: Provider, clock: Clock, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.types(login(alerts, "mobile", "source:w offline_access")).code == 0
    path = tmp_path / "state" / "tokens" / "alerts.json"
    stolen = path.read_bytes()
    assert desk.types("oauthctl refresh").code == 0
    path.write_bytes(stolen)
    ran = desk.types("oauthctl refresh")
    assert (ran.code, ran.out) == (4, "")
    assert "refused: `invalid_grant`" in ran.err
    assert "sign in again with `oauthctl login alerts`" in ran.err
    assert path.read_bytes() == stolen
