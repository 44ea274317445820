from __future__ import annotations

import shutil
import subprocess

import pytest

from oauthctl.http import FORM, Headers, Params, Request, form_request, get_request
from oauthctl.record.exchange import Exchange
from oauthctl.views.curl import curl_command
from tests.record.played import CLIENT_SECRET, SECRETS, SIGNATURES, played

BEARER = Headers((("Authorization", "Bearer 2YotnFZFEjr1zCsicMWpAA"),))


def arguments(command: str) -> list[str]:
    """What a POSIX shell makes of the command: the arguments that curl would get."""
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("there is no POSIX shell here")
    script = 'curl() { printf "%s\\0" "$@"; }\n' + command
    return subprocess.run([shell, "-c", script], capture_output=True, check=True, text=True).stdout.split("\0")[:-1]


def test_a_call_reads_so() -> None:
    assert curl_command(get_request("https://api.example/items?page=2", headers=BEARER)) == (
        "curl 'https://api.example/items?page=2' \\\n  -H 'Accept: application/json' \\\n  -H 'Authorization: Bearer 2Yo…AA'"
    )


def test_the_token_is_shown_when_asked_for() -> None:
    assert "Bearer 2YotnFZFEjr1zCsicMWpAA" in curl_command(get_request("https://api.example/", headers=BEARER), show_secrets=True)


@pytest.mark.parametrize("exchange", played().exchanges, ids=lambda exchange: str(exchange.id))
def test_no_secret_is_in_the_command(exchange: Exchange) -> None:
    command = curl_command(exchange.request)
    assert [secret for secret in (*SECRETS, *SIGNATURES) if secret in command] == []


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request("GET", "https://a.example/?q='$(id)`id`\"\\&x=1"), ["https://a.example/?q='$(id)`id`\"\\&x=1"]),
        (Request("DELETE", "https://a.example/"), ["-X", "DELETE", "https://a.example/"]),
        (Request("HEAD", "https://a.example/"), ["--head", "https://a.example/"]),
        (Request("GET; id", "https://a.example/"), ["-X", "GET; id", "https://a.example/"]),
        (Request("GET", "https://a.example/{a}[1-9]"), ["--globoff", "https://a.example/{a}[1-9]"]),
        (Request("GET", "-o/etc/passwd"), ["--url", "-o/etc/passwd"]),
        (
            Request("GET", "https://a.example/", Headers((("X-Empty", ""), ("X", "a'b\nc")))),
            ["https://a.example/", "-H", "X-Empty;", "-H", "X: a'b\nc"],
        ),
        (
            Request("POST", "https://a.example/", Headers((("Content-Type", "text/plain"),)), b"@/etc/passwd\n'$HOME'"),
            ["https://a.example/", "-H", "Content-Type: text/plain", "--data-raw", "@/etc/passwd\n'$HOME'"],
        ),
        (Request("PUT", "https://a.example/", body=b"x"), ["-X", "PUT", "https://a.example/", "-H", "Content-Type:", "--data-raw", "x"]),
    ],
    ids=lambda value: value.method if isinstance(value, Request) else "",
)
def test_the_shell_gives_curl_exactly_what_was_sent(request_: Request, expected: list[str]) -> None:
    assert arguments(curl_command(request_, show_secrets=True)) == expected


def test_binary_bodies_go_through_a_pipe() -> None:
    command = curl_command(Request("POST", "https://a.example/", Headers((("Content-Type", "image/png"),)), b"\x89PNG\x00"))
    assert command.startswith("printf %s iVBORwA= | base64 -d | curl https://a.example/ ")
    assert command.endswith("--data-binary @-")


def test_forms_keep_all_but_the_secrets() -> None:
    request = form_request("https://op.example/token", Params((("grant_type", "password"), ("client_secret", CLIENT_SECRET))))
    assert f"-H 'Content-Type: {FORM}'" in curl_command(request)
    assert "--data-raw 'grant_type=password&client_secret=7Fj…%2B%C3%BC'" in curl_command(request)
