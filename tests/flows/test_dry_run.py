from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.flows.authorization_code import sign_in
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.discovery import discover, discover_resource
from oauthctl.flows.dry_run import dry_run
from oauthctl.flows.introspection import introspect
from oauthctl.flows.keys import fetch_keys
from oauthctl.flows.refresh import refresh
from oauthctl.flows.refreshed_id_token import Original
from oauthctl.flows.revocation import revoke
from oauthctl.flows.steps import Ask, Flow, Listen, Send, Step, Visit, Wait, ask, wait
from oauthctl.flows.userinfo import userinfo
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.record.exchange import Channel
from tests.flows.test_authorization_code import ISSUER, PLAN, REDIRECT_URI
from tests.played import BEGAN

CLIENT = Client("app")
TENANT = "https://op.example/tenant"


def shown(step: Step) -> str:
    return step.purpose if isinstance(step, Send | Visit) else type(step).__name__


def waiting() -> Flow[str]:
    yield from wait(5)
    return (yield from ask("name"))


@pytest.mark.parametrize(
    ("flow", "steps"),
    [
        (sign_in(PLAN), ["authorization", "jwks", "Listen", "token"]),
        (sign_in(replace(PLAN, response_mode="form_post", scope=())), ["authorization", "Listen", "token"]),
        (discover(TENANT), ["discovery"]),
        (discover(TENANT, whole=True), ["discovery"]),
        (discover_resource("https://api.example"), ["resource-metadata"]),
        (fetch_keys("https://op.example/jwks"), ["jwks"]),
        (client_credentials("https://op.example/token", CLIENT), ["token"]),
        (refresh("https://op.example/token", "r", CLIENT, original=Original("a.b.c")), ["token"]),
        (revoke("https://op.example/revoke", "t", CLIENT), ["revocation"]),
        (introspect("https://op.example/introspect", "t", CLIENT), ["introspection"]),
        (userinfo("https://op.example/me", "t"), ["userinfo"]),
        (userinfo("https://op.example/me", "t", subject="ann"), ["userinfo"]),
        (waiting(), ["Wait", "Ask"]),
    ],
    ids=lambda value: value.__name__ if hasattr(value, "__name__") else None,
)
def test_every_flow_shows_all_its_steps(flow: Flow[object], steps: list[str]) -> None:
    run = dry_run(flow, issuer=TENANT if "discovery" in steps else ISSUER, started_at=BEGAN)
    assert [shown(step) for step in run.steps] == steps
    assert all(isinstance(step, Send | Visit | Listen | Wait | Ask) for step in run.steps)


def test_the_recording_has_the_requests_and_no_imagined_answer() -> None:
    recording = dry_run(sign_in(PLAN), issuer=ISSUER, started_at=BEGAN).recording
    assert [exchange.id for exchange in recording.exchanges] == [1, 2, 3, 4]
    assert [exchange.channel for exchange in recording.exchanges] == [Channel.BROWSER, Channel.WIRE, Channel.CALLBACK, Channel.WIRE]
    assert all(exchange.response is None for exchange in recording.exchanges)
    assert all(exchange.started_at == BEGAN for exchange in recording.exchanges)
    assert recording.issuer == ISSUER


def test_what_the_provider_would_choose_stands_in_angle_brackets() -> None:
    recording = dry_run(sign_in(PLAN), issuer=ISSUER, started_at=BEGAN).recording
    back, token = recording.exchanges[2].request, recording.exchanges[3].request
    assert back.url.startswith(f"{REDIRECT_URI}?")
    assert back.query.pairs == (("code", "<code>"), ("state", PLAN.state), ("iss", ISSUER))
    assert token.form.get("code") == "<code>"
    assert token.form.get("code_verifier") == PLAN.code_verifier


def test_endpoints_of_an_undiscovered_provider_stand_in_angle_brackets() -> None:
    found: list[ProviderMetadata] = []

    def discover_and_keep() -> Flow[None]:
        found.append((yield from discover(ISSUER)).metadata)

    dry_run(discover_and_keep(), issuer=ISSUER, started_at=BEGAN)
    assert found[0].token_endpoint == f"{ISSUER}/<token_endpoint>"
    assert found[0].issuer == ISSUER
    json.dumps(found[0].fields)


def test_what_is_missing_on_our_side_is_still_an_error() -> None:
    plan = replace(PLAN, metadata=ProviderMetadata((("issuer", ISSUER),)))
    with pytest.raises(BadAnswer, match="no `token_endpoint` is known"):
        dry_run(sign_in(plan), issuer=ISSUER, started_at=BEGAN)


def test_the_flow_is_closed_when_it_is_over() -> None:
    closed: list[bool] = []

    def flow() -> Flow[None]:
        try:
            yield from wait(1)
            raise BadAnswer("no")
        finally:
            closed.append(True)

    with pytest.raises(BadAnswer):
        dry_run(flow(), issuer=ISSUER, started_at=BEGAN)
    assert closed == [True]
