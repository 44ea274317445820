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


def answered(port: int, sent: bytes) -> bytes:
    """All that comes back until the server ends the connection; what it doesn't want to read any more is lost."""
    received = b""
    gone = contextlib.suppress(ConnectionResetError, BrokenPipeError)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, gone:
        connection.sendall(sent)
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


def test_bodies_and_requests_one_after_another_may_be_longer_than_a_head(port: int) -> None:
    body = b"y" * (2 * MAX_HEAD)
    first = CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    then = (POST + b"Content-Length: 2\r\n\r\nno") * 3000
    last = POST + b"Connection: close\r\nContent-Length: 3\r\n\r\nend"
    received = answered(port, first + then + last)
    assert received.count(b"HTTP/1.1 200 ") == 3002
    assert body in received
    assert received.endswith(b"end")
