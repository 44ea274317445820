from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer, Refused
from oauthctl.flows.revocation import revoke
from oauthctl.http import Response
from oauthctl.messages.client_auth import Client
from tests.played import play, response

ENDPOINT = "https://server.example.com/revoke"
CLIENT = Client("s6BhdRkqt3", "gX1fBat3bV", "client_secret_basic")


def test_the_example_request() -> None:
    """RFC 7009 section 2.1."""
    played = play(revoke(ENDPOINT, "45ghiukldjahdnhzdauz", CLIENT, hint="refresh_token"), [response(200)])
    assert played.error is None
    assert played.requests[0].form.pairs == (("token", "45ghiukldjahdnhzdauz"), ("token_type_hint", "refresh_token"))
    assert played.requests[0].headers.get("Authorization") == "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"


@pytest.mark.parametrize("answer", [response(200), response(200, "<html>ok</html>"), response(200, {"error": "ignored"}), response(204)])
def test_the_status_alone_says_that_it_worked(answer: Response) -> None:
    """RFC 7009 section 2.2: "The content of the response body is ignored by the client"."""
    played = play(revoke(ENDPOINT, "t", CLIENT), [answer])
    assert played.error is None
    assert played.requests[0].form.pairs == (("token", "t"),)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (response(400, {"error": "unsupported_token_type"}), Refused, "the revocation endpoint refused: `unsupported_token_type`"),
        (response(401, {"error": "invalid_client"}), Refused, "the revocation endpoint refused: `invalid_client`"),
        (response(503, {}), BadAnswer, "the revocation endpoint broke down with status 503"),
        (response(404, "<html>"), BadAnswer, "the revocation endpoint answered with status 404 with an HTML page"),
        (
            response(302, headers={"Location": "https://evil.example"}),
            BadAnswer,
            "the revocation endpoint answered with status 302 with an empty body",
        ),
    ],
)
def test_anything_else_is_an_error(answer: Response, kind: type[Exception], message: str) -> None:
    played = play(revoke(ENDPOINT, "45ghiukldjahdnhzdauz", CLIENT), [answer])
    assert type(played.error) is kind
    assert str(played.error) == message
