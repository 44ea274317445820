from __future__ import annotations

import json

import pytest

from oauthctl.http import Headers, Request, Response
from oauthctl.record.hidden_refusal import refusal_behind_200


def _answer(document: object) -> tuple[Request, Response]:
    headers = Headers((("Content-Type", "application/json"),))
    return Request("POST", "https://api.example.com/graphql", headers, b"{}"), Response(200, headers, json.dumps(document).encode())


def _error(message: str, **extensions: str) -> dict[str, object]:
    return {"message": message, "extensions": extensions}


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"errors": [_error("Not authenticated", code="UNAUTHENTICATED")], "data": None}, 401),
        ({"errors": [_error("Could not verify JWT: JWTExpired", code="invalid-jwt")]}, 401),
        ({"errors": [_error("The current user is not authorized", code="AUTH_NOT_AUTHORIZED")], "data": {"orders": None}}, 403),
        ({"errors": [{"message": "no", "errorType": "Unauthorized"}]}, 401),
        ({"errors": [_error("jwt expired", code="INTERNAL_SERVER_ERROR")]}, 401),
        ({"errors": [_error("Cannot query field", code="GRAPHQL_VALIDATION_FAILED")]}, 0),
        ({"errors": [_error("Forbidden", code="FORBIDDEN")], "data": {"me": {"id": 1}, "salary": None}}, 0),
        ({"data": {"orders": []}}, 0),
        ({"errors": "UNAUTHENTICATED"}, 0),
        ([{"errors": []}], 0),
    ],
)
def test_graphql_says_no_in_its_body(document: object, status: int) -> None:
    assert refusal_behind_200(*_answer(document))[0] == status


@pytest.mark.parametrize(
    ("headers", "body", "found"),
    [
        ((("grpc-status", "16"), ("grpc-message", "token%20is%20expired")), b"", (401, "token is expired")),
        ((("grpc-status", "7"),), b"", (403, "")),
        ((("grpc-status", "0"),), b"", (0, "")),
        ((), b"\x80\x00\x00\x00\x20grpc-status:16\r\ngrpc-message:bad%20token\r\n", (401, "bad token")),
        ((), b"\x00\x00\x00\x00\x02hi\x80\x00\x00\x00\x0fgrpc-status:0\r\n", (0, "")),
    ],
)
def test_grpc_says_no_in_a_header_or_trailer(headers: tuple[tuple[str, str], ...], body: bytes, found: tuple[int, str]) -> None:
    answer = Response(200, Headers((("Content-Type", "application/grpc-web+proto"), *headers)), body)
    assert refusal_behind_200(Request("POST", "https://api.example.com/shop.Orders/List", Headers(())), answer) == found


def test_other_statuses_and_methods_speak_for_themselves() -> None:
    asked, answer = _answer({"errors": [_error("Not authenticated", code="UNAUTHENTICATED")]})
    assert refusal_behind_200(asked, Response(401, answer.headers, answer.body)) == (0, "")
    assert refusal_behind_200(Request("GET", asked.url, asked.headers), answer) == (0, "")
