from __future__ import annotations

from typing import Any

import pytest

from oauthctl.errors import BadAnswer
from oauthctl.flows.endpoints import endpoint, key_set_uri
from oauthctl.messages.metadata import ProviderMetadata

ISSUER = "https://server.example.com"


def metadata(exchange: int | None = 3, **members: Any) -> ProviderMetadata:
    return ProviderMetadata(tuple(members.items()), exchange)


@pytest.mark.parametrize("url", ["https://server.example.com/token", "http://127.0.0.1:8080/t?tenant=1", "https://[::1]:8443/"])
def test_the_url_is_given_as_it_is_written(url: str) -> None:
    assert endpoint(metadata(issuer=ISSUER, token_endpoint=url), "token_endpoint") == url


@pytest.mark.parametrize("value", [None, "", 7, True, [], {}, ["https://server.example.com/token"]])
def test_what_is_no_text_is_missing(value: object) -> None:
    with pytest.raises(BadAnswer) as caught:
        endpoint(metadata(issuer=ISSUER, userinfo_endpoint=value), "userinfo_endpoint")
    error = caught.value
    assert (error.message, error.slug) == (f"no `userinfo_endpoint` is known for `{ISSUER}`", "endpoint-missing")
    assert (error.notes, error.spec) == (("read from exchange 3",), "RFC 8414 section 2")
    assert error.help == "give it to `oauthctl login` with `--userinfo-endpoint URL`"


def test_metadata_that_was_given_by_hand_names_no_exchange_and_no_issuer() -> None:
    with pytest.raises(BadAnswer) as caught:
        endpoint(metadata(None), "token_endpoint")
    assert (caught.value.message, caught.value.notes) == ("no `token_endpoint` is known", ())


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ms-msdt:/id",
        "/token",
        "//server.example.com/token",
        "server.example.com/token",
        "https://",
        "https://[broken/",
        "https://server.example.com:0/",
        "https://server.example.com/a b",
        "https://server.example.com/\n",
        "https://server.example.com/\x1b[2J",
    ],
)
def test_what_is_no_web_address_is_unusable(url: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        endpoint(metadata(end_session_endpoint=url), "end_session_endpoint")
    error = caught.value
    assert (error.message, error.slug) == ("`end_session_endpoint` is no http or https URL", "endpoint-unusable")
    assert "\n" not in error.got


def test_a_long_value_is_cut() -> None:
    with pytest.raises(BadAnswer) as caught:
        endpoint(metadata(token_endpoint="x" * 100_000), "token_endpoint")
    assert len(caught.value.got) < 500


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
def test_user_info_in_an_endpoint_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        endpoint(metadata(issuer=ISSUER, **{name: "https://server.example.com:secret@evil.example/"}), name)
    error = caught.value
    assert (error.message, error.slug) == (f"`{name}` has user info in its URL, before the host", "endpoint-unusable")
    assert "secret" not in f"{error} {error.got} {error.notes}"


def test_who_asks_for_keys_says_how_they_are_given() -> None:
    with pytest.raises(BadAnswer) as caught:
        key_set_uri(metadata(jwks_uri="x"), help="give a file")
    assert caught.value.help == "give a file"
