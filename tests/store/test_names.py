"""Profile names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.store.names import checked_name, is_name, name_for


@pytest.mark.parametrize("name", ["a", "work", "accounts.example.com", "127.0.0.1-8080", "a_B-9.", "x" * 64, "_x", "console", "com10"])
def test_allowed_names(name):
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "-rf", "a/b", "a\\b", "a b", "a\n", "ä", "x" * 65, "con", "NUL", "Com1.example", "lpt9.toml", "a:b", "a\0b"],
)
def test_names_that_are_refused(name):
    with pytest.raises(ConfigError, match="is no profile name"):
        checked_name(name)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://accounts.example.com", "accounts.example.com"),
        ("https://Accounts.Example.com/realms/a", "accounts.example.com"),
        ("http://127.0.0.1:8080/", "127.0.0.1-8080"),
        ("http://[::1]:8080", "ip6-::1-8080".replace(":", "-")),
        ("https://münchen.example", "xn--mnchen-3ya.example"),
        ("https://con.example", "host-con.example"),
        ("https://-odd.example", "odd.example"),
        ("https://user:secret@op.example", "op.example"),
    ],
)
def test_a_profile_is_named_after_the_host(url, name):
    assert name_for(url) == name


def test_the_path_tells_two_issuers_on_one_host_apart():
    assert name_for("https://kc.example/realms/staff/", with_path=True) == "kc.example-realms-staff"
    assert name_for("https://kc.example/", with_path=True) == "kc.example"


def test_long_hosts_are_cut_and_stay_distinct():
    names = {name_for(f"https://{'a' * 60}.{host}.example") for host in ("one", "two")}
    assert len(names) == 2
    assert all(len(name) == 64 for name in names)


@pytest.mark.parametrize("url", ["", "accounts.example.com", "https://", "https://op.example:port", "http://[::1", "mailto:a@b.example"])
def test_a_url_without_a_usable_host_is_an_error(url):
    with pytest.raises(ConfigError):
        name_for(url)


@given(st.text(min_size=1), st.text())
def test_every_name_that_is_made_is_allowed(host, path):
    try:
        name = name_for(f"https://{host}/{path}", with_path=True)
    except ConfigError:
        return
    assert is_name(name)
