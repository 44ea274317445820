from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer, CheckFailed, Refused
from oauthctl.flows.userinfo import userinfo
from oauthctl.http import Response
from oauthctl.jose.sign import unsecured
from tests.played import play, response

ENDPOINT = "https://server.example.com/userinfo"
TOKEN = "SlAV32hkKG"


@pytest.fixture
def oidc_core_5_3_2() -> Response:
    return response(
        200,
        {
            "sub": "248289761001",
            "name": "Jane Doe",
            "given_name": "Jane",
            "family_name": "Doe",
            "preferred_username": "j.doe",
            "email": "janedoe@example.com",
            "picture": "http://example.com/janedoe/me.jpg",
        },
    )


@pytest.fixture
def oidc_core_5_3_3() -> Response:
    challenge = 'error="invalid_token", error_description="The Access Token expired"'
    return response(401, headers={"WWW-Authenticate": f"Bearer {challenge}"})


def test_the_example_claims(oidc_core_5_3_2: Response) -> None:
    played = play(userinfo(ENDPOINT, TOKEN, subject="248289761001"), [oidc_core_5_3_2])
    assert played.result["email"] == "janedoe@example.com"
    assert played.requests[0].method == "GET"
    assert played.requests[0].headers.get("Authorization") == f"Bearer {TOKEN}"
    assert TOKEN not in played.requests[0].url


def test_the_example_refusal(oidc_core_5_3_3: Response) -> None:
    played = play(userinfo(ENDPOINT, TOKEN), [oidc_core_5_3_3])
    assert isinstance(played.error, Refused)
    assert played.error.message == "the userinfo endpoint refused the token: `invalid_token`"
    assert played.error.notes == ("the server says: The Access Token expired",)
    assert played.error.data == {"challenge_error": "invalid_token", "status": 401}


@pytest.mark.parametrize(("said", "got"), [("somebody-else", "somebody-else"), (None, "None"), (248289761001, "248289761001")])
def test_another_subject_is_refused(said: object, got: str) -> None:
    played = play(userinfo(ENDPOINT, TOKEN, subject="248289761001"), [response(200, {"sub": said})])
    assert isinstance(played.error, CheckFailed)
    assert (played.error.slug, played.error.sent, played.error.got) == ("userinfo-subject-differs", "248289761001", got)
    assert played.error.where == "exchange 1, response.sub"


def test_a_missing_subject_is_refused() -> None:
    played = play(userinfo(ENDPOINT, TOKEN, subject="a"), [response(200, {"email": "a@b.example"})])
    assert played.error is not None
    assert played.error.got == "nothing"


def test_a_repeated_subject_cannot_smuggle_another_one_in() -> None:
    body = '{"sub":"me","sub":"somebody-else"}'
    played = play(userinfo(ENDPOINT, TOKEN, subject="me"), [response(200, body, headers={"Content-Type": "application/json"})])
    assert isinstance(played.error, CheckFailed)


def test_without_an_id_token_any_subject_will_do() -> None:
    assert play(userinfo(ENDPOINT, TOKEN), [response(200, {"login": "octocat"})]).result == {"login": "octocat"}


def test_claims_in_a_jwt_are_read_and_compared() -> None:
    answer = response(200, unsecured({"sub": "me"}), headers={"Content-Type": "application/jwt; charset=utf-8"})
    assert play(userinfo(ENDPOINT, TOKEN, subject="me"), [answer]).result == {"sub": "me"}
    assert isinstance(play(userinfo(ENDPOINT, TOKEN, subject="you"), [answer]).error, CheckFailed)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (response(200, "<html>"), "the userinfo endpoint answered with an HTML page"),
        (
            response(200, "not.a.jwt", headers={"Content-Type": "application/jwt"}),
            "the userinfo endpoint answered with a JWT that can't be read",
        ),
        (response(404, {"error": "x"}), "the userinfo endpoint answered with status 404"),
        (response(302, headers={"Location": "https://evil.example"}), "the userinfo endpoint answered with status 302"),
        (response(204), "the userinfo endpoint answered with status 204"),
    ],
)
def test_what_cannot_be_used_is_named(answer: Response, message: str) -> None:
    played = play(userinfo(ENDPOINT, TOKEN), [answer])
    assert isinstance(played.error, BadAnswer)
    assert played.error.message == message


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_without_challenge_names_the_status(status: int) -> None:
    played = play(userinfo(ENDPOINT, TOKEN), [response(status)])
    assert isinstance(played.error, Refused)
    assert played.error.message == f"the userinfo endpoint refused with status {status}"


def test_a_long_refusal_is_cut_and_an_echoed_token_is_masked() -> None:
    words = f"token ya29.a0AfH6SMBx is bad {'x' * 5000}"
    headers = {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{words}"'}
    played = play(userinfo(ENDPOINT, "ya29.a0AfH6SMBx"), [response(401, headers=headers)])
    assert played.error is not None
    assert played.error.notes[0].startswith("the server says: token [secret] is bad")
    assert len(played.error.notes[0]) < 400
