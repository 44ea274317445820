from __future__ import annotations

import pytest

from oauthctl.record.curl_output import BODY_UNSEEN, URL_UNSEEN, read_curl_output
from oauthctl.record.piece import UNSEEN, Attempts, Piece

TLS = (
    "* Connected to op.example (192.0.2.1) port 443 (#0)\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n* SSL certificate verify ok.\n"
)
METER = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload\n"
    "  0     0    0     0\n"
)


def pieces(text: str) -> tuple[Piece, ...]:
    read = read_curl_output(text, 0, Attempts())
    assert read is not None
    return read[0]


def test_a_request_and_its_answer_are_one_exchange() -> None:
    (piece,) = pieces(
        f"*   Trying 192.0.2.1:443...\n{METER}{TLS}> POST /token HTTP/2\n> Host: op.example\n> Accept: */*\n> \n}} [29 bytes data]\n"
        "< HTTP/2 400 \n< content-type: application/json\n< \n{ [20 bytes data]\n100    29    0     0  100    29\n"
        '{"error":"x"}* Connection #0 to host op.example left intact\n'
    )
    assert piece.request is not None
    assert (piece.request.method, piece.request.url) == ("POST", "https://op.example/token")
    assert piece.request.headers.get("accept") == "*/*"
    assert piece.response is not None
    assert (piece.response.status, piece.response.body, piece.failure) == (400, b'{"error":"x"}', "")
    assert piece.notes == (BODY_UNSEEN,)


def test_each_redirect_is_an_exchange_of_its_own() -> None:
    found = pieces(
        "> GET /a HTTP/1.1\n> Host: op.example\n>\n< HTTP/1.1 301 Moved\n< Location: /b\n<\n"
        "* Connection #0 to host op.example left intact\n"
        "* Issue another request to this URL: 'https://op.example/b'\n> GET /b HTTP/1.1\n> Host: op.example\n>\n"
        "< HTTP/1.1 200 OK\n<\n<html></html>\n"
    )
    assert [(piece.request or UNSEEN).url for piece in found] == ["https://op.example/a", "https://op.example/b"]
    assert [piece.response.status if piece.response else 0 for piece in found] == [301, 200]


def test_an_interim_answer_and_a_tunnel_are_not_the_answer() -> None:
    (piece,) = pieces(
        "* Establish HTTP proxy tunnel to op.example:443\n> CONNECT op.example:443 HTTP/1.1\n> Host: op.example:443\n>\n"
        "< HTTP/1.1 200 Connection established\n<\n> PUT /a HTTP/1.1\n> Host: op.example\n>\n"
        "< HTTP/1.1 100 Continue\n<\n< HTTP/1.1 403 Forbidden\n<\n"
    )
    assert piece.response is not None
    assert piece.response.status == 403


FAILURES = {
    "curl: (6) Could not resolve host: op.exampel": ("http://op.exampel/", "Could not resolve host"),
    "curl: (7) Failed to connect to localhost port 9999 after 0 ms: Connection refused": ("http://localhost:9999/", "Connection refused"),
    "curl: (28) Connection timed out after 5001 milliseconds": ("", "timed out"),
    "* connect to 192.0.2.1 port 443 failed: Connection refused": ("https://192.0.2.1/", "refused"),
    f"{TLS}* SSL certificate problem: self-signed certificate\n": ("https://op.example/", "self-signed certificate"),
    "* Host op.example:443 was resolved.\n* OpenSSL/3.0: error:0A000126:SSL routines::unexpected eof\n": (
        "https://op.example/",
        "unexpected eof",
    ),
    "curl: (60) SSL: no alternative certificate subject name matches target host name 'op.example'": (
        "https://op.example/",
        "no alternative",
    ),
}


@pytest.mark.parametrize("text", FAILURES, ids=range(len(FAILURES)))
def test_a_connection_that_came_to_nothing_is_a_failure(text: str) -> None:
    (piece,) = pieces(text)
    url, words = FAILURES[text]
    assert (piece.request or UNSEEN).url == url
    assert words in piece.failure
    assert piece.response is None
    assert piece.notes == ((URL_UNSEEN,) if url else ())


def test_an_empty_reply_fails_the_request_that_was_sent() -> None:
    (piece,) = pieces("> GET /a HTTP/1.1\n> Host: localhost:9\n>\n* Empty reply from server\ncurl: (52) Empty reply from server\n")
    assert piece.request is not None
    assert piece.request.url == "http://localhost:9/a"
    assert "(52)" in piece.failure


@pytest.mark.parametrize("behind", ["$ curl https://b.example", "https://b.example/cb?code=x&state=y", "HTTP/1.1 200 OK"])
def test_what_is_no_output_ends_it(behind: str) -> None:
    output = "> GET /a HTTP/1.1\n> Host: a.example\n>\n< HTTP/1.1 200 OK\n<\n{}\n"
    read = read_curl_output(output + behind, 0, Attempts())
    assert read is not None
    assert read[1] == len(output)


@pytest.mark.parametrize("text", ["* an item of a list", "> quoted words", "< less", "curl: it is a tool"])
def test_marks_alone_are_no_output(text: str) -> None:
    assert read_curl_output(text, 0, Attempts()) is None
