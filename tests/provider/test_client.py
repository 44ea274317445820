from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oauthctl.messages.token_exchange import JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE
from oauthctl.provider.client import Client, person, practice_clients, practice_users

NATIVE = Client("native", redirect_uris=("http://127.0.0.1/callback", "http://[::1]/callback", "https://app.example/cb"), is_native=True)
PIECES = [
    "http://",
    "https://",
    "127.0.0.1",
    "[::1]",
    "localhost",
    "evil.example",
    ":",
    "@",
    "/",
    "\\",
    "callback",
    "80",
    "#",
    "?",
    "%2f",
    ".",
    "\n",
    " ",
    "//",
]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@example("http://127.0.0.1\\@evil.example/callback")
@example("http://127.0.0.1:@evil.example/callback")
@example("http://127.0.0.1:80/callback\n")
def test_whatever_is_let_through_stays_on_this_machine_or_is_registered(uri: str) -> None:
    if NATIVE.may_redirect_to(uri) and uri not in NATIVE.redirect_uris:
        parts = urlsplit(uri)
        assert parts.hostname in ("127.0.0.1", "::1")
        assert (parts.scheme, parts.path, parts.query, parts.fragment) == ("http", "/callback", "", "")
        assert parts.username is None
        assert uri.isprintable()


@given(st.integers(1, 65535))
def test_any_port_of_a_registered_loopback_address_will_do(port: int) -> None:
    assert NATIVE.may_redirect_to(f"http://127.0.0.1:{port}/callback")
    assert NATIVE.may_redirect_to(f"http://[::1]:{port}/callback")
    assert not NATIVE.may_redirect_to(f"https://app.example:{port}/cb")
    assert not Client("web", redirect_uris=NATIVE.redirect_uris).may_redirect_to(f"http://127.0.0.1:{port}/callback")


@pytest.mark.parametrize("port", ["0", "00", "080", "0080", "65536", "99999", "+1", "1_0", "\uff11", "\u0661", "\u00b2", "", "1\uff11"])
def test_what_is_no_port_does_not_go_through(port: str) -> None:
    assert not NATIVE.may_redirect_to(f"http://127.0.0.1:{port}/callback")


@pytest.mark.parametrize(
    ("client", "methods"),
    [
        (Client("a"), ("none",)),
        (Client("a", secret="s"), ("client_secret_basic", "client_secret_post")),
        (Client("a", secret="s", auth_methods=("client_secret_post",)), ("client_secret_post",)),
    ],
)
def test_the_ways_to_authenticate_follow_from_the_secret(client: Client, methods: tuple[str, ...]) -> None:
    assert client.allowed_auth_methods == methods


def test_no_secret_is_never_the_right_one() -> None:
    assert not Client("a").has_secret("")
    assert Client("a", secret="s").has_secret("s")


def test_the_practice_set_has_one_client_for_each_way_to_work() -> None:
    clients = {client.id: client for client in practice_clients(secret="s")}
    assert [client.id for client in clients.values() if client.is_public] == ["public"]
    assert clients["service"].grant_types == ("client_credentials", TOKEN_EXCHANGE, JWT_BEARER, SAML2_BEARER)
    assert clients["api"].is_resource_server
    assert "s" not in [value for client in clients.values() for value in repr(client).split("'")]


def test_practice_users_have_their_name_as_password() -> None:
    assert [user.username for user in practice_users() if user.has_password(user.username)] == ["alice", "bob"]
    assert person("carol").claims["email"] == "carol@example.com"
    assert "family_name" not in person("carol").claims
