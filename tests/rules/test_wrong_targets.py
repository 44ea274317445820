"""Tokens that are asked for somebody or something else than what was granted: `diagnose` names the rule."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from oauthctl.http import JSON, Headers, Params, Request, Response, form_request
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.messages.token_exchange import TOKEN_EXCHANGE, token_type_uri
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of
from tests.provider.test_token_exchange import sign_in
from tests.provider.world import CALLBACK, ISSUER, SECRET, VERIFIER, World
from tests.rules.test_wrong_requests import Wire

WEB, SERVICE = basic_credentials("web", SECRET), basic_credentials("service", SECRET)


def test_an_id_token_for_another_clients_sign_in() -> None:
    wire = Wire(World())
    token = sign_in(wire.there)["access_token"]
    form = {
        "grant_type": TOKEN_EXCHANGE,
        "subject_token": token,
        "subject_token_type": token_type_uri("access_token"),
        "requested_token_type": token_type_uri("id_token"),
    }
    assert wire.send("POST", f"{ISSUER}/token", form=form, Authorization=SERVICE).status == 400
    assert [one.rule for one in wire.found()][:1] == ["exchange-token-for-another"]


def test_a_resource_that_was_not_granted() -> None:
    wire = Wire(World())
    form = {"grant_type": "authorization_code", "code": wire.there.code(), "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    wire.send("POST", f"{ISSUER}/token", form=form | {"client_id": "public", "resource": f"{ISSUER}/api/photos"})
    assert [one.rule for one in wire.found()][:1] == ["resource-not-granted"]


def test_a_server_that_wants_a_resource_for_authorization_details() -> None:
    said = "resource indicator must be provided or defaulted to when Rich Authorization Requests are used"
    body = json.dumps({"error": "invalid_target", "error_description": said}).encode()
    form = Params.of({"grant_type": "refresh_token", "refresh_token": "rt-1", "client_id": "public"})
    request: Request = form_request("https://op.example/token", form)
    exchange = Exchange(
        1, "token", Channel.WIRE, request, datetime(2026, 11, 2, tzinfo=UTC), 0.1, Response(400, Headers.of({"Content-Type": JSON}), body)
    )
    recording = Recording((exchange,), tool_version="0")
    found = diagnose(scene_of(Material("recording", recording, facts={}), now=None, salt=b"s")).findings
    assert [one.rule for one in found][:1] == ["audience-parameter-required"]
