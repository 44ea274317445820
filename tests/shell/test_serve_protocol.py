"""What a connection takes: requests, and nothing without an end."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from oauthctl.http import Headers, Request, Response
from oauthctl.jose.jwk import generate
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Server
from oauthctl.shell.serve_connection import MAX_HEAD

POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
MUCH = 8 * MAX_HEAD


def echo(state: ProviderState, request: Request, _moment: Moment) -> tuple[ProviderState, Response]:
    return state, Response(200, Headers(), request.body)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    keys = (generate("ES256"),)
    with Server(lambda issuer: new_state(issuer, keys=keys), handler=echo) as server:
        yield server.port


def answered(port: int, sent: bytes, *, is_ended: bool = False) -> bytes:
    """All that comes back until the server ends the connection; what it doesn't want to read any more is lost."""
    received = b""
    gone = contextlib.suppress(ConnectionResetError, BrokenPipeError)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, gone:
        connection.sendall(sent)
        if is_ended:
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    return received


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /" + b"x" * MUCH, id="request line"),
        pytest.param(POST + b"X: " + b"x" * MUCH, id="header"),
        pytest.param(POST + b"X: 1\r\n" * (MUCH // 6), id="headers"),
        pytest.param(CHUNKED + b"1;" + b"x" * MUCH, id="chunk extension"),
        pytest.param(CHUNKED + b"0\r\nX: " + b"x" * MUCH, id="trailer"),
        pytest.param(CHUNKED + b"0\r\n" + b"X: 1\r\n" * (MUCH // 6), id="trailers"),
    ],
)
def test_what_has_no_end_is_cut_off(port: int, sent: bytes) -> None:
    assert b" 200 " not in answered(port, sent)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="two lengths"),
        pytest.param(POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456", id="two numbers"),
        pytest.param(POST + b"Content-Length: +5\r\n\r\n12345", id="no number"),
        pytest.param(POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", id="not chunked last"),
        pytest.param(POST + b"X : 1\r\n\r\n", id="blank before the colon"),
        pytest.param(POST + b"X: 1\r\n folded\r\n\r\n", id="folded line"),
        pytest.param(POST + b"X: 1\x00\r\n\r\n", id="control character"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\rX: 1\r\n\r\n", id="bare CR"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="TLS"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(port: int, sent: bytes) -> None:
    """Source: RFC 9112 sections 5.1, 5.2, 6.1 and 6.3."""
    assert answered(port, sent).startswith(b"HTTP/1.1 400 ")


WHOLE = [POST + b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in (b"one", b"second", b"the third")]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("is_ended", [False, True], ids=["open", "ended"])
@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(b"GARBAGE\r\n\r\n", id="no request line"),
        pytest.param(POST + b"X : 1\r\n\r\n", id="bad header"),
        pytest.param(CHUNKED + b"zz\r\n", id="bad chunk"),
        pytest.param(CHUNKED + b"1\r\nx\r\nzz\r\n", id="bad chunk after a good one"),
    ],
)
def test_whole_requests_are_answered_before_what_comes_behind_them_is_refused(port: int, count: int, is_ended: bool, behind: bytes) -> None:
    """Source: RFC 9112 section 9.3.2."""
    received = answered(port, b"".join(WHOLE[:count]) + behind, is_ended=is_ended)
    statuses = [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200"] * count + [b"400"]
    assert [body for body in (b"one", b"second", b"the third") if b"\r\n\r\n" + body in received] == [b"one", b"second", b"the third"][
        :count
    ]


def test_nothing_that_comes_behind_what_is_refused_is_answered(port: int) -> None:
    received = answered(port, WHOLE[0] + b"GARBAGE\r\n\r\n" + WHOLE[1])
    assert received.count(b"HTTP/1.1 ") == 2
    assert b"second" not in received


def test_what_comes_behind_the_last_request_of_a_connection_is_nothing(port: int) -> None:
    received = answered(port, POST + b"Connection: close\r\nContent-Length: 2\r\n\r\nhiGARBAGE\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.endswith(b"hi")


def test_bodies_and_requests_one_after_another_may_be_longer_than_a_head(port: int) -> None:
    body = b"y" * (2 * MAX_HEAD)
    first = CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    then = (POST + b"Content-Length: 2\r\n\r\nno") * 3000
    last = POST + b"Connection: close\r\nContent-Length: 3\r\n\r\nend"
    received = answered(port, first + then + last)
    assert received.count(b"HTTP/1.1 200 ") == 3002
    assert body in received
    assert received.endswith(b"end")
