from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauthctl.http import Headers, Params, Request, Response, form_request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.views.canvas import cells
from oauthctl.views.glyphs import ASCII
from oauthctl.views.lines import plain
from oauthctl.views.participants import participants_of
from oauthctl.views.sequence import SequenceDiagram, sequence
from tests.record.arbitrary import recordings
from tests.record.played import CODE, SECRETS, played

AT = datetime(2026, 3, 1, tzinfo=UTC)


def drawn(recording: Recording, width: int = 100) -> list[str]:
    return ["".join(span.text for span in line) for line in sequence(recording, width)]


def test_the_diagram_of_a_call_reads_so() -> None:
    recording = Recording(played().exchanges[:2], "1.0")
    assert drawn(recording, 60) == [
        "oauthctl            authorization server               API",
        "    │                         │                         │",
        "    │ 1 API call  GET /api/items                        │",
        "    │──────────────────────────────────────────────────▶│",
        "    │ 401 Unauthorized · 12 ms                          │",
        "    │   Bearer                │                         │",
        "    │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│",
        "    │                         │                         │",
        "    │ 2 discovery             │                         │",
        "    │────────────────────────▶│                         │",
        "    │ 200 OK · 24 ms          │                         │",
        "    │   issuer http://127.0.0.1:9400                    │",
        "    │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│                         │",
        "    │                         │                         │",
    ]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(cells(line) for line in drawn(played(), width)) < width


@pytest.mark.parametrize("width", [60, 200])
def test_every_exchange_and_its_answer_is_there_at_any_width(width: int) -> None:
    text = "\n".join(drawn(played(), width))
    for number in range(1, 13):
        assert f" {number} " in text
    for said in ("401 Unauthorized", "302 Found", "400 Bad Request", "invalid_grant", "connection refused", "PKCE S256", "invalid_token"):
        assert said in text


def test_secrets_are_masked_even_where_a_server_repeats_them() -> None:
    text = "\n".join(drawn(played()))
    assert CODE in str(played())
    assert [secret for secret in SECRETS if secret in text] == []


def test_the_browser_is_handed_a_url_and_its_answer_is_not_invented() -> None:
    visit = played().exchanges[2]
    lines = [plain(line) for line in SequenceDiagram(80).exchange(visit)]
    assert "3 hands over the address" in lines[0]
    assert "◀" in lines[1]
    assert "authorization request  GET /authorize" in lines[2]
    assert lines[-2].count("▶") == 1
    assert "─" not in lines[-2]


def test_a_callback_goes_from_the_person_to_oauthctl() -> None:
    callback = played().exchanges[5]
    diagram = SequenceDiagram(80)
    lines = [plain(line) for line in diagram.exchange(callback)]
    assert "6 callback  GET /callback" in lines[0]
    assert lines[2].startswith("  │───")
    assert "code Spl…/~" in lines[1]


def test_a_diagram_grows_as_the_exchanges_come() -> None:
    recording = played()
    diagram = SequenceDiagram(100, participants_of(recording))
    grown = [*diagram.head()]
    for exchange in recording.exchanges:
        grown += diagram.asked(exchange)
        grown += diagram.answered(exchange)
    assert grown == list(sequence(recording, 100))


def test_the_reply_to_a_callback_stands_where_it_was_given() -> None:
    """The browser is kept waiting until the run is over."""
    back = replace(played().exchanges[5], response=Response(200), seconds=1.5, started_at=AT)
    token = replace(played().exchanges[6], started_at=AT + timedelta(seconds=1))
    after = replace(played().exchanges[7], started_at=AT + timedelta(seconds=1.5))
    text = drawn(Recording((back, token, after), "1.0"))
    reply = next(at for at, one in enumerate(text) if "6 reply  200 OK · 1.5 s" in one)
    asked = [next(at for at, one in enumerate(text) if f" {number} " in one) for number in (6, 7, 8)]
    assert asked[0] < asked[1] < reply < asked[2]
    diagram = SequenceDiagram(100, participants_of(Recording((back, token, after), "1.0")))
    grown = [*diagram.head(), *diagram.asked(back), *diagram.exchange(token), *diagram.answered(back), *diagram.exchange(after)]
    assert [plain(line) for line in grown] == text


def test_a_reply_that_came_at_once_needs_no_number() -> None:
    back = replace(played().exchanges[5], response=Response(200), started_at=AT)
    assert not [line for line in drawn(Recording((back,), "1.0")) if "reply" in line]


def test_a_note_stands_between_the_lifelines_and_is_wrapped() -> None:
    lines = [plain(line) for line in SequenceDiagram(60).note("the access token has expired, " * 4)]
    assert "● the access token has expired" in lines[0]
    assert len(lines) > 2
    assert max(cells(line) for line in lines) < 60


def test_ascii_is_used_where_the_encoding_has_no_boxes() -> None:
    named = replace(played(), exchanges=(replace(played().exchanges[-1], failure="Verbindung verweigert … öäü"),))
    text = "\n".join(plain(line) for recording in (played(), named) for line in sequence(recording, 80, glyphs=ASCII))
    assert text.isascii()
    assert "------>|" in text


def test_wide_characters_keep_the_lifelines_in_place() -> None:
    answer = Response(400, Headers((("Content-Type", "application/json"),)), '{"error":"無効な要求","error_description":"é"}'.encode())
    exchange = Exchange(1, "token", Channel.WIRE, Request("POST", "https://op.example/token"), AT, 0.1, answer)
    diagram = SequenceDiagram(80)
    rows = ["".join(span.text for span in line) for line in diagram.exchange(exchange)]
    row = next(row for row in rows if "無効な要求" in row)
    assert cells(row) == cells(rows[-1])
    assert row.endswith("│")


@pytest.mark.parametrize("place", ["url", "method", "purpose", "failure", "header", "body"])
def test_control_characters_never_reach_the_terminal(place: str) -> None:
    evil = "\x1b]0;owned\x07\r\n\x9b31m\u202e"
    answer = Response(401, Headers((("WWW-Authenticate", f'Bearer error="{evil if place == "header" else ""}"'),)))
    if place == "body":
        answer = Response(400, body=f'{{"error": "{evil}"}}'.encode())
    exchange = Exchange(
        id=1,
        purpose=evil if place == "purpose" else "api" if place == "header" else "token",
        channel=Channel.WIRE,
        request=Request(evil if place == "method" else "GET", f"https://op.example/{evil if place == 'url' else ''}"),
        started_at=AT,
        response=None if place == "failure" else answer,
        failure=evil if place == "failure" else "",
    )
    text = "".join(span.text for line in SequenceDiagram(100).exchange(exchange) for span in line)
    assert not set(text) & set("\x1b\x07\r\n\x9b\u202e")


@given(recordings(), st.integers(0, 250))
@settings(max_examples=60, deadline=None)
def test_any_recording_can_be_drawn(recording: Recording, width: int) -> None:
    assert max(cells(line) for line in drawn(recording, width)) < max(60, width)


def captured() -> Recording:
    """The run as a browser's capture has it."""
    exchanges = (replace(one, purpose="" if one.purpose == "sign-in" else one.purpose, channel=Channel.WIRE) for one in played().exchanges)
    return Recording(tuple(exchanges))


def test_a_page_of_the_sign_in_is_the_servers_even_where_the_api_has_the_same_origin() -> None:
    text = drawn(captured())
    at = next(index for index, line in enumerate(text) if "5 POST /sign-in" in line)
    token = next(index for index, line in enumerate(text) if "7 token request" in line)
    assert text[at + 1].index("▶") == text[token + 2].index("▶")


@pytest.mark.parametrize("recording", [captured(), replace(played(), tool_version="")], ids=["capture", "recording without our name"])
def test_a_callback_of_a_capture_goes_to_the_application(recording: Recording) -> None:
    text = drawn(recording)
    at = next(index for index, line in enumerate(text) if "6 callback" in line)
    assert text[0].index("application") < text[at + 2].index("▶") < text[0].index("authorization server")


@pytest.mark.parametrize(
    ("purpose", "request_", "answer", "said"),
    [
        ("authorization", Request("GET", "https://op.example/authorize?client_id=app&request_uri=urn%3Ax"), None, "with request_uri"),
        ("pushed-authorization", form_request("https://op.example/par", Params.of({"scope": "openid"})), None, "scope openid"),
        ("device-authorization", form_request("https://op.example/device", Params.of({"scope": "openid"})), None, "scope openid"),
        (
            "device-authorization",
            form_request("https://op.example/device", Params.of({"client_id": "app"})),
            {"device_code": "d", "user_code": "WDJB-MJHT", "verification_uri": "https://op.example/d", "interval": 5},
            "device_code, user_code · for https://op.example/d · ask every 5 s",
        ),
        ("pushed-authorization", form_request("https://op.example/par", Params.of({"a": "b"})), {"request_uri": "urn:x"}, "request_uri"),
    ],
)
def test_what_matters_stands_at_the_arrow(purpose: str, request_: Request, answer: dict[str, object] | None, said: str) -> None:
    response = Response(200, Headers((("Content-Type", "application/json"),)), json.dumps(answer).encode()) if answer else None
    channel = Channel.BROWSER if purpose == "authorization" else Channel.WIRE
    lines = [plain(line) for line in SequenceDiagram(200).exchange(Exchange(1, purpose, channel, request_, AT, 0.0, response))]
    assert [line for line in lines if said in line]
    assert purpose != "authorization" or not [line for line in lines if "PKCE" in line]


def test_a_name_that_is_wider_than_its_room_is_broken() -> None:
    token = replace(played().exchanges[6], id=17)
    lines = [plain(line) for line in SequenceDiagram(60, ("you", "oauthctl", "authorization server")).exchange(token)]
    assert [line.rstrip(" │").rpartition("│")[2].rstrip() for line in lines[:2]] == [" 17 token request", "    (authorization_code)"]


@pytest.mark.parametrize("width", [60, 61, 80, 120])
@pytest.mark.parametrize("participants", [("oauthctl", "authorization server"), ("application", "authorization server", "API")])
def test_nothing_of_a_note_is_lost(width: int, participants: tuple[str, ...]) -> None:
    host = "login-and-identity.very-long-department-name.subsidiary.example.com"
    rows = SequenceDiagram(width, participants).note(f"another sign-in, at https://{host}, {'x' * 150}")
    text = "".join(plain(row).replace("│", "").replace("●", "").replace(" ", "") for row in rows)
    assert text == f"anothersign-in,athttps://{host},{'x' * 150}"
