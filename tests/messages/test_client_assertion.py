from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.errors import ConfigError
from oauthctl.findings import Outcome
from oauthctl.http import Params
from oauthctl.jose.jwk import generate
from oauthctl.jose.jwt import take_apart
from oauthctl.jose.verify import check_signature
from oauthctl.messages.client_assertion import ASSERTION_TYPE, client_assertion, secret_key
from oauthctl.messages.client_auth import Client, client_request

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = generate("ES256")


def test_an_assertion_says_who_for_whom_and_for_how_long() -> None:
    token = take_apart(client_assertion("app", KEY, audience="https://op.example", now=NOW, jti="j"))
    seconds = int(NOW.timestamp())
    assert token.claims == {"iss": "app", "sub": "app", "aud": "https://op.example", "jti": "j", "iat": seconds, "exp": seconds + 60}
    assert check_signature(token, (KEY.public(),)).outcome is Outcome.PASS


def test_a_request_carries_the_assertion_and_neither_secret_nor_key() -> None:
    client = Client("app", method="private_key_jwt", key=KEY, audience="https://op.example")
    request = client_request("https://op.example/token", Params((("grant_type", "client_credentials"),)), client, now=NOW, jti="j")
    assert request.form.get("client_assertion_type") == ASSERTION_TYPE
    assert request.form.get("client_id") == "app"
    assert take_apart(request.form.get("client_assertion") or "").claims is not None
    assert "authorization" not in request.headers
    assert "client_secret" not in request.form
    assert str(KEY.as_dict()["d"]) not in repr(client)


def test_without_an_audience_it_is_meant_for_the_endpoint() -> None:
    client = Client("app", "s" * 32, "client_secret_jwt")
    request = client_request("https://op.example/token", Params(), client, now=NOW, jti="j")
    assert take_apart(request.form.get("client_assertion") or "").claim_text("aud") == "https://op.example/token"


def test_a_short_secret_signs_nothing() -> None:
    with pytest.raises(ConfigError, match="32"):
        secret_key("short")


def test_no_key_no_assertion() -> None:
    with pytest.raises(ConfigError, match="private key"):
        client_request("https://op.example/token", Params(), Client("app", method="private_key_jwt"), now=NOW, jti="j")
