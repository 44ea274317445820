from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.http import FORM, Headers, Params, Request, Response, form_request
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.har import facts_of, from_har, to_har
from tests.record.arbitrary import recordings

AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def document_of(entry: dict[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "Browser", "version": "1"}, "entries": [entry]}}


def only(recording: Recording) -> Exchange:
    (exchange,) = recording.exchanges
    return exchange


@given(recordings())
def test_a_recording_survives_the_round_trip_through_a_file(recording: Recording) -> None:
    assert from_har(json.loads(json.dumps(to_har(recording)))) == recording


@given(json_values)
def test_reading_any_json_gives_a_recording_or_a_config_error(value: object) -> None:
    try:
        assert isinstance(from_har(value), Recording)
    except ConfigError:
        assert not isinstance(value, dict) or not isinstance(value.get("log"), dict) or not isinstance(value["log"].get("entries"), list)
    assert isinstance(facts_of(value), dict)


@given(st.dictionaries(st.sampled_from(("request", "response", "time", "startedDateTime", "_oauthctl")), json_values))
def test_reading_any_entry_never_fails(entry: dict[str, Any]) -> None:
    assert len(from_har(document_of(entry)).exchanges) == 1


@given(
    st.dictionaries(st.sampled_from(("method", "url", "headers", "postData")), json_values),
    st.dictionaries(st.sampled_from(("status", "headers", "content", "_error")), json_values),
    st.dictionaries(st.sampled_from(("id", "purpose", "channel", "seconds", "answered", "failure", "facts")), json_values),
)
def test_reading_any_members_never_fails(request: dict[str, Any], response: dict[str, Any], ours: dict[str, Any]) -> None:
    exchange = only(from_har(document_of({"request": request, "response": response, "_oauthctl": ours})))
    assert exchange.id >= 1


def test_a_document_has_all_members_that_har_demands() -> None:
    request = form_request("https://op.example/token?tenant=1", Params((("grant_type", "refresh_token"), ("refresh_token", "r 1"))))
    response = Response(400, Headers((("Content-Type", "application/json"), ("Location", "https://op.example/next"))), b'{"error":"x"}')
    exchange = Exchange(1, "token", Channel.WIRE, request, AT, 0.012, response)
    (entry,) = to_har(Recording((exchange,), "1.0"))["log"]["entries"]
    assert entry["startedDateTime"] == "2026-03-01T12:00:00.250000Z"
    assert entry["time"] == 12.0
    assert entry["request"]["queryString"] == [{"name": "tenant", "value": "1"}]
    assert entry["request"]["postData"]["mimeType"] == FORM
    assert entry["request"]["postData"]["params"][1] == {"name": "refresh_token", "value": "r 1"}
    assert entry["response"]["statusText"] == "Bad Request"
    assert entry["response"]["redirectURL"] == "https://op.example/next"
    assert entry["response"]["content"] == {"size": 13, "mimeType": "application/json", "text": '{"error":"x"}'}
    for member in ("cookies", "headersSize", "bodySize", "httpVersion"):
        assert member in entry["request"]
        assert member in entry["response"]
    assert set(entry["timings"]) == {"send", "wait", "receive"}


def test_binary_bodies_are_base64() -> None:
    exchange = Exchange(
        1, "api", Channel.WIRE, Request("PUT", "https://api.example/", body=b"\xff\x00"), AT, 1, Response(200, body=b"\x89PNG")
    )
    (entry,) = to_har(Recording((exchange,)))["log"]["entries"]
    assert entry["request"]["postData"]["text"] == "/wA="
    assert entry["response"]["content"]["encoding"] == "base64"


def test_facts_are_kept_with_their_exchange() -> None:
    exchange = Exchange(4, "token", Channel.WIRE, Request("POST", "https://op.example/token"), AT)
    document = to_har(Recording((exchange,)), facts={4: {"pkce_matches": True}, 9: {"pkce_matches": False}})
    assert facts_of(json.loads(json.dumps(document))) == {4: {"pkce_matches": True}}


@pytest.mark.parametrize("status", [-1, 0, None, "200", True])
def test_a_status_that_is_none_means_no_answer(status: object) -> None:
    entry = {"request": {"method": "GET", "url": "https://a.example/"}, "response": {"status": status, "_error": "net::ERR_FAILED"}}
    exchange = only(from_har(document_of(entry)))
    assert exchange.response is None
    assert exchange.failure == "net::ERR_FAILED"


def test_a_form_of_parameters_alone_is_read() -> None:
    params = [{"name": "grant_type", "value": "password"}, {"name": "username", "value": "a b"}, {"value": "nameless"}, 3]
    entry = {"request": {"method": "POST", "url": "https://a.example/", "postData": {"mimeType": FORM, "params": params}}}
    exchange = only(from_har(document_of(entry)))
    assert exchange.request.form.pairs == (("grant_type", "password"), ("username", "a b"))
    assert exchange.purpose == "token"


def test_the_captures_of_a_browser_get_purposes_and_ids() -> None:
    def entry(url: str) -> dict[str, Any]:
        return {"request": {"method": "GET", "url": url}, "response": {"status": 200, "content": {"size": 0}}}

    urls = (
        "https://op.example/.well-known/openid-configuration",
        "https://op.example/authorize?response_type=code&client_id=c",
        "https://op.example/logo.png",
        "https://app.example/cb?code=1&state=2",
        "https://[broken/",
    )
    document = {"log": {"entries": ["junk", *(entry(url) for url in urls)]}}
    exchanges = from_har(document).exchanges
    assert [(one.id, one.purpose) for one in exchanges] == [(1, "discovery"), (2, "authorization"), (3, ""), (4, "callback"), (5, "")]


@pytest.mark.parametrize("document", [None, [], {}, {"log": []}, {"log": {"entries": {}}}, "x", 1])
def test_what_is_no_har_is_refused_in_words(document: object) -> None:
    with pytest.raises(ConfigError, match="no HAR document"):
        from_har(document)


def test_version_and_words_of_an_answer_are_kept_as_they_came() -> None:
    answer = Response(200, http_version="HTTP/1.0", reason="All Is Well")
    exchange = Exchange(1, "api", Channel.WIRE, Request("GET", "https://api.example/"), AT, 1, answer)
    document = to_har(Recording((exchange,)))
    (entry,) = document["log"]["entries"]
    assert (entry["response"]["httpVersion"], entry["response"]["statusText"]) == ("HTTP/1.0", "All Is Well")
    assert only(from_har(document)).response == answer


def test_words_that_were_left_out_are_not_made_up() -> None:
    exchange = Exchange(1, "api", Channel.WIRE, Request("GET", "https://api.example/"), AT, 1, Response(200, http_version="HTTP/1.1"))
    (entry,) = to_har(Recording((exchange,)))["log"]["entries"]
    assert entry["response"]["statusText"] == ""


def test_what_ended_the_run_is_kept_and_left_out_where_nothing_did() -> None:
    assert from_har(to_har(Recording(error="no `token_endpoint` is known"))).error == "no `token_endpoint` is known"
    assert "error" not in to_har(Recording())["log"]["_oauthctl"]


def test_pages_are_numbered_as_they_come_and_their_names_kept_by_nobody() -> None:
    entries = [{"pageref": name} for name in ("page@secret-name", "other", "page@secret-name", None)]
    recording = from_har({"log": {"entries": entries}})
    assert [one.page for one in recording.exchanges] == [1, 2, 1, 0]
    written = to_har(recording)
    assert "secret-name" not in json.dumps(written)
    assert from_har(written) == recording
