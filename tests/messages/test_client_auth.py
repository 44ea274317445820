from __future__ import annotations

from base64 import b64decode
from typing import Literal
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.errors import ConfigError
from oauthctl.http import Params
from oauthctl.messages.client_auth import METHODS, Client, basic_credentials, choose_method, choose_method_at, client_request

TOKEN_ENDPOINT = "https://server.example.com/token"
GRANT = Params((("grant_type", "client_credentials"),))


@pytest.fixture
def rfc6749_2_3_1() -> tuple[str, str, str]:
    """The example's client, its secret, and the header's value."""
    return "s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw", "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"


def test_the_example_of_basic_credentials(rfc6749_2_3_1: tuple[str, str, str]) -> None:
    client_id, secret, value = rfc6749_2_3_1
    assert basic_credentials(client_id, secret) == value


@pytest.mark.parametrize(
    ("client_id", "secret", "pair"),
    [
        ("odd: id", "%+:", "odd%3A+id:%25%2B%3A"),
        ("a", "", "a:"),
        ("\u00fc", "p\u00e4ss w\u00f6rd", "%C3%BC:p%C3%A4ss+w%C3%B6rd"),
        ("https://client.example/", "a/b=&", "https%3A%2F%2Fclient.example%2F:a%2Fb%3D%26"),
    ],
)
def test_both_parts_are_form_encoded_before_they_are_joined(client_id: str, secret: str, pair: str) -> None:
    assert b64decode(basic_credentials(client_id, secret).removeprefix("Basic ")).decode() == pair


@given(st.text(), st.text())
def test_a_server_that_decodes_by_the_rules_gets_both_parts_back(client_id: str, secret: str) -> None:
    encoded_id, _, encoded_secret = b64decode(basic_credentials(client_id, secret).removeprefix("Basic ")).decode("ascii").partition(":")
    assert (unquote_plus(encoded_id), unquote_plus(encoded_secret)) == (client_id, secret)


@pytest.mark.parametrize(
    ("announced", "has_secret", "method"),
    [
        (None, False, "none"),
        (("client_secret_basic",), False, "none"),
        (None, True, "client_secret_basic"),
        (("client_secret_basic", "client_secret_post"), True, "client_secret_basic"),
        (("client_secret_post", "client_secret_basic"), True, "client_secret_basic"),
        (("client_secret_post",), True, "client_secret_post"),
        (("none", "client_secret_post"), True, "client_secret_post"),
        (("private_key_jwt",), True, "client_secret_basic"),
        (("none",), True, "client_secret_basic"),
        ((), True, "client_secret_basic"),
    ],
)
def test_the_method_is_the_first_of_ours_that_is_announced(announced: tuple[str, ...] | None, has_secret: bool, method: str) -> None:
    assert choose_method(announced, has_secret=has_secret) == method
    assert method in METHODS


def test_a_public_client_names_itself_in_the_form() -> None:
    request = client_request(TOKEN_ENDPOINT, GRANT, Client("app"))
    assert request.form.pairs == (("grant_type", "client_credentials"), ("client_id", "app"))
    assert "Authorization" not in request.headers


def test_basic_puts_the_secret_in_the_header_alone() -> None:
    request = client_request(TOKEN_ENDPOINT, GRANT, Client("app", "s3cret", "client_secret_basic"))
    assert request.headers.get("Authorization") == basic_credentials("app", "s3cret")
    assert request.form == GRANT
    assert "s3cret" not in request.url


def test_post_puts_the_secret_in_the_form_alone() -> None:
    request = client_request(TOKEN_ENDPOINT, GRANT, Client("app", "s3&cret", "client_secret_post"))
    assert request.form.pairs == (*GRANT, ("client_id", "app"), ("client_secret", "s3&cret"))
    assert "Authorization" not in request.headers


def test_a_client_id_among_the_parameters_is_not_repeated() -> None:
    request = client_request(TOKEN_ENDPOINT, Params((("client_id", "old"), *GRANT)), Client("app", "s", "client_secret_post"))
    assert request.form.all("client_id") == ("app",)


def test_an_unknown_method_is_refused_and_not_taken_for_none() -> None:
    with pytest.raises(ConfigError, match="client_secret_digest"):
        client_request(TOKEN_ENDPOINT, GRANT, Client("app", "s", "client_secret_digest"))


def test_a_client_shows_no_secret_in_its_representation() -> None:
    assert "hunter2" not in repr(Client("app", "hunter2", "client_secret_basic"))


@pytest.mark.parametrize(
    ("announced", "at_token_endpoint", "method"),
    [
        (None, "none", "none"),
        (("client_secret_basic",), "none", "none"),
        (None, "client_secret_post", "client_secret_post"),
        (("client_secret_post", "client_secret_basic"), "client_secret_post", "client_secret_post"),
        (("client_secret_basic",), "client_secret_post", "client_secret_basic"),
        (("client_secret_post",), "client_secret_basic", "client_secret_post"),
        (("private_key_jwt",), "client_secret_post", "client_secret_post"),
        ((), "client_secret_post", "client_secret_post"),
    ],
)
def test_other_endpoints_get_what_they_announce_and_else_what_the_token_endpoint_gets(
    announced: tuple[str, ...] | None, at_token_endpoint: str, method: str
) -> None:
    assert choose_method_at(announced, at_token_endpoint=at_token_endpoint) == method


@pytest.mark.parametrize(
    ("announced", "certificate", "has_secret", "method"),
    [
        (("tls_client_auth", "self_signed_tls_client_auth"), "signed", False, "tls_client_auth"),
        (("tls_client_auth", "self_signed_tls_client_auth"), "self-signed", False, "self_signed_tls_client_auth"),
        (("tls_client_auth",), "self-signed", False, "tls_client_auth"),
        (("self_signed_tls_client_auth", "client_secret_basic"), "signed", True, "self_signed_tls_client_auth"),
        (("client_secret_basic",), "signed", True, "client_secret_basic"),
        (("none",), "signed", False, "none"),
        (None, "signed", False, "none"),
    ],
)
def test_a_certificate_proves_the_client_where_the_server_takes_it(
    announced: tuple[str, ...] | None, certificate: Literal["signed", "self-signed"], has_secret: bool, method: str
) -> None:
    assert choose_method(announced, has_secret=has_secret, certificate=certificate) == method


@pytest.mark.parametrize("method", ["tls_client_auth", "self_signed_tls_client_auth"])
def test_a_client_with_a_certificate_says_its_name_and_nothing_more(method: str) -> None:
    request = client_request("https://op.example/token", Params((("grant_type", "x"),)), Client("svc", "kept back", method))
    assert dict(request.form) == {"grant_type": "x", "client_id": "svc"}
    assert "authorization" not in request.headers
    assert choose_method_at(("client_secret_basic",), at_token_endpoint=method) == method
