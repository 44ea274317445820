"""Secrets that nothing announces are hidden in foreign words, and what tells the cause stays."""

from __future__ import annotations

import json
import random
import string
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.loose_secrets import looks_random, rewrite_marked, rewrite_random_words
from oauthctl.record.redact import redact
from oauthctl.record.token_marks import MARKS, Mark
from tests.cli.running import oauthctl

AT = datetime(2026, 3, 1, tzinfo=UTC)
DRAWN = random.Random(7636)
TABLES = Path(__file__).parents[2] / "oauthctl" / "rules"
LOG_LINES = Path(__file__).parents[1] / "rules" / "log_lines.jsonl"


def drawn(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(DRAWN.choice(alphabet) for _ in range(length))


def masked(text: str) -> str:
    return rewrite_random_words(rewrite_marked(text, lambda kind, secret: "<>"), lambda kind, secret: "<>")


SECRETS = {
    "a client secret of Google's": "GOCSPX-" + drawn(28),
    "an access token of Google's": "ya29.a0" + drawn(60),
    "a refresh token of Google's": "1//0g" + drawn(40),
    "a bot's token": "xoxb-123456789012-1234567890123-" + drawn(24),
    "a key of Stripe's": "sk_live_" + drawn(24),
    "a token of GitLab's": "glpat-" + drawn(20),
    "a fine-grained token": "github_pat_11A" + drawn(40),
    "a token of GitHub's": "gho_" + drawn(36),
    "a client secret of Entra's": "abc8Q~" + drawn(34),
    "a token of Vault's": "hvs.CAES" + drawn(40),
    "a token of Facebook's": "EAAB" + drawn(60),
    "a token of npm's": "npm_" + drawn(36),
    "a key of AWS": "AKIA" + drawn(16, string.ascii_uppercase + string.digits),
    "a session of Salesforce's": "00Dxx0000001gPL!AR8AQ" + drawn(60),
    "a word drawn by lot": "kT4vQ9xZ2mLp",
    "a word in base64": "d2ViOnMzY3IzdC1vZi13ZWI=",
}
SENTENCES = (
    "oauth error: request failed with {}",
    "oauth error ({}) refused",
    'error: "{}" is wrong\nnext line',
    "error calling provider, got {}, expected another",
)
STAYS = (
    "AADSTS7000215: Invalid client secret provided. Trace ID: 007fc931-d337-4638-8760-8f5c9c231e00 Correlation ID: bc6ac312",
    "at org.springframework.security.oauth2.core.OAuth2AuthenticationException.<init>(OAuth2AuthenticationException.java:42)",
    "PKIXCertPathBuilderImpl: unable to find valid certification path; see RFC 6749, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    "request to https://d1a2b3C4e5F6.execute-api.eu-west-1.amazonaws.com/Prod1/Zx9kQ2vLmN4pR7 failed",
    "User pool eu-west-1_AbCdEfGh9 does not exist; open /srv/App1/Zx9kQ2vLmN4pR7/config.json: no such file",
    'no key for kid "Zx9kQ2vLmN4pR7" in the key set; signing key 2fA9kQ8zLmN4xY was not found',
    "not made by key `dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`, though by key `2fA9kQ8zLmN4xY`",
    "client 0oa1b2C3d4E5f6G7h8i9 is not allowed; client_id=Zx9kQ2vLmN4pR7, appId: Zx9kQ2vLmN4pR7",
    "x-request-id: Zx9kQ2vLmN4pR7; trace_id=8f14e45fceea167a5a36dedd4bea2543; ray 8f14e45fceea167a-FRA",
    "pod web-7d9f8b6c5d-x2x9k of host ip-10-0-13-37.eu-central-1.compute.internal is not ready",
    "invalid_grant for urn:ietf:params:oauth:grant-type:jwt-bearer at 2026-03-01T10:00:00.123456Z, sha256:9f86d081884c7d659a2feaa0c55ad015",
    "secret_store_configuration is missing, sl.example.internal refuses, pat-missing-from-request, dp.internal.example.com",
    "alice.Example2@mail.example is unknown; jwt.exceptions.InvalidSignatureError; DefaultOAuth2AuthorizedClientManager$Lambda$1234",
    "docker run -u 1000:1000 image; ssh -a host: failed",
)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_that_nothing_announces_is_hidden(secret: str, sentence: str) -> None:
    assert masked(sentence.format(secret)) == sentence.format("<>")


@pytest.mark.parametrize("text", STAYS)
def test_what_tells_the_cause_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "ERROR <> {} refused",
        "got <>:{}.",
        "aws says no to {}",
        "AWS key={}",
        "AWS_ACCESS_KEY=redacted-access_key-0a1b2c3d AWS_X={}",
    ],
)
def test_the_half_of_a_key_that_has_no_mark_goes_with_the_other(text: str) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    assert masked(text.replace("<>", "AKIA" + drawn(16, string.ascii_uppercase)).replace("{}", secret)) == text.replace("{}", "<>")


def test_forty_characters_beside_no_key_or_of_a_digest_stay() -> None:
    for text in ("/srv/Apps1/Releases/Current/Config/Main: no", "aws: commit 8f14e45fceea167a5a36dedd4bea2543a5a36ded is deployed"):
        assert masked(text) == text


def test_no_word_of_the_tables_looks_drawn_by_lot() -> None:
    for table in (TABLES / "dialects.toml", TABLES / "log_words.toml", LOG_LINES):
        text = table.read_text("utf-8")
        assert masked(text) == text


@pytest.mark.parametrize(("length", "share"), [(12, 0.95), (16, 0.97), (24, 0.99), (43, 0.999)])
def test_nearly_every_word_that_was_drawn_by_lot_is_told(length: int, share: float) -> None:
    assert sum(looks_random(drawn(length)) for _ in range(2000)) >= share * 2000


@given(st.sampled_from(MARKS), st.text(string.ascii_letters + string.digits, min_size=20, max_size=80), st.sampled_from(SENTENCES))
def test_behind_every_mark_a_secret_is_hidden(mark: Mark, rest: str, sentence: str) -> None:
    secret = f"{mark.prefix}A1{rest}"
    assert secret not in masked(sentence.format(secret))


@given(
    st.lists(
        st.sampled_from(
            ("access", "token", "client", "Secret", "Config", "OAuth", "Http", "Jwt", "Invalid", "not", "Found", "Decoder", "2")
        ),
        min_size=1,
    )
)
def test_no_name_that_is_made_of_words_is_hidden(words: list[str]) -> None:
    for name in ("".join(words), "_".join(words), "-".join(words), "".join(word.capitalize() for word in words)):
        assert masked(f"{name} was raised") == f"{name} was raised"


@pytest.mark.parametrize(
    "command",
    [
        "curl -u web:{} https://op.example/token",
        "curl -s --user 'web:{}' https://op.example/token",
        'curl -uweb:{} -d "a=b"',
        "curl -su web:{} https://op.example/token",
        "curl -b sid={} https://op.example/token",
        'curl --cookie "sid={}; theme=dark" https://op.example/token',
        "wget --user=web:{} https://op.example",
        "http -a web:{} POST https://op.example/token",
        'https --auth="web:{}" op.example',
        "curl --proxy-user web:{} https://op.example",
    ],
)
@pytest.mark.parametrize("secret", ["hunter2", "correct-horse"])
def test_credentials_on_a_command_line_are_hidden(command: str, secret: str) -> None:
    assert masked(f"error: {command.format(secret)}") == f"error: {command.format('<>')}"


def hidden(answer: Response, url: str = "https://op.example/token") -> Exchange:
    exchange = Exchange(1, "", Channel.WIRE, Request("POST", url), AT, 0.1, answer)
    once = redact(Recording((exchange,)), salt=b"s")
    assert redact(once, salt=b"t") == once
    return once.exchanges[0]


def test_a_word_that_the_recording_shows_elsewhere_stays_in_the_sentence() -> None:
    name = "Zx9kQ2vLmN4pR7tW"
    answer = Response(400, Headers(), json.dumps({"error_description": f"nobody registered {name}"}).encode())
    shown, other = hidden(answer, f"https://op.example/authorize?client_id={name}"), hidden(answer)
    assert shown.response is not None
    assert other.response is not None
    assert name in shown.response.text
    assert name not in other.response.text


def test_a_secret_that_is_the_name_of_a_cookie_is_hidden_and_a_known_word_stays() -> None:
    secret, client, state = "kT4vQ9xZ2mLp7RbWc8Yd", "Zx9kQ2vLmN4pR7tW1hG3", "qW8rT5yU2iO9pA6sD3fG"
    headers = Headers(
        (
            ("Set-Cookie", f"{secret}=1; Path=/"),
            ("Set-Cookie", f".AspNetCore.Correlation.{secret}=N"),
            ("Set-Cookie", f"a0.txs.{client}=1"),
        )
    )
    url = f"https://op.example/authorize?client_id={client}&state={state}"
    request = Request("GET", url, Headers((("Cookie", f"theme=dark; {secret}=1; {secret}; state.{state}=x"),)))
    exchange = redact(Recording((Exchange(1, "", Channel.WIRE, request, AT, 0.1, Response(302, headers)),)), salt=b"s").exchanges[0]
    assert exchange.response is not None
    shown = [*exchange.response.headers.all("set-cookie"), exchange.request.headers.get("cookie") or ""]
    assert secret not in "".join(shown)
    assert shown[0].partition("=")[0] == shown[1].removeprefix(".AspNetCore.Correlation.").partition("=")[0]
    assert shown[2].startswith(f"a0.txs.{client}=")
    assert shown[3].startswith("theme=")
    assert f"state.{state}=" in shown[3]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "markdown"])
@pytest.mark.parametrize(
    "text",
    [
        "oauth error: request failed with {}",
        "oauth error: curl -u web:{} https://op.example/token",
        'ERROR db=postgres password {} refused\ninvalid_grant: Bad secret "{}" for user',
        '{{"error": "invalid_client", "error_description": "request failed with {} today"}}',
        'WWW-Authenticate: Bearer error="invalid_token", error_description="bad thing {}"',
        "HTTP/1.1 500 Internal Server Error\ncontent-type: text/plain\n\nrequest failed with {}",
    ],
)
def test_no_report_quotes_a_secret(text: str, form: str) -> None:
    secret = "kT4vQ9xZ2mLp7RbW"
    ran = oauthctl("diagnose", "-", "--format", form, stdin=text.replace("{}", secret).replace("{{", "{").replace("}}", "}"))
    assert secret not in ran.out + ran.err


@pytest.mark.parametrize("glued", ["Zx9 ", "-u a:", "xoxb-", "a/", "error_description=", "A1b2"])
def test_glued_words_cost_no_more_than_their_length(glued: str) -> None:
    begun = time.process_time()
    masked(glued * (256 * 1024 // len(glued)))
    assert time.process_time() - begun < 3
