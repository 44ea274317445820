from __future__ import annotations

import pytest

from oauthctl.errors import Refused
from oauthctl.flows.client_credentials import client_credentials
from oauthctl.http import Params
from oauthctl.messages.client_auth import Client
from tests.played import play, response

TOKEN_ENDPOINT = "https://server.example.com/token"
CLIENT = Client("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw", "client_secret_basic")


def test_the_example_request_of_the_grant() -> None:
    """RFC 6749 section 4.4.2."""
    played = play(client_credentials(TOKEN_ENDPOINT, CLIENT), [response(200, {"access_token": "a", "token_type": "Bearer"})])
    assert played.result.response.access_token == "a"
    assert played.requests[0].form.pairs == (("grant_type", "client_credentials"),)
    assert played.requests[0].headers.get("Authorization") == "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"


def test_scope_resources_and_further_parameters_are_sent_in_order() -> None:
    flow = client_credentials(
        TOKEN_ENDPOINT,
        Client("app"),
        scope=("read", "write"),
        resource=("https://a.example", "https://b.example"),
        params=Params((("audience", "api"), ("audience", "other"))),
    )
    played = play(flow, [response(200, {"access_token": "a", "token_type": "Bearer"})])
    assert played.requests[0].form.pairs == (
        ("grant_type", "client_credentials"),
        ("scope", "read write"),
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
        ("audience", "api"),
        ("audience", "other"),
        ("client_id", "app"),
    )


def test_a_wrong_secret_is_a_refusal() -> None:
    played = play(client_credentials(TOKEN_ENDPOINT, CLIENT), [response(401, {"error": "invalid_client"})])
    with pytest.raises(Refused, match="invalid_client"):
        _ = played.result
