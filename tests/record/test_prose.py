"""Secrets that sentences spell out."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.prose import rewrite_prose
from oauthctl.record.redact import redact

TABLES = Path(__file__).parents[2] / "oauthctl" / "rules"
LOG_LINES = Path(__file__).parents[1] / "rules" / "log_lines.jsonl"
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


@pytest.mark.parametrize(
    "text",
    [
        "client_secret={} does not match",
        "db_password={} user=web refused",
        "CLIENT_SECRET: {}",
        "client_secret: {} is wrong",
        "oauth2.Config={ClientID:web ClientSecret:{} RedirectURL:https://app.example/cb}",
        "Access token expired: {}",
        "Invalid access token: {}",
        "Unknown token: {}",
        "no such refresh token: {}",
        "Refresh token not found: {} of bob",
        "Authorization code was already used: {}.",
        "Code is spent: {}",
        "client secret: {}",
        "Bad secret {}",
        "Invalid refresh token '{}' for bob",
        "secret {} is wrong for admin",
        "password {} of bob is wrong",
        "password '{}' of the user bob was rejected",
        "code {} is spent",
        "token {} for user is unknown",
        "{} is not the secret",
        'line one\n"{}" is not a valid refresh token, try again',
    ],
)
@pytest.mark.parametrize("secret", ["purpleelephant", "Lilacwine", "lilac-wine", "wine77"])
def test_the_place_in_a_sentence_tells_a_secret_whatever_it_looks_like(text: str, secret: str) -> None:
    shown = masked(text.replace("{}", secret))
    assert secret not in shown
    assert re.sub(r"<[a-z_]+>", "{}", shown) == text


@pytest.mark.parametrize("sentence", ["Access token expired: {}", "Invalid refresh token: {}", "Refresh token not found: {}"])
def test_an_id_behind_the_colon_is_the_token_itself(sentence: str) -> None:
    assert masked(sentence.format("9d8c7b6a-1111-4222-8333-444455556666")) == sentence.format("<token>")


@pytest.mark.parametrize(
    "text",
    [
        "token type is wrong",
        "code verifier is missing",
        "refresh token not found: user deleted",
        "Refresh token not found: expired",
        "Invalid access token: ExpiredSignatureError",
        "Invalid token: Signature verification failed",
        "access token expired: 2026-11-03T10:00:00Z",
        "token expired: 1730628000",
        "Unknown code: E0000011",
        "error code unheard is used",
        "Unexpected token export is invalid",
        "client_secret: not set",
        "client_secret: parameter required",
        "client_secret: Malformed value was sent",
        "client_secret=missing, client_secret=${SECRET}, client_secret=****, refresh_token=null",
        "the permission `id-token: write` is missing",
        "const clientSecret = process.env.CLIENT_SECRET",
        "Cross-origin token redemption is permitted only for single pages",
        "The refresh token was already redeemed: rotation has replaced it",
        "alice is not a valid token holder",
        "invalid_grant is the code",
        "the token itself was not judged",
        "password policy is not met: password too short",
    ],
)
def test_a_word_about_a_secret_stays(text: str) -> None:
    assert masked(text) == text


def test_no_word_of_the_tables_is_taken_for_a_secret() -> None:
    for table in (TABLES / "dialects.toml", TABLES / "log_words.toml", LOG_LINES):
        text = table.read_text("utf-8")
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


@pytest.mark.parametrize(
    "glued", ["token ", "code=", "password=a", "token A1b", "secret:", "token invalid ", "a is not ", "api_key: a", "+", "code a of b "]
)
def test_glued_words_cost_no_more_than_their_length(glued: str) -> None:
    begun = time.process_time()
    masked(glued * (1024 * 1024 // len(glued)))
    assert time.process_time() - begun < 3
