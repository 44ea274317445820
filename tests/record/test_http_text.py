from __future__ import annotations

import pytest

from oauthctl.http import Request, Response
from oauthctl.record.http_text import read_http, url_of
from oauthctl.record.piece import UNSEEN, Attempts, Piece


def messages(text: str) -> list[Piece]:
    """All messages of a text that holds nothing else."""
    found: list[Piece] = []
    at = 0
    while at < len(text):
        read = read_http(text, at, Attempts())
        if read is None:
            at += 1
            continue
        found += read[0]
        at = read[1]
    return found


def response(text: str) -> Response:
    (piece,) = messages(text)
    assert piece.request == UNSEEN
    assert piece.response is not None
    return piece.response


def request(text: str) -> Request:
    (piece,) = messages(text)
    assert piece.request is not None
    assert piece.response is None
    return piece.request


RESPONSES = {
    "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer\n\n": (401, "HTTP/1.1", "Unauthorized", b""),
    "HTTP/2 400 \ncontent-type: application/json\n\n{}": (400, "HTTP/2", "", b"{}"),
    '  HTTP/1.0 200 OK\n  A: b\n\n  {"a":\n 1}\nthat was it': (200, "HTTP/1.0", "OK", b'{"a":\n 1}'),
    'HTTP/1.1 400 Bad Request\nA: b\n{"error":"x"}': (400, "HTTP/1.1", "Bad Request", b'{"error":"x"}'),
    "HTTP/1.1 200 OK\n\naccess_token=a&scope=\n\nwhat next?": (200, "HTTP/1.1", "OK", b"access_token=a&scope="),
    "HTTP/1.1 200 OK\nContent-Length: 0\n\nwhat next?": (200, "HTTP/1.1", "OK", b""),
    "HTTP/1.1 204 No Content\n\nwhat next?": (204, "HTTP/1.1", "No Content", b""),
    "HTTP/1.1 200 OK\n\n<html><p>hi</p></html>\nwhat next?": (200, "HTTP/1.1", "OK", b"<html><p>hi</p></html>"),
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\n{"a"\n3\n:1}\n0\n\n': (200, "HTTP/1.1", "OK", b'{"a":1}'),
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nabcd\nfff": (200, "HTTP/1.1", "OK", b"abcd"),
    "HTTP/1.1 100 Continue\n\nHTTP/1.1 403 Forbidden\n\n": (403, "HTTP/1.1", "Forbidden", b""),
    "HTTP/1.1 200 Connection established\n\nHTTP/1.1 403 Forbidden\n\n": (403, "HTTP/1.1", "Forbidden", b""),
}


@pytest.mark.parametrize("text", RESPONSES, ids=range(len(RESPONSES)))
def test_a_response_is_read_as_it_stands(text: str) -> None:
    read = response(text)
    assert (read.status, read.http_version, read.reason, read.body) == RESPONSES[text]


def test_headers_keep_their_order_their_case_and_their_doubles() -> None:
    read = response('HTTP/1.1 401 Unauthorized\nSet-Cookie: a=1\nset-cookie: b=2\nWWW-Authenticate: Bearer\n  error="x"\nX-Empty:\nD:1\n\n')
    assert read.headers.pairs == (
        ("Set-Cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("WWW-Authenticate", 'Bearer error="x"'),
        ("X-Empty", ""),
        ("D", "1"),
    )


REQUESTS = {
    "GET /userinfo HTTP/1.1\nHost: op.example\n\n": ("GET", "https://op.example/userinfo", b""),
    "GET http://op.example/a?b=c HTTP/1.1\nHost: proxy\n\n": ("GET", "http://op.example/a?b=c", b""),
    "GET https://api.example/items\nAuthorization: Bearer x\n": ("GET", "https://api.example/items", b""),
    "POST /token HTTP/1.1\nHost: localhost:8080\n\ngrant_type=x&code=y\n\nmore": (
        "POST",
        "http://localhost:8080/token",
        b"grant_type=x&code=y",
    ),
    "POST /token HTTP/2\n:authority: op.example\n:scheme: https\n\n": ("POST", "https://op.example/token", b""),
    "POST /token HTTP/1.1\n\ncode=y": ("POST", "/token", b"code=y"),
    "GET / HTTP/1.1\nHost: [::1\n\n": ("GET", "https://[::1/", b""),
}


@pytest.mark.parametrize("text", REQUESTS, ids=range(len(REQUESTS)))
def test_a_request_is_read_as_it_stands(text: str) -> None:
    read = request(text)
    assert (read.method, read.url, read.body) == REQUESTS[text]


def test_messages_in_a_row_are_told_apart() -> None:
    text = (
        'POST /token HTTP/1.1\nHost: op.example\n\ngrant_type=a\n\n\nHTTP/1.1 400 Bad Request\n\n{"error":"x"}\n'
        "GET /me HTTP/1.1\nHost: op.example\n\nHTTP/1.1 401 Unauthorized\n\n"
    )
    found = messages(text)
    assert [(piece.request or UNSEEN).method for piece in found] == ["POST", "", "GET", ""]
    assert [piece.response.status if piece.response else 0 for piece in found] == [0, 400, 0, 401]


@pytest.mark.parametrize("text", ["GET to know us", "HTTP is fine", "GET /a", "HTTP/1.1 4000 x", "POST it HTTP"])
def test_a_sentence_is_no_message(text: str) -> None:
    assert read_http(text, 0, Attempts()) is None


def test_the_seen_scheme_is_kept() -> None:
    read = request("GET /a HTTP/1.1\nHost: op.example\n\n")
    assert url_of("/a", read.headers, scheme="http") == "http://op.example/a"
