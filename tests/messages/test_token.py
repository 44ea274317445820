from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oauthctl.http import Headers, Params, Response
from oauthctl.messages.answer import read_answer
from oauthctl.messages.param import secret_names
from oauthctl.messages.token import (
    IntrospectionRequest,
    IntrospectionResponse,
    RevocationRequest,
    TokenRequest,
    TokenResponse,
)


def body(text: str) -> Response:
    return Response(200, Headers((("Content-Type", "application/json"),)), text.encode())


@pytest.fixture
def rfc6749_4_1_3() -> str:
    return "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb"


@pytest.fixture
def rfc6749_6() -> str:
    return "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA"


@pytest.fixture
def rfc6749_5_2() -> Response:
    return body('{"error":"invalid_request"}')


@pytest.fixture
def rfc7009_2_1() -> str:
    return "token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token"


@pytest.fixture
def rfc7662_2_2() -> Response:
    return body(
        """{
      "active": true,
      "client_id": "l238j323ds-23ij4",
      "username": "jdoe",
      "scope": "read write dolphin",
      "sub": "Z5O3upPC88QrAjx00dis",
      "aud": "https://protected.example.net/resource",
      "iss": "https://server.example.com/",
      "exp": 1419356238,
      "iat": 1419350238,
      "extension_field": "twenty-seven"
     }"""
    )


def test_the_example_of_trading_a_code(rfc6749_4_1_3: str) -> None:
    request = TokenRequest(Params.parse(rfc6749_4_1_3).pairs)
    assert (request.grant_type, request.code) == ("authorization_code", "SplxlOBeZQQYbYS6WxSbIA")
    assert request.redirect_uri == "https://client.example.com/cb"
    assert request.unknown() == ()


def test_the_example_of_refreshing(rfc6749_6: str) -> None:
    assert TokenRequest(Params.parse(rfc6749_6).pairs).refresh_token == "tGzv3JOkF0XG5Qx2TlKWIA"


def test_the_example_of_an_error(rfc6749_5_2: Response) -> None:
    assert TokenResponse(read_answer(rfc6749_5_2).fields).error == "invalid_request"


def test_the_example_of_revoking(rfc7009_2_1: str) -> None:
    request = RevocationRequest(Params.parse(rfc7009_2_1).pairs)
    assert (request.token, request.token_type_hint) == ("45ghiukldjahdnhzdauz", "refresh_token")


def test_the_example_of_introspection(rfc7662_2_2: Response) -> None:
    response = IntrospectionResponse(read_answer(rfc7662_2_2).fields)
    assert response.active is True
    assert response.scope == ("read", "write", "dolphin")
    assert response.aud == ("https://protected.example.net/resource",)
    assert response.exp == datetime(2014, 12, 23, 17, 37, 18, tzinfo=UTC)
    assert response.unknown() == ("extension_field",)


@pytest.mark.parametrize(
    ("member", "seconds"),
    [("3600", 3600), ('"3600"', 3600), ("3600.5", 3600.5), ('"soon"', None), ("null", None), ("[]", None), ("true", None), ("1e999", None)],
)
def test_expires_in_is_read_leniently(member: str, seconds: float | None) -> None:
    assert TokenResponse(read_answer(body(f'{{"expires_in":{member}}}')).fields).expires_in == seconds


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (TokenRequest, "client_secret"),
        (TokenRequest, "client_assertion"),
        (TokenRequest, "code"),
        (TokenRequest, "code_verifier"),
        (TokenRequest, "refresh_token"),
        (TokenRequest, "password"),
        (TokenRequest, "assertion"),
        (TokenRequest, "device_code"),
        (TokenRequest, "subject_token"),
        (TokenRequest, "actor_token"),
        (TokenResponse, "access_token"),
        (TokenResponse, "refresh_token"),
        (TokenResponse, "id_token"),
        (IntrospectionRequest, "token"),
        (IntrospectionRequest, "client_secret"),
        (RevocationRequest, "token"),
    ],
)
def test_whatever_opens_a_door_is_secret(message: type[TokenRequest], name: str) -> None:
    assert name in secret_names(message)
    assert "opens-sesame" not in repr(message(((name, "opens-sesame"),)))
