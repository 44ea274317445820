"""What of an answer is gone once it is unpacked or redacted."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from oauthctl.http import Headers, Request, Response
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.record.facts.answer import answer_facts

PACKED = gzip.compress(b'{"access_token": "2YotnFZFEjr1zCsicMWpAA"}', mtime=0)


def _facts(headers: dict[str, str], body: bytes = b"") -> dict[str, object]:
    request = Request("GET", "https://idp.example.com/token")
    response = Response(200, Headers.of(headers), body)
    exchange = Exchange(1, "", Channel.WIRE, request, datetime(2026, 11, 2, tzinfo=UTC), response=response)
    return answer_facts(Recording((exchange,))).get(1, {})


@pytest.mark.parametrize(
    ("coding", "body", "flaw"),
    [
        ("gzip", PACKED[:30], "cut-off"),
        ("gzip", PACKED[:10] + b"\xff" * 20, "damaged"),
        ("", PACKED, "unlabelled"),
        ("gzip", b'{"already": "unpacked"}', None),
        ("", b'{"plain": true}', None),
    ],
)
def test_a_body_tells_what_is_wrong_with_its_coding(coding: str, body: bytes, flaw: str | None) -> None:
    headers = {"Content-Encoding": coding} if coding else {}
    assert _facts(headers, body).get("coding_flaw") == flaw


@pytest.mark.parametrize(
    ("headers", "body", "missing"),
    [
        ({"Content-Length": "20"}, b"ten octets", 10),
        ({"Content-Length": "10"}, b"ten octets", None),
        ({"Content-Length": "20"}, b"", None),
        ({"Content-Length": "20", "Content-Encoding": "gzip"}, b"ten octets", None),
    ],
)
def test_a_body_is_shorter_than_announced(headers: dict[str, str], body: bytes, missing: int | None) -> None:
    assert _facts(headers, body).get("octets_missing") == missing


def test_a_cookie_is_larger_than_browsers_keep() -> None:
    assert _facts({"Set-Cookie": f"session={'x' * 4089}; Path=/"}) == {"large_cookies": {"session": 4097}}
    assert _facts({"Set-Cookie": f"session={'x' * 4088}; Path=/; HttpOnly"}) == {}


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (b'{"device_code": 5, "user_code": ["a"], "request_uri": true, "auth_req_id": {}}', ["number", "array", "boolean", "object"]),
        (b'{"access_token": -1}', ["number"]),
        (b'{"access_token": "5", "device_code": null, "expires_in": 5}', []),
        (b"access_token=5", []),
    ],
)
def test_a_secret_that_is_no_string_is_told_by_its_kind(body: bytes, kinds: list[str]) -> None:
    """Redacted, it is a string like all others."""
    told = _facts({}, body).get("no_strings", {})
    assert isinstance(told, dict)
    assert list(told.values()) == kinds
