from __future__ import annotations

import pytest

from oauthctl.http import Request
from oauthctl.record.curl_command import read_command
from oauthctl.record.piece import Attempts


def request(text: str) -> Request:
    read = read_command(text, 0, Attempts())
    assert read is not None
    assert read[1] >= len(text)
    (piece,) = read[0]
    assert piece.request is not None
    return piece.request


COMMANDS = {
    "curl https://op.example/a": ("GET", "https://op.example/a", b""),
    "$ curl -s localhost:8080/a": ("GET", "http://localhost:8080/a", b""),
    "me@host:~/app$ curl -sSvXPOST https://op.example/a -o /dev/null": ("POST", "https://op.example/a", b""),
    "curl -d a=1 -d 'b=2 3' --url https://op.example/a": ("POST", "https://op.example/a", b"a=1&b=2 3"),
    "curl -G -d a=1 https://op.example/a?b=2": ("GET", "https://op.example/a?b=2&a=1", b""),
    "curl https://op.example/a --data-urlencode 'a=x y&z'": ("POST", "https://op.example/a", b"a=x%20y%26z"),
    'curl "https://op.example/a" -d "say=\\"hi\\""': ("POST", "https://op.example/a", b'say="hi"'),
    "curl https://op.example/a --data-raw $'a=\\u0021\\'\\n'": ("POST", "https://op.example/a", b"a=!'\n"),
    "curl https://op.example/a \\\n  -X PUT \\\n  --data=x": ("PUT", "https://op.example/a", b"x"),
    'curl ^"https://op.example/a?b=1^&c=2^" ^\n  --data-raw ^"a=\\^"1\\^"^&b=2^"': ("POST", "https://op.example/a?b=1&c=2", b'a="1"&b=2'),
    "curl https://op.example/a | jq .": ("GET", "https://op.example/a", b""),
    "curl -I https://op.example/a > out": ("HEAD", "https://op.example/a", b""),
    "curl --json '{\"a\":1}' https://op.example/a": ("POST", "https://op.example/a", b'{"a":1}'),
    'fetch("https://op.example/a")': ("GET", "https://op.example/a", b""),
    'await fetch("https://op.example/a", {\n  "method": "post",\n  "body": "a=1"\n});': ("POST", "https://op.example/a", b"a=1"),
}


@pytest.mark.parametrize("text", COMMANDS, ids=range(len(COMMANDS)))
def test_a_command_is_the_request_that_it_sends(text: str) -> None:
    read = request(text)
    assert (read.method, read.url, read.body) == COMMANDS[text]


def test_headers_credentials_and_cookies_are_those_that_curl_sends() -> None:
    read = request("curl https://op.example/a -H 'Accept: x' -u app:pw -b 'a=1' -d x=1 -H 'X-Empty;'")
    assert read.headers.get("accept") == "x"
    assert read.headers.get("authorization") == "Basic YXBwOnB3"
    assert read.headers.get("cookie") == "a=1"
    assert read.headers.get("content-type") == "application/x-www-form-urlencoded"
    assert request("curl https://op.example/a --oauth2-bearer abc").headers.get("authorization") == "Bearer abc"


@pytest.mark.parametrize("option", ["-d @body.txt", "--data-binary @-", "-F file=@x"])
def test_a_body_that_is_not_in_the_command_is_told_of(option: str) -> None:
    read = read_command(f"curl https://op.example/a {option}", 0, Attempts())
    assert read is not None
    (piece,) = read[0]
    assert piece.notes
    assert piece.request is not None
    assert (piece.request.method, piece.request.body) == ("POST", b"")


@pytest.mark.parametrize(
    "text", ["curl is a tool", "curly https://op.example", "use curl https://op.example", "fetch(url)", 'fetch({"a": 1})']
)
def test_a_sentence_is_no_command(text: str) -> None:
    assert read_command(text, 0, Attempts()) is None
