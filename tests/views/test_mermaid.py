from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.http import Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.views.mermaid import mermaid, mermaid_diagram, spelled
from tests.record.played import AT, played
from tests.views.report.told import PAYLOADS, as_capture, hostile_report, played_report, report_of, twice

WORDS = r"(?:[\w .,\-/()+=?'@…→]|#\d+;|<br/>)+"
KEY = r"(?:you|browser|oauthctl|client|app|server|api)"
LINE = re.compile(
    "sequenceDiagram"
    rf"|    (?:actor|participant) {KEY} as {WORDS}"
    rf"|    {KEY}(?:->>|-->>|-x|--x){KEY}: {WORDS}"
    rf"|    Note over {KEY}(?:,{KEY})?: {WORDS}"
)


def lines(text: str) -> list[str]:
    """The lines of a diagram, each of which is one that Mermaid knows."""
    found = text.split("\n")
    assert [one for one in found if not LINE.fullmatch(one)] == []
    assert found.count("sequenceDiagram") == 1
    assert found[0] == "sequenceDiagram"
    return [one.strip() for one in found]


def test_a_run_is_drawn() -> None:
    drawn = lines(mermaid(played_report()[0]))
    assert drawn[1:5] == [
        "actor you as you, in a browser",
        "participant oauthctl as oauthctl",
        "participant server as authorization server<br/>127.0.0.1#58;9400",
        "participant api as API<br/>127.0.0.1#58;9400",
    ]
    assert "oauthctl->>you: 3 hands over the address<br/>opens the browser" in drawn
    assert "you-->>server: authorization request<br/>GET /authorize" in drawn
    assert "you->>oauthctl: 6 callback<br/>GET /callback" in drawn
    assert "server-->>oauthctl: 200 OK (84 ms)" in drawn
    assert "server--xoauthctl: connection refused" in drawn


def test_the_reply_to_a_callback_stands_where_it_was_given() -> None:
    exchanges = played().exchanges
    back = replace(exchanges[5], response=Response(200), seconds=0.5)
    token = replace(exchanges[6], started_at=back.started_at + timedelta(seconds=0.1), seconds=0.2)
    drawn = lines(mermaid(report_of(Recording((back, token), "1.0"))[0]))
    assert drawn[-4:] == [
        "you->>oauthctl: 6 callback<br/>GET /callback",
        "oauthctl->>server: 7 token request (authorization_code)<br/>POST /token",
        "server-->>oauthctl: 200 OK (200 ms)",
        "oauthctl-->>you: 6 reply 200 OK (500 ms)",
    ]


def test_a_finding_is_a_note_after_the_arrows_that_it_concerns() -> None:
    drawn = lines(mermaid(played_report()[0]))
    at = drawn.index("Note over oauthctl,server: error#58; The same code is redeemed a second time<br/>code-reused")
    assert drawn[at - 2 : at] == [
        "oauthctl->>server: 11 token request (authorization_code)<br/>POST /token",
        "server-->>oauthctl: 400 Bad Request (132 ms)",
    ]


def test_a_browser_s_capture_has_the_application_as_a_participant() -> None:
    drawn = lines(mermaid(report_of(as_capture(played()))[0]))
    assert drawn[1:3] == ["actor browser as browser", "participant app as application<br/>127.0.0.1#58;51234"]
    assert "browser->>app: 6 callback<br/>GET /callback" in drawn


def test_a_log_without_a_browser_has_a_client() -> None:
    asked = Exchange(1, "", Channel.WIRE, Request("POST", "https://op.example/token", body=b"grant_type=client_credentials"), AT)
    drawn = lines(mermaid(report_of(Recording((asked,)))[0]))
    assert drawn[1:3] == ["participant client as client", "participant server as authorization server<br/>op.example"]


def test_several_sign_ins_are_parts_of_one_diagram_or_one_each() -> None:
    report, _ = report_of(twice())
    drawn = lines(mermaid(report))
    parts = [at for at, line in enumerate(drawn) if line.startswith("Note over browser,api: Sign-in ")]
    assert len(parts) == 2
    assert "browser->>api: 13 API call<br/>GET /api/items" in drawn[parts[1] :]
    assert len(lines(mermaid_diagram(report, report.diagrams[1]))) < len(drawn)


@pytest.mark.parametrize("rotation", range(len(PAYLOADS)))
def test_no_recorded_text_is_more_than_words(rotation: int) -> None:
    lines(mermaid(hostile_report(rotation)[0]))


@given(st.text())
def test_any_text_is_spelled_as_words(text: str) -> None:
    assert re.fullmatch(WORDS, spelled(text))
    assert "<" not in spelled(text)
