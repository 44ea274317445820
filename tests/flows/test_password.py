from __future__ import annotations

from oauthctl.errors import Refused
from oauthctl.flows.authorization_code import SignIn
from oauthctl.flows.password import Owner, password_sign_in
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from tests.played import play, response

METADATA = ProviderMetadata((("issuer", "https://server.example.com"), ("token_endpoint", "https://server.example.com/token")))
PLAN = SignIn(METADATA, Client("s6BhdRkqt3", "gX1fBat3bV", "client_secret_basic"), "", "", scope=("read",))


def test_the_example_of_rfc_6749_section_4_3() -> None:
    tokens = {"access_token": "2YotnFZFEjr1zCsicMWpAA", "token_type": "example", "expires_in": 3600, "scope": "read"}
    played = play(password_sign_in(PLAN, Owner("johndoe", "A3ddj3w")), [response(200, tokens)])
    assert played.result.granted.response.access_token == "2YotnFZFEjr1zCsicMWpAA"
    (request,) = played.requests
    assert dict(request.form) == {"grant_type": "password", "username": "johndoe", "password": "A3ddj3w", "scope": "read"}
    assert request.headers.get("authorization") == "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"


def test_a_refusal_does_not_repeat_the_password() -> None:
    answer = response(400, {"error": "invalid_grant", "error_description": "A3ddj3w-long is wrong"})
    played = play(password_sign_in(PLAN, Owner("johndoe", "A3ddj3w-long")), [answer])
    assert isinstance(played.error, Refused)
    assert "A3ddj3w" not in f"{played.error} {played.error.notes}"


def test_the_password_is_not_in_the_values_text() -> None:
    assert "A3ddj3w" not in repr(Owner("johndoe", "A3ddj3w"))
