from __future__ import annotations

import pytest

from oauthctl.errors import CheckFailed
from oauthctl.flows.refresh import refresh
from oauthctl.flows.refreshed_id_token import Original
from oauthctl.http import Response
from oauthctl.jose.sign import unsecured
from oauthctl.messages.client_auth import Client
from tests.played import play, response

TOKEN_ENDPOINT = "https://server.example.com/token"
CLIENT = Client("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw", "client_secret_basic")
FIRST = {"iss": "https://op.example", "sub": "ann", "aud": "s6BhdRkqt3"}


def tokens(**claims: object) -> Response:
    return response(200, {"access_token": "new", "token_type": "Bearer", "id_token": unsecured(claims)})


def test_the_example_request() -> None:
    """RFC 6749 section 6."""
    played = play(
        refresh(TOKEN_ENDPOINT, "tGzv3JOkF0XG5Qx2TlKWIA", CLIENT),
        [response(200, {"access_token": "new", "token_type": "Bearer", "refresh_token": "rotated"})],
    )
    assert played.result.response.refresh_token == "rotated"
    assert played.requests[0].form.pairs == (("grant_type", "refresh_token"), ("refresh_token", "tGzv3JOkF0XG5Qx2TlKWIA"))
    assert played.requests[0].headers.get("Authorization") == "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"


def test_scopes_and_resources_can_be_narrowed() -> None:
    flow = refresh(TOKEN_ENDPOINT, "r", Client("app"), scope=("a", "b"), resource=("https://x.example", "https://y.example"))
    played = play(flow, [response(200, {"access_token": "new"})])
    assert played.requests[0].form.pairs == (
        ("grant_type", "refresh_token"),
        ("refresh_token", "r"),
        ("scope", "a b"),
        ("resource", "https://x.example"),
        ("resource", "https://y.example"),
        ("client_id", "app"),
    )


@pytest.mark.parametrize(
    "claims",
    [
        FIRST,
        FIRST | {"iat": 5, "exp": 6},
        FIRST | {"aud": ["s6BhdRkqt3"]},
        FIRST | {"aud": ["s6BhdRkqt3", "another"]},
    ],
)
def test_an_id_token_of_the_same_person_is_taken(claims: dict[str, object]) -> None:
    played = play(refresh(TOKEN_ENDPOINT, "r", CLIENT, original=Original(unsecured(FIRST))), [tokens(**claims)])
    assert played.result.response.access_token == "new"


@pytest.mark.parametrize(
    ("name", "claims", "sent", "got"),
    [
        ("iss", FIRST | {"iss": "https://evil.example"}, "https://op.example", "https://evil.example"),
        ("sub", FIRST | {"sub": "bob"}, "ann", "bob"),
        ("sub", {"iss": "https://op.example", "aud": "s6BhdRkqt3"}, "ann", "nothing"),
        ("aud", FIRST | {"aud": ["another"]}, "s6BhdRkqt3", "['another']"),
    ],
)
def test_an_id_token_that_differs_is_refused(name: str, claims: dict[str, object], sent: str, got: str) -> None:
    played = play(refresh(TOKEN_ENDPOINT, "r", CLIENT, original=Original(unsecured(FIRST))), [tokens(**claims)])
    assert isinstance(played.error, CheckFailed)
    assert (played.error.slug, played.error.sent, played.error.got) == (
        {"iss": "refreshed-issuer-differs", "sub": "refreshed-subject-differs", "aud": "refreshed-audience-differs"}[name],
        sent,
        got,
    )
    assert played.error.where == "exchange 1, response.id_token"


@pytest.mark.parametrize(
    ("old", "new"), [("", unsecured(FIRST)), (unsecured(FIRST), None), ("opaque", unsecured(FIRST)), (unsecured(FIRST), "x")]
)
def test_where_one_of_them_cannot_be_read_nothing_is_compared(old: str, new: str | None) -> None:
    answer = response(200, {"access_token": "new", "token_type": "Bearer", "id_token": new})
    assert play(refresh(TOKEN_ENDPOINT, "r", CLIENT, original=Original(old)), [answer]).result.response.access_token == "new"
