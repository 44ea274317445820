from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer, Refused
from oauthctl.flows.introspection import introspect
from oauthctl.http import Response
from oauthctl.messages.client_auth import Client
from tests.played import play, response

ENDPOINT = "https://server.example.com/introspect"
CLIENT = Client("s6BhdRkqt3", "gX1fBat3bV", "client_secret_post")


def test_a_good_token_is_described() -> None:
    answer = response(200, {"active": True, "client_id": "l238j323ds-23ij4", "scope": "read write dolphin", "sub": "Z5O3upPC88QrAjx00dis"})
    played = play(introspect(ENDPOINT, "mF_9.B5f-4.1JqM", CLIENT, hint="access_token"), [answer])
    assert played.result.active is True
    assert played.result.scope == ("read", "write", "dolphin")
    assert played.requests[0].form.pairs == (
        ("token", "mF_9.B5f-4.1JqM"),
        ("token_type_hint", "access_token"),
        ("client_id", "s6BhdRkqt3"),
        ("client_secret", "gX1fBat3bV"),
    )


@pytest.mark.parametrize(("said", "active"), [(False, False), ("false", False), ("true", True), (None, None), ("maybe", None)])
def test_active_is_read_leniently_and_never_guessed(said: object, active: bool | None) -> None:
    assert play(introspect(ENDPOINT, "t", CLIENT), [response(200, {"active": said})]).result.active is active


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (response(401, {"error": "invalid_client"}), Refused, "the introspection endpoint refused: `invalid_client`"),
        (response(200, {"error": "invalid_request"}), Refused, "the introspection endpoint refused: `invalid_request`"),
        (response(200, "<html>"), BadAnswer, "the introspection endpoint answered with an HTML page"),
        (response(200), BadAnswer, "the introspection endpoint answered with an empty body"),
        (response(500, {"a": 1}), BadAnswer, "the introspection endpoint broke down with status 500"),
        (response(302), BadAnswer, "the introspection endpoint answered with status 302 with an empty body"),
    ],
)
def test_anything_else_is_an_error(answer: Response, kind: type[Exception], message: str) -> None:
    played = play(introspect(ENDPOINT, "mF_9.B5f-4.1JqM", CLIENT), [answer])
    assert type(played.error) is kind
    assert str(played.error) == message
