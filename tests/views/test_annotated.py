from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauthctl.http import Headers, Params, Request, Response, form_request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.redact import redact
from oauthctl.views.annotated import annotated
from oauthctl.views.canvas import cells
from oauthctl.views.lines import plain
from oauthctl.views.masked import sent_secrets
from tests.record.arbitrary import recordings
from tests.record.played import CLIENT_SECRET, CODE, SECRETS, SIGNATURES, VERIFIER, played

AT = datetime(2026, 3, 1, tzinfo=UTC)


def shown(exchange: Exchange, *, width: int = 100, show_secrets: bool = False) -> str:
    return "\n".join(plain(line) for line in annotated(exchange, width=width, show_secrets=show_secrets))


def test_each_parameter_has_its_value_meaning_and_section() -> None:
    assert shown(replace(played().exchanges[10], response=None)).splitlines()[3:] == [
        "    Accept: application/json",
        "    Content-Type: application/x-www-form-urlencoded",
        "    Authorization: Basic base64(app:7Fj…BC)",
        "",
        "    grant_type     authorization_code",
        "                   what is traded for tokens: authorization_code, refresh_token, client_credentials",
        "                   … (RFC 6749 section 4.1.3)",
        "    code           Spl…/~ (25 characters)",
        "                   the authorization code; it works once (RFC 6749 section 4.1.3)",
        "    redirect_uri   http://127.0.0.1:51234/callback",
        "                   the very redirect URI of the authorization request (RFC 6749 section 4.1.3)",
        "    code_verifier  dBj…Xk (43 characters)",
        "                   PKCE: the secret whose hash was the challenge (RFC 7636 section 4.5)",
    ]


@pytest.mark.parametrize("exchange", played().exchanges, ids=lambda exchange: f"{exchange.id}-{exchange.purpose}")
def test_no_secret_is_shown_unasked(exchange: Exchange) -> None:
    text = shown(exchange)
    assert [secret for secret in (*SECRETS, *SIGNATURES) if secret in text] == []


def test_secrets_are_shown_when_asked_for() -> None:
    text = shown(played().exchanges[6], width=0, show_secrets=True)
    assert CODE in text
    assert VERIFIER in text
    assert all(signature in text for signature in SIGNATURES)


def test_fingerprints_of_a_redacted_recording_are_shown_whole() -> None:
    after = redact(played(), salt=b"x")
    code = after.exchanges[6].request.form.get("code") or ""
    assert code in shown(after.exchanges[6])
    assert code in shown(after.exchanges[5])


def test_a_jwt_is_shown_decoded_with_dates() -> None:
    text = shown(played().exchanges[6])
    assert "header.alg RS256" in text
    assert "claims.scope items.read" in text
    assert "claims.exp 1772366700 (2026-03-01 12:05:00 UTC)" in text


def test_unknown_and_repeated_parameters_are_marked() -> None:
    request = form_request(
        "https://op.example/token", Params((("grant_type", "refresh_token"), ("scope", "a"), ("scope", "b"), ("odd", "1")))
    )
    text = shown(Exchange(1, "token", Channel.WIRE, request, AT))
    assert text.count("occurs more than once") == 2
    assert text.count("unknown: no standard") == 1


def test_other_bodies_are_pretty_masked_and_bounded() -> None:
    rows = ", ".join(f'"{number}"' for number in range(100))
    body = f'{{"name": "n", "api_key": "{CLIENT_SECRET}", "rows": [{rows}]}}'.encode()
    exchange = Exchange(1, "api", Channel.WIRE, Request("GET", "https://api.example/"), AT, 0, Response(200, body=body))
    among = "\n".join(plain(line) for line in annotated(exchange, among=()))
    assert "and 46 more lines, with `--exchange 1`" in among
    text = shown(exchange)
    assert '      "name": "n",' in text
    assert CLIENT_SECRET not in text + among
    assert '"99"' in text
    assert "more lines" not in text
    image = Response(200, Headers((("Content-Type", "image/png"),)), b"\x89PNG\xff")
    assert "5 bytes of image/png" in shown(Exchange(1, "", Channel.WIRE, Request("GET", "https://api.example/"), AT, 0, image))


@pytest.mark.parametrize("width", [0, 40, 100])
def test_of_a_web_page_among_others_the_first_words_are_shown(width: int) -> None:
    style = "\n".join(f".a{number} {{ margin: 0 }}" for number in range(500))
    body = f"<html><head><title>Not found</title><style>{style}</style></head><body><h1>No such page</h1></body></html>".encode()
    answer = Response(404, Headers((("Content-Type", "text/html"),)), body)
    exchange = Exchange(3, "discovery", Channel.WIRE, Request("GET", "https://op.example/x"), AT, 0, answer)
    lines = [plain(line) for line in annotated(exchange, width=width, among=())]
    assert f"    a web page of {len(body)} bytes: Not found" in lines
    assert lines[-2:] == ["      No such page", "    more of it is shown with `--exchange 3`"]
    assert len(lines) < 12
    assert "margin" in shown(exchange, width=width)


def test_the_words_of_a_page_are_shown_without_the_secrets_of_the_other_exchanges() -> None:
    answer = Response(200, Headers((("Content-Type", "text/html"),)), b"<title>a&amp;b-secret</title>it was a&amp;b-secret")
    exchange = Exchange(3, "", Channel.WIRE, Request("GET", "https://op.example/x"), AT, 0, answer)
    before = form_request("https://op.example/token", Params((("grant_type", "password"), ("password", "a&b-secret"))))
    secrets = sent_secrets((Exchange(2, "token", Channel.WIRE, before, AT),))
    assert secrets == ("a&b-secret",)
    for show_secrets in (True, False):
        text = "\n".join(plain(line) for line in annotated(exchange, show_secrets=show_secrets, among=secrets))
        assert text.count("a&b-secret") == (2 if show_secrets else 0)


def test_a_pipe_gets_every_value_whole() -> None:
    request = form_request("https://op.example/token", Params((("grant_type", "x"), ("scope", "a" * 5000))))
    assert "a" * 5000 in shown(Exchange(1, "token", Channel.WIRE, request, AT), width=0)


def test_what_is_very_long_is_cut_among_others_and_says_so() -> None:
    request = form_request("https://op.example/token", Params((("grant_type", "x"), ("scope", "a" * 5000))))
    exchange = Exchange(4, "token", Channel.WIRE, request, AT)
    assert "a" * 5000 in shown(exchange).replace("\n", "").replace(" ", "")
    among = " ".join("".join(plain(line) for line in annotated(exchange, width=100, among=())).split())
    assert "… (5000 characters, whole with `--exchange 4`)" in among


@pytest.mark.parametrize("width", [40, 60, 100, 200])
@pytest.mark.parametrize("exchange", played().exchanges, ids=lambda exchange: str(exchange.id))
def test_nothing_is_wider_than_the_terminal_and_nothing_is_lost(exchange: Exchange, width: int) -> None:
    lines = [plain(line) for line in annotated(exchange, width=width)]
    assert max(cells(line) for line in lines) <= width
    squeezed = ["".join("".join(text).split()) for text in (lines, [plain(line) for line in annotated(exchange, width=0)])]
    assert squeezed[0] == squeezed[1]


def test_a_long_url_is_broken_before_the_signs_that_part_it() -> None:
    url = "https://login.op.example/realms/a-realm/protocol/openid-connect/logout/confirm/page?one=1111111111&two=2222222222"
    lines = [plain(line) for line in annotated(Exchange(1, "", Channel.WIRE, Request("GET", url), AT), width=60)]
    assert lines[-3:] == [
        "  GET https://login.op.example/realms/a-realm/protocol",
        "    /openid-connect/logout/confirm/page?one=1111111111",
        "    &two=2222222222",
    ]


@given(recordings(), st.integers(0, 120))
@settings(max_examples=60, deadline=None)
def test_any_exchange_can_be_annotated_without_steering_the_terminal(recording: Recording, width: int) -> None:
    for exchange in recording.exchanges:
        for line in annotated(exchange, width=width, show_secrets=True):
            text = "".join(span.text for span in line)
            assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in text)
