from __future__ import annotations

from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.steps import Draw, Flow
from oauthctl.http import Params
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.client_auth import Client
from tests.played import BEGAN, play, response

ENDPOINT = "https://op.example/token"


def test_each_request_gets_an_assertion_of_its_own() -> None:
    client = Client("app", method="private_key_jwt", key=generate("ES256"))

    def twice() -> Flow[None]:
        yield from send_authenticated(ENDPOINT, Params(), client, purpose="token")
        yield from send_authenticated(ENDPOINT, Params(), client, purpose="token")

    played = play(twice(), [response(200), response(200)])
    tokens = [take_apart(request.form.get("client_assertion") or "") for request in played.requests]
    assert [token.claim_text("jti") for token in tokens] == ["random-1", "random-2"]
    assert (tokens[0].claims or {})["iat"] == int(BEGAN.timestamp())


def test_a_secret_needs_nothing_drawn() -> None:
    played = play(send_authenticated(ENDPOINT, Params(), Client("app", "s", "client_secret_basic"), purpose="token"), [response(200)])
    assert not any(isinstance(step, Draw) for step in played.steps)
