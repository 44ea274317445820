"""Clients of others that the practice provider knows by the URL of their metadata, which it fetches over TLS."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from oauthctl.http import Response, get_request
from oauthctl.shell.client_requests import BYTES
from oauthctl.shell.transport import Transport
from tests.cli.spoiled import Provider, providing
from tests.interop.test_provider_clients import REDIRECT_URI, by_node, by_python
from tests.shell.servers import certificates, read_request, serving

pytestmark = pytest.mark.xdist_group("foreign")
PATH = "/client.json"


@dataclass
class Site:
    """A client's web site, whose certificate an authority of its own has signed."""

    url: str = ""
    ca_file: str = ""
    asked: list[str] = field(default_factory=list)

    def talk(self, sock: socket.socket) -> None:
        while request := read_request(sock):
            self.asked.append(request.split(b" ", 2)[1].decode())
            members: dict[str, Any] = {"client_id": self.url, "client_name": "Foreign app", "redirect_uris": [REDIRECT_URI]}
            members |= {"grant_types": ["authorization_code", "refresh_token"], "post_logout_redirect_uris": [REDIRECT_URI]}
            body = json.dumps(members).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            sock.sendall(head.encode() + body)

    def fetch(self, url: str) -> Response:
        """As the provider fetches, but for whom it trusts, and that this machine may be asked."""
        transport = Transport(ca_file=self.ca_file, body_limit=BYTES)
        try:
            return transport.send(get_request(url), timeout_seconds=5)[0]
        finally:
            transport.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = certificates(tmp_path_factory.mktemp("site"))
    one = Site(ca_file=made.ca_file)
    with serving(one.talk, tls=made.server) as server:
        one.url = f"https://127.0.0.1:{server.port}{PATH}"
        yield one


@pytest.fixture
def provider(site: Site) -> Iterator[Provider]:
    site.asked.clear()
    with providing(fetch=site.fetch) as running:
        yield running


def test_the_mcp_client_is_known_by_the_url_of_its_metadata(provider: Provider, site: Site) -> None:
    result = by_python("mcp", "mcp_client.py", provider, "code", method="none", client_metadata_url=site.url)
    assert (result["first"]["for"], result["client_id"], result["second"]) == ("alice", site.url, 200)
    assert site.asked == [PATH]
    assert not provider.server.state.registrations


def test_openid_client_is_known_by_the_url_of_its_metadata(provider: Provider, site: Site) -> None:
    result = by_node("openid_client.mjs", provider, "code", client_id=site.url)
    assert (result["sub"], result["items"], result["farewell"]) == ("alice", 200, "bye")
    assert site.asked == [PATH]
