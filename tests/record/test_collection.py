from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauthctl.record.collection import INSOMNIA, POSTMAN, looks_like_collection, read_collection
from oauthctl.record.exchange import Channel
from oauthctl.record.material import Material
from oauthctl.rules.diagnosis import diagnose
from oauthctl.rules.evidence import scene_of

NOW = datetime(2026, 11, 2, 9, 14, tzinfo=UTC)
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def postman(*items: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"info": {"name": "shop", "schema": SCHEMA}, "item": list(items), **members}


def insomnia(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"_type": "export", "__export_format": 4, "__export_source": "insomnia.desktop.app:v9.3.3", "resources": list(resources)}


def fields(**values: str) -> list[dict[str, str]]:
    return [{"key": name, "name": name, "value": value} for name, value in values.items()]


def asked(url: object, method: str = "POST", **form: str) -> dict[str, Any]:
    body = {"body": {"mode": "urlencoded", "urlencoded": fields(**form)}} if form else {}
    return {"method": method, "header": [], "url": url, **body}


def answer(code: int, body: object, **headers: str) -> dict[str, Any]:
    return {"name": "saved", "code": code, "header": fields(**{"Content-Type": "application/json"}, **headers), "body": json.dumps(body)}


def read(document: object) -> Material:
    found = read_collection(document, now=NOW)
    assert found is not None
    return found


def test_a_saved_answer_becomes_an_exchange_with_the_request_that_it_answers() -> None:
    sent = asked({"raw": "https://op.example/token"}, grant_type="refresh_token", refresh_token="r-1")
    saved = answer(400, {"error": "invalid_grant"}, Date="Mon, 02 Nov 2026 08:00:00 GMT") | {"originalRequest": sent}
    folder = {
        "name": "auth",
        "item": [{"name": "token", "request": asked("https://op.example/token", grant_type="x"), "response": [saved]}],
    }
    (exchange,) = read(postman(folder)).recording.exchanges
    assert (exchange.purpose, exchange.request.form.get("grant_type")) == ("token", "refresh_token")
    assert exchange.response is not None
    assert (exchange.response.status, exchange.started_at.hour) == (400, 8)


def test_variables_are_filled_in_and_unknown_ones_stand_as_a_mark() -> None:
    document = postman(
        {"request": asked("{{host}}/token", grant_type="authorization_code", code="{{code}}", client_id="{{id}}")},
        variable=[{"key": "host", "value": "https://{{name}}.example"}, {"key": "name", "value": "op"}, {"key": "id", "value": "web"}],
    )
    found = read(document)
    request = found.recording.exchanges[0].request
    assert (request.url, request.form.get("client_id"), request.form.get("code")) == ("https://op.example/token", "web", "…")
    assert any("variables" in note for note in found.notes)


def test_what_was_not_answered_is_said_and_what_is_no_oauth_is_left_out() -> None:
    authorization = "https://op.example/authorize?client_id=web&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
    found = read(postman({"request": authorization}, {"request": asked("https://app.example/orders", "GET")}))
    (exchange,) = found.recording.exchanges
    assert (exchange.purpose, exchange.channel, exchange.response) == ("authorization", Channel.BROWSER, None)
    assert any("no answer was saved" in note for note in found.notes)
    assert any(note.startswith("1 request without a saved answer") for note in found.notes)


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"type": "bearer", "bearer": fields(token="t-1")}, "Bearer t-1"),
        ({"type": "bearer", "bearer": {"token": "t-1"}}, "Bearer t-1"),
        ({"type": "oauth2", "oauth2": fields(accessToken="t-1", headerPrefix="DPoP")}, "DPoP t-1"),
        ({"type": "basic", "basic": fields(username="a", password="b")}, "Basic YTpi"),
        ({"type": "basic", "basic": fields(username="a", password="{{b}}")}, None),
        ({"type": "noauth"}, None),
    ],
)
def test_the_header_that_the_program_makes_is_there(auth: dict[str, Any], header: str | None) -> None:
    item = {"request": asked("https://api.example/orders", "GET"), "response": [answer(401, {})]}
    inherited = read(postman(item, auth=auth))
    own = read(postman({**item, "request": {**item["request"], "auth": auth}}))  # type: ignore[dict-item]
    for found in (inherited, own):
        assert found.recording.exchanges[0].request.headers.get("authorization") == header


def test_an_export_of_insomnia_is_read() -> None:
    found = read(
        insomnia(
            {"_type": "environment", "data": {"host": "https://op.example"}},
            {"_type": "workspace", "name": "x"},
            {
                "_id": "req_1",
                "_type": "request",
                "method": "POST",
                "url": "{{ _.host }}/token",
                "body": {
                    "mimeType": "application/x-www-form-urlencoded",
                    "params": fields(grant_type="client_credentials", client_id="{% prompt %}"),
                },
                "authentication": {"type": "basic", "username": "a", "password": "b"},
            },
            {
                "_id": "req_2",
                "_type": "request",
                "url": "https://op.example/authorize",
                "parameters": fields(client_id="a", response_type="code"),
            },
        )
    )
    token, authorization = found.recording.exchanges
    assert found.kind == INSOMNIA
    assert (token.request.url, token.request.form.get("client_id")) == ("https://op.example/token", "…")
    assert token.request.headers.get("authorization") == "Basic YTpi"
    assert (authorization.purpose, authorization.channel) == ("authorization", Channel.BROWSER)


def test_templates_raise_no_alarm() -> None:
    document = postman(
        {
            "request": asked(
                "{{base}}/authorize?client_id={{id}}&response_type=code&redirect_uri={{back}}&scope={{scope}}&state={{$guid}}", "GET"
            )
        },
        {"request": asked("{{base}}/token", grant_type="authorization_code", code="{{code}}", redirect_uri="{{back}}", client_id="{{id}}")},
        {"request": {**asked("{{api}}/orders", "GET"), "auth": {"type": "bearer", "bearer": fields(token="{{token}}")}}},
    )
    found = diagnose(scene_of(read(document), now=NOW, salt=b"s")).findings
    assert [one.rule for one in found if one.severity != "note"] == []


@pytest.mark.parametrize(
    "document", [None, [], {}, {"item": []}, {"info": {"schema": SCHEMA}}, {"resources": []}, {"log": {"entries": []}}]
)
def test_what_is_no_collection_is_left_to_others(document: object) -> None:
    assert read_collection(document, now=NOW) is None


def test_a_collection_is_known_by_its_marks() -> None:
    assert looks_like_collection(json.dumps(postman()))
    assert looks_like_collection(json.dumps(insomnia()))
    assert read(postman()).kind == POSTMAN
    assert not looks_like_collection('{"error": "invalid_grant"}')


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["item", "request", "response", "url", "raw", "body", "mode", "urlencoded", "auth", "type", "bearer", "header", "key"]
            )
            | st.sampled_from(
                ["value", "code", "_type", "name", "params", "data", "parameters", "variable", "authentication", "originalRequest"]
            ),
            inner | st.sampled_from(["urlencoded", "raw", "bearer", "request", "environment", "{{x}}"]),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(ANYTHING, ANYTHING)
@settings(max_examples=200, deadline=None)
def test_wrong_types_anywhere_are_read_past(inside: object, beside: object) -> None:
    for document in (
        {"info": {"schema": SCHEMA}, "item": [inside, {"request": inside, "response": [beside]}], "variable": beside, "auth": inside},
        {
            "__export_format": 4,
            "resources": [inside, {"_type": "request", "url": inside, "body": beside}, {"_type": "environment", "data": inside}],
        },
    ):
        read(document)
