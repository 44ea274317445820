"""Fetching what clients say of themselves: what is asked, and how much is read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from oauthctl.http import Request
from oauthctl.provider.client import practice_users
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.client_requests import BYTES, fetch_document, send_to_client
from oauthctl.shell.serve import Server
from tests.provider.world import CALLBACK, keys

site_paths: list[str] = []


class Site(BaseHTTPRequestHandler):
    """A client's web site."""

    def do_GET(self) -> None:
        site_paths.append(self.path)
        url = f"http://{self.headers['Host']}{self.path}"
        found = {"client_id": url, "client_name": "App", "redirect_uris": [CALLBACK]}
        body = b" " * (BYTES + 1) if self.path == "/long" else json.dumps(found).encode()
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/client.json")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_on_this_machine_is_fetched_from_where_that_is_allowed(site: str) -> None:
    answer = fetch_document(f"{site}/client.json", local={site})
    assert answer is not None
    assert json.loads(answer.body)["client_name"] == "App"
    elsewhere = f"{site[:-1]}{(int(site[-1]) + 1) % 10}"
    for local in (set(), {elsewhere}, {site.replace("http:", "https:")}, {"http://127.0.0.1"}):
        assert fetch_document(f"{site}/client.json", local=local) is None


def test_a_redirect_is_not_followed(site: str) -> None:
    answer = fetch_document(f"{site}/moved", local={site})
    assert answer is not None
    assert answer.status == 302


def test_nothing_is_sent_to_an_address_that_is_not_public() -> None:
    assert send_to_client(Request("POST", "http://192.168.1.1/ciba", body=b"{}")) is None


def test_too_much_is_nothing(site: str) -> None:
    assert fetch_document(f"{site}/long", local={site}) is None


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "0.0.0.0",
        "127.0.0.1",
        "localhost",
        "app.localhost",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::1]",
    ],
)
def test_addresses_that_are_not_public_are_not_asked(host: str) -> None:
    assert fetch_document(f"https://{host}/client.json") is None
    assert fetch_document(f"http://{host}/client.json") is None


def test_a_public_address_is_not_asked_without_tls() -> None:
    assert fetch_document("http://93.184.216.34/client.json") is None


def practice(issuer: str, **changes: Any) -> ProviderState:
    return replace(new_state(issuer, users=practice_users(), keys=keys()), **changes)


def test_a_page_can_not_make_the_server_look_around_on_its_machine(site: str) -> None:
    before = list(site_paths)
    with Server(practice) as server:
        with httpx.Client(base_url=server.issuer, trust_env=False) as browser:
            answer = browser.get("/authorize", params={"client_id": f"{site}/client.json"})
        reasons = [event.reason for event in server.state.log]
    assert answer.status_code == 400
    assert "on this machine" in reasons[0]
    assert site_paths == before


def test_the_server_learns_a_client_before_it_answers(site: str) -> None:
    url = f"{site}/client.json"
    query = {
        "response_type": "code",
        "client_id": url,
        "redirect_uri": CALLBACK,
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    with Server(lambda issuer: practice(issuer, local_origins=frozenset((site,)))) as server:
        with httpx.Client(base_url=server.issuer, trust_env=False) as browser:
            page = browser.get("/authorize", params=query)
            unknown = browser.get("/authorize", params={**query, "client_id": f"{site}/moved"})
        assert server.state.clients[url].name == "App"
        reasons = [event.reason for event in server.state.log]
    assert (page.status_code, "App" in page.text) == (200, True)
    assert unknown.status_code == 400
    assert reasons[:2] == [
        "read what the client says of itself",
        "the document's answer is not 200 application/json (it is asked again after 10 seconds), but 302 application/json",
    ]
