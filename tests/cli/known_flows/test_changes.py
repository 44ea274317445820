"""What each feature changes of the plain code flow, told from the code of both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oauthctl.cli.known_flows.every import FLOWS, flow_about, flow_named
from oauthctl.cli.known_flows.flow import ISSUER, KnownFlow, Stage
from oauthctl.cli.known_flows.rehearsed import changes_of
from oauthctl.flows.steps import Flow, send
from oauthctl.http import get_request
from oauthctl.record.flow_changes import FlowChanges, Sign

COMPARED = [flow for flow in FLOWS if flow.plain is not None]
REQUEST = ("response_type", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method")


def changes(name: str) -> FlowChanges:
    flow = flow_named(name)
    assert flow is not None
    found = changes_of(flow)
    assert found is not None
    return found


def told(found: FlowChanges) -> set[tuple[str, str, str]]:
    """Message, sign, place of each change."""
    return {(message.label, one.sign.value, one.place) for message in found.messages for one in message.changes}


def labels(found: FlowChanges, sign: Sign) -> list[str]:
    return [one.label for one in found.messages if one.sign is sign]


@pytest.mark.parametrize("flow", COMPARED, ids=lambda flow: flow.name)
def test_every_feature_changes_something_and_not_everything(flow: KnownFlow) -> None:
    found = changes_of(flow)
    assert found is not None
    assert found.messages
    token = [one for one in found.messages if one.label.startswith("token request") and one.sign is not Sign.REMOVED]
    assert token or "token request (authorization_code)" in found.unchanged or flow.name == "implicit-flow"


def test_the_implicit_flow_leaves_the_token_request_out_and_brings_the_tokens_by_the_browser() -> None:
    found = changes("implicit-flow")
    assert labels(found, Sign.REMOVED) == ["token request (authorization_code)"]
    (answered,) = [one for one in found.messages if one.label == "callback"]
    assert {"access_token", "id_token"} <= {one.name for one in answered.changes if one.sign is Sign.ADDED}
    assert [one.name for one in answered.changes if one.sign is Sign.REMOVED] == ["code"]


def test_the_hybrid_flow_adds_an_id_token_and_keeps_the_token_request() -> None:
    found = changes("hybrid-flow")
    (answered,) = [one for one in found.messages if one.label == "callback"]
    assert "id_token" in {one.name for one in answered.changes if one.sign is Sign.ADDED}
    assert "token request (authorization_code)" in found.unchanged


def test_a_pushed_request_is_one_more_message_and_its_parameters_move_there() -> None:
    found = changes("pushed-flow")
    (pushed,) = [one for one in found.messages if one.sign is Sign.ADDED]
    assert (pushed.label, pushed.request) == ("pushed authorization request", "POST /par")
    assert set(REQUEST) < set(pushed.carries)
    assert pushed.brings == ("request_uri", "expires_in")
    (visited,) = [one for one in found.messages if one.sign is Sign.CHANGED]
    assert {one.name: one.moved_to for one in visited.changes if one.sign is Sign.REMOVED} == dict.fromkeys(
        REQUEST, "the pushed authorization request"
    )
    assert [one.name for one in visited.changes if one.sign is Sign.ADDED] == ["request_uri"]


def test_a_request_object_holds_what_the_url_held() -> None:
    (message,) = changes("signed-request-flow").messages
    (request,) = [one for one in message.changes if one.sign is Sign.ADDED]
    assert (request.name, request.after, request.is_encrypted) == ("request", None, False)
    assert {*REQUEST, "iss", "aud", "exp", "jti"} < set(request.contains)
    assert {one.moved_to for one in message.changes if one.sign is Sign.REMOVED} == {"`request`"}


def test_of_an_encrypted_request_object_nothing_can_be_seen() -> None:
    found = changes("encrypted-request-flow")
    (request,) = [one for message in found.messages for one in message.changes if one.sign is Sign.ADDED]
    assert (request.is_encrypted, request.contains) == (True, ())
    assert labels(found, Sign.ADDED) == ["keys"]


def test_by_reference_the_server_comes_for_the_request() -> None:
    found = changes("referenced-request-flow")
    (fetched,) = [one for one in found.messages if one.sign is Sign.ADDED]
    assert (fetched.label, fetched.request) == ("request object", "GET /request.jwt")
    assert {*REQUEST, "iss", "aud"} < set(fetched.brings)
    (visited,) = [one for one in found.messages if one.sign is Sign.CHANGED]
    assert {one.moved_to for one in visited.changes if one.sign is Sign.REMOVED} == {"the request object"}


def test_jarm_puts_the_whole_answer_into_one_parameter() -> None:
    found = changes("signed-answer-flow")
    assert told(found) == {
        ("authorization request", "added", "request.query.response_mode"),
        ("callback", "removed", "request.query.code"),
        ("callback", "removed", "request.query.state"),
        ("callback", "removed", "request.query.iss"),
        ("callback", "added", "request.query.response"),
    }
    (response,) = [one for message in found.messages for one in message.changes if one.name == "response"]
    assert response.contains == ("code", "state", "iss", "aud", "exp")


def test_dpop_adds_a_proof_to_each_request_and_binds_the_token() -> None:
    found = changes("dpop-flow")
    assert told(found) == {
        ("token request (authorization_code)", "added", "request.headers.DPoP"),
        ("token request (authorization_code)", "changed", "response.body.token_type"),
        ("token request (authorization_code)", "added", "response.body.access_token.claims.cnf"),
        ("API call GET /api/items", "changed", "request.headers.Authorization"),
        ("API call GET /api/items", "added", "request.headers.DPoP"),
    }
    proofs = [one.contains for message in found.messages for one in message.changes if one.name == "DPoP"]
    assert ["ath" in one for one in proofs] == [False, True]


def test_a_certificate_shows_in_the_handshakes_alone_and_in_the_token() -> None:
    found = changes("mtls-flow")
    certified = {label for label, _, place in told(found) if place == "request.certificate"}
    assert certified == {"token request (authorization_code)", "API call GET /api/items"}
    assert ("token request (authorization_code)", "added", "response.body.access_token.claims.cnf") in told(found)


def test_an_attestation_and_its_proof_go_along_in_headers() -> None:
    found = changes("attested-client-flow")
    assert labels(found, Sign.ADDED) == ["challenge"]
    (token,) = [one for one in found.messages if one.label.startswith("token request")]
    headers = {one.name: one.contains for one in token.changes if one.place.startswith("request.headers")}
    assert list(headers) == ["OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP"]
    assert "cnf" in headers["OAuth-Client-Attestation"]
    assert "challenge" in headers["OAuth-Client-Attestation-PoP"]


def test_an_assertion_is_told_parameter_by_parameter() -> None:
    (token,) = changes("assertion-client-flow").messages
    added = {one.name: one.contains for one in token.changes}
    assert list(added) == ["client_assertion_type", "client_assertion"]
    assert added["client_assertion"] == ("iss", "sub", "aud", "jti", "iat", "exp")


def test_a_posted_answer_stands_elsewhere() -> None:
    (_, callback) = changes("posted-answer-flow").messages
    moved = {one.name: (one.before, one.after) for one in callback.changes if one.is_moved}
    assert moved == dict.fromkeys(("code", "state", "iss"), ("query", "form"))


@pytest.mark.parametrize("name", ["device-flow", "ciba-flow"])
def test_without_a_browser_there_is_a_poll_that_comes_too_early(name: str) -> None:
    found = changes(name)
    assert labels(found, Sign.REMOVED) == ["authorization request", "callback"]
    early = [one.refusal for one in found.messages if one.refusal]
    assert early == ["400 authorization_pending"]
    grant = [one for message in found.messages for one in message.changes if one.name == "grant_type"]
    assert [one.before for one in grant] == ["authorization_code"]


def test_a_flow_that_does_otherwise_changes_the_difference() -> None:
    """It is told from the flow's own code, and kept nowhere."""
    flow = flow_named("pushed-flow")
    assert flow is not None

    def longer(stage: Stage) -> Flow[Any]:
        yield from flow.begin(stage)
        return (yield from send(get_request(f"{ISSUER}/userinfo"), "userinfo"))

    before, after = changes_of(flow), changes_of(replace(flow, begin=longer))
    assert before is not None
    assert after is not None
    assert [one.label for one in after.messages if one not in before.messages] == ["userinfo"]


def test_the_plain_flow_differs_in_nothing_from_itself() -> None:
    flow = FLOWS[0]
    found = changes_of(replace(flow, plain=flow.begin))
    assert found is not None
    assert found.messages == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("par", "pushed-flow"),
        ("PAR", "pushed-flow"),
        ("jar", "signed-request-flow"),
        ("jarm", "signed-answer-flow"),
        ("rar", "detailed-flow"),
        ("DPoP", "dpop-flow"),
        ("mtls", "mtls-flow"),
        ("mutual TLS", "mtls-flow"),
        ("private_key_jwt", "assertion-client-flow"),
        ("form_post", "posted-answer-flow"),
        ("resource indicators", "resource-flow"),
        ("claims", "claims-flow"),
        ("device_code", "device-flow"),
        ("ciba", "ciba-flow"),
        ("pushed", "pushed-flow"),
        ("device flow", "device-flow"),
        ("step-up", "step-up-flow"),
        ("JWT introspection response", "signed-introspection-flow"),
    ],
)
def test_a_feature_is_found_by_its_common_name(text: str, name: str) -> None:
    flow = flow_about(text)
    assert flow is not None
    assert flow.name == name


def test_a_word_that_is_no_feature_has_no_flow() -> None:
    assert flow_about("state") is None
