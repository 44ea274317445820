from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.http import is_loopback
from oauthctl.shell.redirect_uri import can_listen, read_redirect_uri


@pytest.mark.parametrize(
    ("text", "addresses", "at_9"),
    [
        ("http://127.0.0.1/callback", ("127.0.0.1",), "http://127.0.0.1:9/callback"),
        ("http://127.0.0.1:0/callback", ("127.0.0.1",), "http://127.0.0.1:9/callback"),
        ("http://127.8.9.1:8080/", ("127.8.9.1",), "http://127.8.9.1:9/"),
        ("http://localhost:8080/a%2Fb//c?keep=1", ("127.0.0.1", "::1"), "http://localhost:9/a%2Fb//c?keep=1"),
        ("http://app.localhost", ("127.0.0.1", "::1"), "http://app.localhost:9"),
        ("http://[::1]/cb", ("::1",), "http://[::1]:9/cb"),
    ],
)
def test_a_loopback_uri_says_where_to_listen(text, addresses, at_9):
    uri = read_redirect_uri(text)
    assert (uri.addresses, uri.at(9)) == (addresses, at_9)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://127.0.0.1/callback", "needs TLS"),
        ("http://op.example/callback", "is on another machine"),
        ("http://127.0.0.1.evil.example/", "is on another machine"),
        ("http://0.0.0.0/", "is on another machine"),
        ("http://192.168.1.1/", "is on another machine"),
        ("com.example.app:/callback", "has the scheme `com.example.app` of an app"),
        ("urn:ietf:wg:oauth:2.0:oob", "has the scheme `urn` of an app"),
        ("/callback", "is not an absolute http URL"),
        ("", "is not an absolute http URL"),
        ("http:///callback", "is not an absolute http URL"),
        ("http://127.0.0.1/cb#there", "has a fragment"),
        ("http://user@127.0.0.1/cb", "has a user name"),
        ("http://127.0.0.1:99999/", "is no URL"),
        ("http://127.0.0.1:port/", "is no URL"),
        ("http://[::1/", "is no URL"),
        ("http://127.0.0.1/ü", "has characters"),
    ],
)
def test_what_nobody_can_listen_at_is_refused_with_a_way_out(text, why):
    with pytest.raises(ConfigError) as caught:
        read_redirect_uri(text)
    assert why in caught.value.message
    assert caught.value.slug == "redirect-uri-unusable"
    assert "paste" in caught.value.help or "is no URL" in why
    assert not can_listen(text)


@given(st.text(max_size=60) | st.from_regex(r"http://[a-z0-9.:\[\]]{0,20}/[ -~]{0,20}", fullmatch=True))
def test_only_loopback_is_ever_listened_at(text):
    try:
        uri = read_redirect_uri(text)
    except ConfigError:
        return
    assert all(address == "::1" or address.startswith("127.") for address in uri.addresses)
    assert is_loopback(uri.at(1))


def test_the_host_header_may_be_any_name_of_this_machine_at_the_port():
    assert read_redirect_uri("http://localhost/cb").hosts(8080) == {"localhost:8080", "127.0.0.1:8080", "[::1]:8080"}
    assert "127.0.0.1" in read_redirect_uri("http://127.0.0.1/cb").hosts(80)
