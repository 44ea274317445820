from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from oauthctl.http import Headers, Params, Request, Response, form_request, get_request
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse, LogoutRequest
from oauthctl.messages.backchannel import BackchannelNotification
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.param import Message
from oauthctl.messages.token import IntrospectionRequest, IntrospectionResponse, RevocationRequest, TokenRequest, TokenResponse
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.purposes import purpose_of
from oauthctl.record.redact import redact
from oauthctl.record.transaction import (
    KeySet,
    UserinfoResponse,
    describe,
    request_message,
    response_message,
    transactions,
)
from tests.record.arbitrary import recordings
from tests.record.played import CODE, JSON_TYPE, body, played

AT = datetime(2026, 3, 1, tzinfo=UTC)
OP = "https://op.example"


def exchange(purpose: str, request: Request, response: Response | None = None) -> Exchange:
    return Exchange(3, purpose, Channel.WIRE, request, AT, 0, response)


def form(**members: str) -> Request:
    return form_request(f"{OP}/x", Params.of(members))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (exchange("authorization", Request("GET", f"{OP}/authorize?client_id=c&state=s")), AuthorizationRequest),
        (exchange("authorization", form(client_id="c", state="s")), AuthorizationRequest),
        (exchange("callback", Request("GET", "http://127.0.0.1:1/cb?code=c&state=s")), AuthorizationResponse),
        (exchange("callback", Request("GET", "http://127.0.0.1:1/cb#code=c&state=s")), AuthorizationResponse),
        (exchange("callback", form(code="c", state="s")), AuthorizationResponse),
        (exchange("token", form(grant_type="refresh_token", state="s")), TokenRequest),
        (exchange("introspection", form(token="t", state="s")), IntrospectionRequest),
        (exchange("revocation", form(token="t", state="s")), RevocationRequest),
        (exchange("logout", Request("GET", f"{OP}/logout?client_id=c&state=s")), LogoutRequest),
        (exchange("", form(grant_type="password", state="s")), TokenRequest),
        (exchange("notification", Request("POST", "http://127.0.0.1:1/ciba", body=b'{"state": "s"}')), BackchannelNotification),
    ],
    ids=lambda value: value.purpose if isinstance(value, Exchange) else "",
)
def test_a_request_is_read_as_its_message(seen: Exchange, expected: type[Message]) -> None:
    message = request_message(seen)
    assert type(message) is expected
    assert message.exchange == 3
    assert message.raw("state") == "s"


@pytest.mark.parametrize(
    ("purpose", "document", "expected"),
    [
        ("token", {"access_token": "a"}, TokenResponse),
        ("introspection", {"active": True}, IntrospectionResponse),
        ("revocation", {"error": "unsupported_token_type"}, TokenResponse),
        ("discovery", {"issuer": OP}, ProviderMetadata),
        ("jwks", {"keys": []}, KeySet),
        ("userinfo", {"sub": "alice"}, UserinfoResponse),
    ],
)
def test_an_answer_is_read_as_its_message(purpose: str, document: dict[str, object], expected: type[Message]) -> None:
    message = response_message(exchange(purpose, get_request(OP), Response(200, JSON_TYPE, body(document))))
    assert type(message) is expected
    assert dict(message.fields) == document


def test_an_authorization_endpoint_that_redirects_answers_with_a_message() -> None:
    location = Headers((("Location", "https://app.example/cb?error=access_denied&state=s"),))
    message = response_message(exchange("authorization", Request("GET", f"{OP}/authorize?client_id=c"), Response(302, location)))
    assert isinstance(message, AuthorizationResponse)
    assert message.error == "access_denied"


@pytest.mark.parametrize("response", [None, Response(200), Response(200, body=b"<html>"), Response(200, body=b'{"a":')])
def test_an_answer_that_cannot_be_read_is_no_message(response: Response | None) -> None:
    assert response_message(exchange("token", form(grant_type="x"), response)) is None


@pytest.mark.parametrize(
    ("seen", "label"),
    [
        (exchange("token", form(grant_type="authorization_code")), "token request (authorization_code)"),
        (exchange("token", form(grant_type="urn:ietf:params:oauth:grant-type:device_code")), "token request (device_code)"),
        (exchange("token", form()), "token request"),
        (exchange("api", get_request(f"{OP}/items")), "API call"),
        (exchange("", Request("POST", "http://127.0.0.1:1/ciba", body=b'{"auth_req_id": "x"}')), "backchannel notification"),
        (exchange("resource-metadata", get_request(f"{OP}/x")), "API metadata"),
        (exchange("sign-in", get_request(f"{OP}/x")), "sign in"),
        (exchange("", get_request(f"{OP}/logo.png?x=1")), "GET /logo.png"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_label_says_what_an_exchange_is_for(seen: Exchange, label: str) -> None:
    assert describe(seen) == label


@pytest.mark.parametrize(
    ("request_", "response", "purpose"),
    [
        (get_request(f"{OP}/tenant/.well-known/openid-configuration"), None, "discovery"),
        (get_request(f"{OP}/.well-known/oauth-protected-resource/api"), None, "resource-metadata"),
        (get_request(f"{OP}/authorize?client_id=c&request_uri=urn%3Ax"), None, "authorization"),
        (get_request("https://github.com/login/oauth/authorize?client_id=c&scope=repo"), None, "authorization"),
        (get_request("https://slack.com/oauth/v2/authorize?client_id=1.2&scope=chat%3Awrite&state=s"), None, "authorization"),
        (
            get_request("https://app.hubspot.com/oauth/authorize?client_id=c&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"),
            None,
            "authorization",
        ),
        (get_request("https://shop.myshopify.com/admin/oauth/authorize?client_id=c&state=s&code=d"), None, "callback"),
        (get_request("https://app.example/users/authorize?client_id=c&state=s"), None, ""),
        (get_request("https://app.example/cb#access_token=a&state=s"), None, "callback"),
        (form(code="c", client_id="c", client_secret="s"), None, "token"),
        (Request("POST", f"{OP}/token"), Response(400, JSON_TYPE, body({"error": "invalid_grant"})), "token"),
        (Request("POST", f"{OP}/token"), Response(400, JSON_TYPE, body({"message": "no"})), ""),
        (form(code="c", redirect_uri="https://app.example/cb"), None, "token"),
        (form(code="c", redirect_uri="https://app.example/cb", state="s"), None, "callback"),
        (get_request(f"{OP}/token?grant_type=client_credentials"), None, "token"),
        (form_request(f"{OP}/oauth/revoke", Params((("token", "t"),))), None, "revocation"),
        (form_request(f"{OP}/oauth/introspect", Params((("token", "t"),))), None, "introspection"),
        (get_request(f"{OP}/logout?post_logout_redirect_uri=x"), None, "logout"),
        (get_request(f"{OP}/v2/logout?client_id=c&returnTo=https%3A%2F%2Fapp.example"), None, "logout"),
        (get_request(f"{OP}/logout?client_id=c&logout_uri=https%3A%2F%2Fapp.example"), None, "logout"),
        (get_request("https://app.example/logout?returnTo=%2Fhome"), None, ""),
        (form_request(f"{OP}/ext/par/request", Params((("response_type", "code"), ("client_id", "c")))), None, "pushed-authorization"),
        (form_request(f"{OP}/authorize", Params((("response_type", "code"), ("client_id", "c")))), None, "authorization"),
        (get_request(f"{OP}/keys"), Response(200, JSON_TYPE, body({"keys": [{"kty": "EC"}]})), "jwks"),
        (get_request(f"{OP}/keys"), Response(200, JSON_TYPE, body({"keys": ["c", "d"]})), ""),
        (get_request(f"{OP}/oidc/userinfo"), None, "userinfo"),
        (get_request(f"{OP}/items", headers=Headers((("authorization", "DPoP x"),))), None, "api"),
        (get_request(f"{OP}/style.css"), None, ""),
        (get_request("http://[::1"), None, ""),
    ],
)
def test_the_purpose_of_a_foreign_exchange_is_told_from_its_content(request_: Request, response: Response | None, purpose: str) -> None:
    assert purpose_of(request_, response) == purpose


def test_one_attempt_holds_its_four_messages_and_a_replay_is_another() -> None:
    first, replayed = transactions(played())
    assert (first.request and first.request.exchange, first.response and first.response.exchange) == (3, 6)
    assert (first.token_request and first.token_request.exchange, first.token_response and first.token_response.exchange) == (7, 7)
    assert replayed.request is None
    assert replayed.token_request is not None
    assert replayed.token_request.code == CODE
    assert replayed.token_response is not None
    assert replayed.token_response.error == "invalid_grant"


def test_attempts_are_put_together_after_redaction_too() -> None:
    first, replayed = transactions(redact(played(), salt=b"x"))
    assert first.request is not None
    assert first.response is not None
    assert first.token_request is not None
    assert first.response.code == first.token_request.code != CODE
    assert replayed.request is None


@given(recordings())
@settings(max_examples=60, deadline=None)
def test_any_recording_can_be_read(recording: Recording) -> None:
    assert len(transactions(recording)) <= 2 * len(recording.exchanges)
    for one in recording.exchanges:
        assert isinstance(describe(one), str)
