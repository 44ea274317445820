from __future__ import annotations

import pytest

from oauthctl.http import Params, Request
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse, LogoutRequest, UnknownMessage


@pytest.fixture
def oidc_core_3_1_2_1() -> Request:
    return Request(
        "GET",
        "https://server.example.com/authorize?response_type=code&scope=openid%20profile%20email&client_id=s6BhdRkqt3"
        "&state=af0ifjsldkj&redirect_uri=https%3A%2F%2Fclient.example.org%2Fcb",
    )


@pytest.fixture
def rfc6749_4_1_2() -> Request:
    return Request("GET", "https://client.example.com/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz")


@pytest.fixture
def rfc6749_4_1_2_1() -> Request:
    return Request("GET", "https://client.example.com/cb?error=access_denied&state=xyz")


@pytest.fixture
def rfc9207_2() -> Request:
    return Request(
        "GET",
        "https://client.example/cb?code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58&state=ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI"
        "&iss=https%3A%2F%2Fhonest.as.example",
    )


def test_the_example_authentication_request(oidc_core_3_1_2_1: Request) -> None:
    request = AuthorizationRequest(oidc_core_3_1_2_1.query.pairs)
    assert request.response_type == ("code",)
    assert request.scope == ("openid", "profile", "email")
    assert request.redirect_uri == "https://client.example.org/cb"
    assert (request.state, request.nonce, request.max_age) == ("af0ifjsldkj", None, None)
    assert request.unknown() == ()


def test_the_example_of_a_code(rfc6749_4_1_2: Request) -> None:
    response = AuthorizationResponse(rfc6749_4_1_2.query.pairs, 3)
    assert (response.code, response.state, response.iss, response.error) == ("SplxlOBeZQQYbYS6WxSbIA", "xyz", None, None)
    assert response.exchange == 3


def test_the_example_of_an_error(rfc6749_4_1_2_1: Request) -> None:
    response = AuthorizationResponse(rfc6749_4_1_2_1.query.pairs)
    assert (response.error, response.code) == ("access_denied", None)


def test_the_example_of_an_answer_that_names_its_issuer(rfc9207_2: Request) -> None:
    assert AuthorizationResponse(rfc9207_2.query.pairs).iss == "https://honest.as.example"


def test_a_code_is_secret_and_a_state_is_not() -> None:
    declared = AuthorizationResponse.params()
    assert [name for name, param in declared.items() if param.secret] == ["code", "response", "id_token", "access_token"]


def test_numbers_and_lists_are_read_from_a_query() -> None:
    request = AuthorizationRequest(Params.parse("max_age=3600&prompt=login+consent&acr_values=&ui_locales=fr-CA%20fr").pairs)
    assert request.max_age == 3600
    assert request.prompt == ("login", "consent")
    assert request.acr_values == ()
    assert request.ui_locales == ("fr-CA", "fr")


def test_repeated_parameters_are_told() -> None:
    response = AuthorizationResponse(Params.parse("code=a&state=s&code=b").pairs)
    assert response.duplicated() == ("code",)
    assert response.code == "a"


def test_parameters_of_a_request_can_be_written_again(oidc_core_3_1_2_1: Request) -> None:
    assert AuthorizationRequest(oidc_core_3_1_2_1.query.pairs).as_params() == oidc_core_3_1_2_1.query


def test_a_message_of_no_known_kind_knows_no_parameter() -> None:
    assert UnknownMessage((("a", 1),)).unknown() == ("a",)


def test_the_id_token_of_a_logout_is_secret() -> None:
    assert LogoutRequest.id_token_hint.secret
    assert LogoutRequest((("state", "x"),)).state == "x"
