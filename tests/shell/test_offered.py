"""What a server is to fetch from us, handed out on this machine alone."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from oauthctl.errors import ConfigError
from oauthctl.flows.steps import Offer
from oauthctl.shell.offered import OfferListener
from tests.interop.processes import free_ports

TYPE = "application/oauth-authz-req+jwt"


@pytest.fixture
def listener() -> Iterator[OfferListener]:
    listener = OfferListener()
    listener.open()
    yield listener
    listener.close()


def ask(method: str, url: str, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=5) as client:
        return client.request(method, url, headers=headers)


def test_it_hands_out_what_is_offered_and_tells_who_came(listener: OfferListener) -> None:
    assert ask("GET", listener.uri).status_code == 404
    listener.offer(Offer(listener.uri, TYPE, b"a.b.c"))
    answer = ask("GET", listener.uri)
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, TYPE, "a.b.c")
    assert answer.headers["cache-control"] == "no-store"
    assert [(request.method, response.status) for request, response in listener.fetched()] == [("GET", 404), ("GET", 200)]
    assert listener.fetched() == ()


@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [("HEAD", "", "", 200), ("POST", "", "", 405), ("GET", "/other", "", 404), ("GET", "", "evil.example", 421)],
)
def test_everything_else_gets_nothing(listener: OfferListener, method: str, path: str, host: str, status: int) -> None:
    listener.offer(Offer(listener.uri, TYPE, b"a.b.c"))
    answer = ask(method, listener.uri + path, **({"Host": host} if host else {}))
    assert (answer.status_code, answer.content) == (status, b"")


def test_behind_a_tunnel_it_answers_to_the_name_of_the_tunnel() -> None:
    port = free_ports(1)
    listener = OfferListener("https://tunnel.example/there/r.jwt", port=port)
    assert listener.open() == "https://tunnel.example/there/r.jwt"
    try:
        listener.offer(Offer(listener.uri, TYPE, b"a.b.c"))
        assert ask("GET", f"http://127.0.0.1:{port}/there/r.jwt", Host="tunnel.example").text == "a.b.c"
        assert ask("GET", f"http://127.0.0.1:{port}/there/r.jwt", Host="other.example").status_code == 421
    finally:
        listener.close()


def test_nothing_listens_when_it_is_over(listener: OfferListener) -> None:
    listener.close()
    with pytest.raises(httpx.ConnectError):
        ask("GET", listener.uri)


@pytest.mark.parametrize("uri", ["http://app.example/r", "https://app.example/r", "http://127.0.0.1:1/r#x", "nonsense"])
def test_where_nobody_of_ours_can_be_is_said(uri: str) -> None:
    with pytest.raises(ConfigError):
        OfferListener(uri).open()
