from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oauthctl.http import Headers, Response
from oauthctl.messages.answer import SIZE_LIMIT, read_answer

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def answered(body: bytes | str, content_type: str = JSON) -> Response:
    headers = Headers((("Content-Type", content_type),)) if content_type else Headers()
    return Response(200, headers, body.encode() if isinstance(body, str) else body)


@pytest.fixture
def rfc6749_5_1() -> str:
    return """
     {
       "access_token":"2YotnFZFEjr1zCsicMWpAA",
       "token_type":"example",
       "expires_in":3600,
       "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
       "example_parameter":"example_value"
     }
"""


def test_the_example_answer_reads_in_order_and_without_remark(rfc6749_5_1: str) -> None:
    answer = read_answer(answered(rfc6749_5_1, "application/json;charset=UTF-8"))
    assert answer.fields == (
        ("access_token", "2YotnFZFEjr1zCsicMWpAA"),
        ("token_type", "example"),
        ("expires_in", 3600),
        ("refresh_token", "tGzv3JOkF0XG5Qx2TlKWIA"),
        ("example_parameter", "example_value"),
    )
    assert (answer.problem, answer.departures) == ("", ())


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5))
def test_any_json_object_comes_back_as_it_was(members: dict[str, object]) -> None:
    answer = read_answer(answered(json.dumps(members)))
    assert dict(answer.fields) == members
    assert not answer.problem


@given(st.binary(max_size=200), st.sampled_from([JSON, FORM, "text/html", "text/plain", "", "x/y; z"]))
@example(b'{"a":\xff}', JSON)
@example(b"\xef\xbb\xbf", JSON)
@example(b'{"a":' + b"9" * 5000 + b"}", JSON)
def test_no_body_makes_it_raise(body: bytes, content_type: str) -> None:
    answer = read_answer(answered(body, content_type))
    assert bool(answer.problem) or isinstance(answer.fields, tuple)
    assert not (answer.problem and answer.fields)


@given(st.text(alphabet='{}[]":,\\u0dnatrue e9-+. ', max_size=80))
def test_nothing_that_looks_like_json_makes_it_raise(text: str) -> None:
    answer = read_answer(answered("{" + text))
    json.dumps(answer.fields, allow_nan=False)


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        ("", JSON, "an empty body"),
        (" \r\n\t", JSON, "an empty body"),
        (b"\xef\xbb\xbf", JSON, "an empty body"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "text/html", "an HTML page"),
        ("<html>", JSON, "an HTML page"),
        ("<h1>502 Bad Gateway</h1>", "", "an HTML page"),
        ("<p>no</p>", "text/html", "an HTML page"),
        ('<?xml version="1.0"?><error>no</error>', "application/xml", "an XML document"),
        ('[{"access_token":"a"}]', JSON, "JSON that is no object"),
        ('["a=b"]', "text/plain", "JSON that is no object"),
        ('"access_token=x"', "text/plain", "JSON that is no object"),
        ("null", JSON, "JSON that is no object"),
        ("true", JSON, "JSON that is no object"),
        ("-1", JSON, "JSON that is no object"),
        ("42", JSON, "JSON that is no object"),
        ('callback({"a":1})', "application/javascript", "text of the type `application/javascript` that is neither JSON nor a form"),
        ('callback({"a":"b=c"})', "text/plain", "text of the type `text/plain` that is neither JSON nor a form"),
        ('/**/cb({"a":"b=c"})', "", "text of the type `none` that is neither JSON nor a form"),
        ("Internal Server Error", "text/plain", "text of the type `text/plain` that is neither JSON nor a form"),
        ("error = invalid_grant", "text/plain", "text of the type `text/plain` that is neither JSON nor a form"),
        ('{"access_token":"a"', JSON, "broken JSON (expecting ',' delimiter)"),
        ('{"access_token"', JSON, "broken JSON (expecting ':' delimiter)"),
        ("{'access_token':'a'}", JSON, "broken JSON (expecting property name enclosed in double quotes)"),
        ('{"a":1} trailing', JSON, "broken JSON (extra data)"),
        ('{"a":1}{"b":2}', JSON, "broken JSON (extra data)"),
        ('{"a":"line\nbreak"}', JSON, "broken JSON (invalid control character at)"),
        ('{"a":1}'.encode("utf-16-le"), JSON, "broken JSON (expecting property name enclosed in double quotes)"),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes | str, content_type: str, problem: str) -> None:
    answer = read_answer(answered(body, content_type))
    assert answer.problem == problem
    assert answer.fields == ()


@pytest.mark.parametrize("content_type", [FORM, "text/plain", "text/html", "", JSON])
def test_a_form_is_read_whatever_its_label(content_type: str) -> None:
    answer = read_answer(answered("access_token=e72e16c7e42f&scope=repo%2Cgist&scope=user&token_type=bearer", content_type))
    assert answer.fields == (("access_token", "e72e16c7e42f"), ("scope", "repo,gist"), ("scope", "user"), ("token_type", "bearer"))
    assert len(answer.departures) == 1
    assert "form-encoded, where JSON is due" in answer.departures[0]
    assert ("labelled" in answer.departures[0]) is (content_type not in (FORM, ""))


def test_a_form_that_says_so_may_hold_raw_spaces() -> None:
    assert read_answer(answered("error=no&error_description=the code is gone", FORM)).fields[1] == ("error_description", "the code is gone")


@pytest.mark.parametrize(
    ("body", "content_type", "departure"),
    [
        ('{"a":1}', "text/html", "JSON is labelled `text/html`"),
        ('{"a":1}', "", "JSON is labelled `nothing`"),
        ('{"a":1,"b":2,"a":3}', JSON, "the member `a` occurs 2 times"),
        ('{"b":{"a":1,"a":3}}', JSON, "the member `a` occurs 2 times"),
        (b'\xef\xbb\xbf{"a":1}', JSON, "the body begins with a byte order mark, which JSON must not (RFC 8259 section 8.1)"),
        (b'{"a":"\xff"}', JSON, "the body is not UTF-8, which JSON must be (RFC 8259 section 8.1)"),
        ('{"a":NaN}', JSON, "the number `NaN` is one that JSON does not know or no program can hold: it is kept as text"),
        ('{"a":1e999}', JSON, "the number `1e999` is one that JSON does not know or no program can hold: it is kept as text"),
    ],
)
def test_what_departs_from_the_rules_is_read_and_told(body: bytes | str, content_type: str, departure: str) -> None:
    answer = read_answer(answered(body, content_type))
    assert answer.problem == ""
    assert answer.fields
    assert answer.departures == (departure,)


@pytest.mark.parametrize("content_type", ["application/jwk-set+json", "APPLICATION/JSON", "application/json; charset=latin1"])
def test_other_labels_of_json_are_no_departure(content_type: str) -> None:
    assert read_answer(answered('{"a":1}', content_type)).departures == ()


def test_duplicate_members_survive_in_order() -> None:
    assert read_answer(answered('{"a":1,"b":2,"a":3}')).fields == (("a", 1), ("b", 2), ("a", 3))


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 4300, "9" * 100_000])
def test_numbers_that_cannot_be_written_again_are_kept_as_text(literal: str) -> None:
    assert read_answer(answered(f'{{"expires_in":{literal}}}')).fields == (("expires_in", literal),)


def test_lone_surrogates_are_replaced_since_no_output_can_hold_them() -> None:
    answer = read_answer(answered('{"a\\ud800":["\\udc00",{"b":"\\ud83d\\ude00"}]}'))
    assert answer.fields == (("a\ufffd", ["\ufffd", {"b": "\U0001f600"}]),)


@pytest.mark.parametrize("depth", [100, 500, 900, 1200, 5000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_named(depth: int, opening: str, closing: str) -> None:
    assert read_answer(answered('{"a":' + opening * depth + "1" + closing * depth + "}")).problem == "JSON that is nested too deeply"


def test_nesting_as_real_answers_have_it_is_read() -> None:
    assert not read_answer(answered('{"a":' + "[" * 40 + "]" * 40 + "}")).problem


def test_more_than_the_limit_is_not_read() -> None:
    assert read_answer(answered(b'{"a":"' + b"x" * SIZE_LIMIT + b'"}')).problem == f"an answer of {SIZE_LIMIT + 8} bytes, more than is read"


@pytest.mark.parametrize("names", [[f"a{index}" for index in range(100_000)], [f"a{index // 2}" for index in range(100_000)]])
def test_a_hundred_thousand_members_are_read_in_linear_time(names: list[str]) -> None:
    body = "{" + ",".join(f'"{name}":0' for name in names) + "}"
    began = time.process_time()
    answer = read_answer(answered(body))
    assert len(answer.fields) == 100_000
    assert len(answer.departures) <= 20
    assert time.process_time() - began < 3
