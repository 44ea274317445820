from __future__ import annotations

from oauthctl.errors import Refused
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.flows.dpop import dpop
from oauthctl.flows.steps import Flow, send
from oauthctl.http import Headers, Request, Response
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_auth import Client
from oauthctl.messages.dpop import token_hash
from tests.played import play, response

KEY = generate("ES256")
TOKEN_ENDPOINT = "https://op.example/token"
GOOD = response(200, {"access_token": "a", "token_type": "DPoP", "expires_in": 60})
WANTS_NONCE = response(400, {"error": "use_dpop_nonce"}, headers={"DPoP-Nonce": "n1"})


def claims(request: Request) -> dict[str, object]:
    return dict(take_apart(request.headers.get("DPoP") or "").claims or {})


def own() -> Flow[object]:
    return client_credentials(TOKEN_ENDPOINT, Client("app", "s", "client_secret_basic"))


def test_a_token_request_is_proved() -> None:
    played = play(dpop(own(), KEY), [GOOD])
    assert claims(played.requests[0])["htu"] == TOKEN_ENDPOINT
    assert played.result.response.access_token == "a"  # type: ignore[attr-defined]  # `own` hides what it gives


def test_the_servers_nonce_is_used_in_one_more_try() -> None:
    played = play(dpop(own(), KEY), [WANTS_NONCE, GOOD])
    first, second = (claims(request) for request in played.requests)
    assert "nonce" not in first
    assert second["nonce"] == "n1"
    assert first["jti"] != second["jti"]
    assert played.requests[0].body == played.requests[1].body


def test_a_server_that_is_never_content_is_asked_twice() -> None:
    other = response(400, {"error": "use_dpop_nonce"}, headers={"DPoP-Nonce": "n2"})
    played = play(dpop(own(), KEY), [WANTS_NONCE, other])
    assert isinstance(played.error, Refused)
    assert len(played.requests) == 2


def test_a_nonce_that_was_used_already_is_no_reason_to_try_again() -> None:
    def twice() -> Flow[None]:
        yield from send(Request("POST", TOKEN_ENDPOINT), "token")
        yield from send(Request("POST", TOKEN_ENDPOINT), "token")

    played = play(dpop(twice(), KEY), [response(200, {}, headers={"DPoP-Nonce": "n1"}), WANTS_NONCE])
    assert claims(played.requests[1])["nonce"] == "n1"


def api(url: str, authorization: str) -> Flow[object]:
    return (yield from send(Request("GET", url, Headers((("Authorization", authorization),))), "api"))


def test_a_bound_token_is_shown_with_its_hash() -> None:
    played = play(dpop(api("https://api.example/items?x=1", "DPoP token"), KEY), [Response(200)])
    assert claims(played.requests[0])["ath"] == token_hash("token")


def test_a_bearer_token_needs_no_proof() -> None:
    played = play(dpop(api("https://api.example/items", "Bearer token"), KEY), [Response(200)])
    assert "DPoP" not in played.requests[0].headers


def test_a_nonce_is_for_its_own_server_alone() -> None:
    def both() -> Flow[None]:
        yield from send(Request("POST", TOKEN_ENDPOINT), "token")
        yield from api("https://api.example/items", "DPoP token")

    played = play(dpop(both(), KEY), [response(200, {}, headers={"DPoP-Nonce": "n1"}), Response(200)])
    assert "nonce" not in claims(played.requests[1])
