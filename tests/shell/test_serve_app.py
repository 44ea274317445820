"""What is refused before a provider sees it, as it goes over the wire, and what of it the log tells."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

import pytest

from oauthctl.http import FORM, Headers, Request, Response
from oauthctl.jose.jwk import generate
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Event
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Server
from oauthctl.shell.serve_app import MAX_BODY, MAX_FIELDS, MAX_PARAMS
from oauthctl.shell.serve_refusals import NotTaken, Sparing

HOST = b"Host: localhost\r\n"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
BASIC = b"Authorization: Basic YTpi\r\n"


class Seen:
    """What a provider was asked, and what was told."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.events: list[Event] = []
        self.answered: list[tuple[str, int, datetime]] = []

    def handler(self, state: ProviderState, request: Request, _moment: Moment) -> tuple[ProviderState, Response]:
        self.requests.append(request)
        return state, Response(200, Headers(), b"yes")


@pytest.fixture(scope="module")
def keys() -> tuple[object, ...]:
    return (generate("ES256"),)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def port(seen: Seen, keys: tuple[object, ...]) -> Iterator[int]:
    def answered(request: Request, response: Response, at: datetime) -> None:
        seen.answered.append((request.path, response.status, at))

    make_state = partial(new_state, keys=keys)
    with Server(make_state, handler=seen.handler, clock=lambda: NOW, on_log=seen.events.append, on_answer=answered) as server:
        yield server.port


def said(port: int, sent: bytes) -> bytes:
    """What comes back until the server ends the connection; with nothing more to come from here."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    return received


def get(*fields: bytes, path: bytes = b"/", version: bytes = b"1.1") -> bytes:
    return b"GET %s HTTP/%s\r\n%sConnection: close\r\n\r\n" % (path, version, b"".join(fields))


def post(body: bytes, *, content_type: str = FORM) -> bytes:
    head = b"POST /token HTTP/1.1\r\n%sContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    return head % (HOST, content_type.encode(), len(body)) + body


@pytest.mark.parametrize(
    ("sent", "url"),
    [
        pytest.param(get(HOST, path=b"/jwks?x=http://evil.example/"), "http://localhost/jwks?x=http://evil.example/", id="path"),
        pytest.param(get(HOST, path=b"//evil.example/jwks"), "http://localhost//evil.example/jwks", id="path of two slashes"),
        pytest.param(get(b"Host: evil.example\r\n", path=b"http://localhost/jwks"), "http://localhost/jwks", id="another host in Host"),
        pytest.param(
            get(HOST, path=b"http://127.0.0.1:1?x=http://evil.example"), "http://127.0.0.1:1/?x=http://evil.example", id="no path"
        ),
    ],
)
def test_the_host_of_a_target_counts_before_that_of_the_field(port: int, seen: Seen, sent: bytes, url: str) -> None:
    """Source: RFC 9112 section 3.2.2."""
    assert said(port, sent).startswith(b"HTTP/1.1 200 ")
    assert [request.url for request in seen.requests] == [url]


def test_the_server_as_a_whole_says_what_it_takes(port: int, seen: Seen) -> None:
    """Source: RFC 9110 section 9.3.7."""
    received = said(port, get(HOST, path=b"*").replace(b"GET", b"OPTIONS"))
    assert received.startswith(b"HTTP/1.1 204 ")
    assert b"\r\nallow: GET, " in received.replace(b"Allow", b"allow")
    assert not seen.requests


REVOKE = b"POST /revoke HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = REVOKE + b"Transfer-Encoding: chunked\r\n\r\n9\r\ntoken=abc\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(REVOKE + b"Content-Length: 5000\r\n\r\ntoken=abc", id="shorter than it says"),
        pytest.param(CHUNKED, id="last chunk missing"),
        pytest.param(CHUNKED + b"zzz\r\n", id="bad chunk"),
        pytest.param(REVOKE + b"Content-Length: 9\r\n\r\n", id="no body at all"),
    ],
)
def test_a_request_that_did_not_come_whole_is_not_carried_out(port: int, seen: Seen, sent: bytes) -> None:
    assert b" 200 " not in said(port, sent)
    assert b" 200 " in said(port, post(b"a=1"))
    assert [request.path for request in seen.requests] == ["/token"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(get(HOST, HOST), 400, id="two hosts"),
        pytest.param(get(), 400, id="no host"),
        pytest.param(get(version=b"1.0"), 421, id="no host where none has to be"),
        pytest.param(get(b"Host: evil@127.0.0.1\r\n"), 400, id="user info"),
        pytest.param(get(b"Host: 127.0.0.1#.evil.example\r\n"), 400, id="fragment"),
        pytest.param(get(b"Host: 127.0.0.1/[x\r\n"), 400, id="path"),
        pytest.param(get(b"Host: 127.0.0.1?x\r\n"), 400, id="query"),
        pytest.param(get(b"Host: [::1\r\n"), 400, id="open bracket"),
        pytest.param(get(b"Host: 127.0.0.1:99999\r\n"), 400, id="port out of range"),
        pytest.param(get(b"Host: 127.0.0.1:x\r\n"), 400, id="port that is none"),
        pytest.param(get(b"Host: evil.example\r\n"), 421, id="another host"),
        pytest.param(get(HOST, path=b"http://evil.example/jwks"), 421, id="another host in the target"),
        pytest.param(get(HOST, path=b"HTTP://evil.example"), 421, id="another host in a target without a path"),
        pytest.param(get(HOST, path=b"http://a@localhost/"), 400, id="user info in the target"),
        pytest.param(get(HOST, path=b"http:///jwks"), 400, id="a target without a host"),
        pytest.param(get(b"", path=b"http://localhost/jwks"), 400, id="a target with a host and no Host"),
        pytest.param(get(HOST, path=b"*"), 400, id="the server as a whole"),
        pytest.param(get(HOST, BASIC, BASIC), 400, id="two proofs of who asks"),
        pytest.param(get(HOST, b"X: 1\r\n" * MAX_FIELDS), 431, id="many fields"),
        pytest.param(get(HOST, path=b"/?" + b"a&" * MAX_PARAMS), 400, id="many parameters in the query"),
        pytest.param(post(b"a=1&" * MAX_PARAMS), 400, id="many parameters in the body"),
        pytest.param(post(b"a" * (MAX_BODY + 1)), 413, id="large body"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", 400, id="TLS"),
    ],
)
def test_what_is_refused_is_told_once(port: int, seen: Seen, sent: bytes, status: int) -> None:
    """Source: RFC 9112 section 3.2 for `Host`; RFC 9110 section 5.3 for fields that come twice."""
    received = said(port, sent)
    assert received.startswith(b"HTTP/1.1 %d " % status)
    assert not seen.requests
    [event] = seen.events
    assert (event.endpoint, event.error) == ("http", f"{status} {HTTPStatus(status).phrase}")
    assert json.loads(received.partition(b"\r\n\r\n")[2]) == {"error": "invalid_request", "error_description": event.reason}
    assert (b"access-control-allow-origin: *" in received.lower()) is (status != 421)


@pytest.mark.parametrize("host", [b"localhost", b"LOCALHOST:80", b"127.0.0.1", b"[::1]:9000"])
def test_this_machine_is_a_host(port: int, host: bytes) -> None:
    assert said(port, get(b"Host: %s\r\n" % host)).startswith(b"HTTP/1.1 200 ")


def test_json_may_have_as_many_ampersands_as_it_likes(port: int) -> None:
    assert said(port, post(b'{"a": "%s"}' % (b"&" * MAX_PARAMS), content_type="application/json")).startswith(b"HTTP/1.1 200 ")


def test_head_has_the_head_of_get_and_nothing_else(keys: tuple[object, ...]) -> None:
    with Server(partial(new_state, keys=keys), clock=lambda: NOW) as server:
        head, got = (said(server.port, get(HOST, path=b"/jwks").replace(b"GET", method)) for method in (b"HEAD", b"GET"))
    assert head == got.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def test_who_ends_with_the_request_still_gets_the_answer(keys: tuple[object, ...]) -> None:
    with Server(partial(new_state, keys=keys), latency_seconds=0.01) as server:
        assert said(server.port, get(HOST, path=b"/jwks").replace(b"Connection: close\r\n", b"")).startswith(b"HTTP/1.1 200 ")


def test_answers_are_told_to_who_wants_to_know_of_all(port: int, seen: Seen) -> None:
    said(port, get(HOST, path=b"/jwks?token=hush"))
    assert seen.answered == [("/jwks", 200, NOW)]


def test_a_refusal_names_the_request_without_what_may_be_secret(port: int, seen: Seen) -> None:
    said(port, get(b"Host: evil.example\r\n", path=b"/token?code=hush"))
    [event] = seen.events
    assert (event.who, event.reason) == ("GET /token", "this server does not answer for the host evil.example")


def test_many_refusals_are_counted_and_not_told() -> None:
    now = 0.0
    sparing = Sparing(lambda: now)
    assert [sparing.count(HTTPStatus.BAD_REQUEST) for _ in range(12)] == [1] * 5 + [0] * 7
    assert sparing.count(HTTPStatus.MISDIRECTED_REQUEST) == 1
    now += 60
    assert [sparing.count(HTTPStatus.BAD_REQUEST) for _ in range(2)] == [8, 1]


def test_an_overload_is_temporary() -> None:
    answer = NotTaken(HTTPStatus.SERVICE_UNAVAILABLE, "too many").response
    assert json.loads(answer.body)["error"] == "temporarily_unavailable"
