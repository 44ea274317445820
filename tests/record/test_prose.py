"""Secrets that sentences spell out."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.prose import rewrite_prose
from oauthctl.record.redact import redact

SECRET = "Zx9SECRETzz77Qk"


def masked(text: str) -> str:
    return rewrite_prose(text, lambda kind, secret: f"<{kind}>")


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET} wrong for alice",
        "passwd=hunter2x wrong for alice",
        f"token {SECRET} is expired",
        f"The refresh token '{SECRET}' is invalid.",
        f"client_secret: {SECRET}, rejected",
        f"authorization code is {SECRET}.",
        f"API key: {SECRET}",
        f"assertion ({SECRET}) not accepted",
        "Token 8f14e45fceea167a5a36dedd4bea2543 was not found",
    ],
)
def test_a_secret_behind_the_word_for_it_is_masked(text: str) -> None:
    shown = masked(text)
    assert "<" in shown
    assert all(secret not in shown for secret in (SECRET, "hunter2x", "8f14e45"))


@pytest.mark.parametrize(
    "text",
    [
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the client secret value, not the secret ID",
        "Error code: AADSTS50011 The redirect URI does not match",
        "code: E0000011 Invalid token provided",
        "code=invalid_grant",
        "token endpoint https://Idp1.example/oauth2/v1/token",
        "code challenge method S256 is not allowed",
        "token 3f2504e0-4f89-11d3-9a0c-0305e82c3301 was issued for another client",
        "password: incorrect, password=invalid",
        "the signing key 2fA9kQ8zLmN4xY was not found",
        "token redacted-token-0a1b2c3d is expired",
        "unsupported token type urn:ietf:params:oauth:token-type:jwt",
    ],
)
def test_what_tells_the_cause_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("sentence", [f"token {SECRET} is expired", f"password={SECRET} wrong for alice"])
def test_no_answer_s_sentence_gives_a_secret_away(sentence: str) -> None:
    headers = Headers((("WWW-Authenticate", f'Bearer error="invalid_token", error_description="{sentence}"'),))
    answer = Response(401, headers, json.dumps({"error": "invalid_grant", "error_description": sentence}).encode())
    exchange = Exchange(1, "", Channel.WIRE, Request("GET", "https://api.example/x"), datetime(2026, 3, 1, tzinfo=UTC), 0.1, answer)
    hidden = redact(Recording((exchange,)), salt=b"s")
    response = hidden.exchanges[0].response
    assert response is not None
    assert SECRET not in f"{response.headers.get('www-authenticate')} {response.text}"
    assert redact(hidden, salt=b"t") == hidden


def test_a_callback_s_sentence_gives_no_secret_away() -> None:
    url = f"https://app.example/cb?error=access_denied&error_description=the+token+{SECRET}+is+expired&state=s"
    exchange = Exchange(1, "", Channel.BROWSER, Request("GET", url), datetime(2026, 3, 1, tzinfo=UTC), 0.1, None)
    hidden = redact(Recording((exchange,)), salt=b"s").exchanges[0].request.url
    assert SECRET not in hidden
    assert "error_description=the+token+redacted-token-" in hidden


@pytest.mark.parametrize("glued", ["token ", "code=", "password=a", "token A1b", "secret:"])
def test_glued_words_cost_no_more_than_their_length(glued: str) -> None:
    begun = time.process_time()
    masked(glued * (1024 * 1024 // len(glued)))
    assert time.process_time() - begun < 3
