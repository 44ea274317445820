from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, quote_plus

import pytest

from oauthctl.errors import BadAnswer, ConfigError, ExitCode, OauthctlError, Refused
from oauthctl.flows.token_endpoint import Granted, bearer_request, grant, help_for, with_usable_token
from oauthctl.http import Params, Response
from oauthctl.messages.client_auth import Client
from tests.played import BEGAN, Played, play, response

TOKEN_ENDPOINT = "https://op.example/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CODE = "SplxlOBeZQQYbYS6WxSbIA"
CLIENT = Client("s6BhdRkqt3", "7Fjfp0Z%+:Br1K", "client_secret_basic")


def ask(answer: Response, *, url: str = TOKEN_ENDPOINT, client: Client = CLIENT) -> Played[Granted]:
    return play(grant(url, Params((("grant_type", "authorization_code"), ("code", CODE))), client), [answer])


def error_of(answer: Response, **more: Client) -> OauthctlError:
    played = ask(answer, **more)  # type: ignore[arg-type]  # only `client` is ever given
    assert played.error is not None
    return played.error


@pytest.fixture
def rfc6749_5_1() -> Response:
    return response(
        200,
        {
            "access_token": "2YotnFZFEjr1zCsicMWpAA",
            "token_type": "example",
            "expires_in": 3600,
            "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
            "example_parameter": "example_value",
        },
        headers={"Cache-Control": "no-store"},
    )


@pytest.fixture
def rfc6749_5_2() -> Response:
    return response(400, {"error": "invalid_request"})


def test_the_example_answer_grants_tokens(rfc6749_5_1: Response) -> None:
    granted = ask(rfc6749_5_1).result
    assert granted.response.access_token == "2YotnFZFEjr1zCsicMWpAA"
    assert granted.response.refresh_token == "tGzv3JOkF0XG5Qx2TlKWIA"
    assert granted.exchange == 1
    assert granted.remarks == granted.grave
    assert len(granted.grave) == 1
    assert "`example` is a token type that oauthctl does not know" in granted.grave[0]


def test_the_example_error_is_a_refusal(rfc6749_5_2: Response) -> None:
    error = error_of(rfc6749_5_2)
    assert isinstance(error, Refused)
    assert error.message == "the token endpoint refused: `invalid_request`"
    assert error.where == "exchange 1, POST /token"
    assert error.spec == "RFC 6749 section 5.2"
    assert error.data == {"oauth_error": "invalid_request", "oauth_error_description": "", "status": 400}
    assert error.help


def test_the_request_is_a_form_with_the_client_in_its_place() -> None:
    request = ask(response(200, {"access_token": "a", "token_type": "Bearer"})).requests[0]
    assert (request.method, request.url) == ("POST", TOKEN_ENDPOINT)
    assert request.headers.get("content-type") == "application/x-www-form-urlencoded"
    assert (request.headers.get("authorization") or "").startswith("Basic ")
    assert request.form.pairs == (("grant_type", "authorization_code"), ("code", CODE))


def test_the_lifetime_counts_from_the_moment_at_which_the_answer_came() -> None:
    granted = ask(response(200, {"access_token": "a", "token_type": "Bearer", "expires_in": 60})).result
    assert granted.received_at == BEGAN + timedelta(seconds=1.1)
    assert granted.expires_at == granted.received_at + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("member", "seconds", "remarks"),
    [
        ("3600", 3600, ()),
        ('"3600"', 3600, ("`expires_in` is a string, where a number is due (RFC 6749 section 5.1)",)),
        ("0", 0, ()),
        ("-5", -5, ()),
        (
            '"1h"',
            None,
            ("`expires_in` is a string, where a number is due (RFC 6749 section 5.1)", "`expires_in` can't be read as seconds: 1h"),
        ),
        ("[1]", None, ("`expires_in` can't be read as seconds: [1]",)),
        ("true", None, ("`expires_in` can't be read as seconds: True",)),
    ],
)
def test_expires_in_of_every_shape(member: str, seconds: float | None, remarks: tuple[str, ...]) -> None:
    granted = ask(
        response(200, f'{{"access_token":"a","token_type":"Bearer","expires_in":{member}}}', headers={"Content-Type": "application/json"})
    ).result
    assert granted.expires_at == (None if seconds is None else granted.received_at + timedelta(seconds=seconds))
    assert granted.remarks == remarks


@pytest.mark.parametrize("member", ["1e15", "1e299", "9" * 300, "NaN", "1e999", '"Infinity"', "9" * 5000])
def test_a_huge_expires_in_means_that_nobody_knows_the_end(member: str) -> None:
    granted = ask(response(200, f'{{"access_token":"a","token_type":"Bearer","expires_in":{member}}}')).result
    assert granted.expires_at is None


def test_an_answer_in_form_encoding_is_read_and_remarked() -> None:
    granted = ask(response(200, "access_token=gho_16C7e42F&scope=repo%2Cgist&token_type=bearer", headers=FORM)).result
    assert granted.response.access_token == "gho_16C7e42F"
    assert granted.remarks == ("the body is form-encoded, where JSON is due",)


def test_a_missing_token_type_is_remarked() -> None:
    assert ask(response(200, {"access_token": "a"})).result.remarks == (
        "`token_type` is missing (RFC 6749 section 5.1); Bearer is taken for granted",
    )


@pytest.mark.parametrize(("token_type", "word"), [("mac", "`mac`"), ("N_A", "`N_A`")])
def test_a_token_type_that_we_cannot_use_is_a_grave_remark(token_type: str, word: str) -> None:
    granted = ask(response(200, {"access_token": "a", "token_type": token_type})).result
    assert granted.grave == granted.remarks
    assert word in granted.grave[0]


@pytest.mark.parametrize("token_type", ["bearer", "BEARER", "Bearer"])
def test_bearer_is_no_remark(token_type: str) -> None:
    assert ask(response(200, {"access_token": "a", "token_type": token_type})).result.remarks == ()


@pytest.mark.parametrize("token", ["A\nB\x1b[2J", "\u00fcnusual", "a\x7f", "\x00"])
def test_an_access_token_of_odd_characters_is_a_bad_answer_and_not_repeated(token: str) -> None:
    granted = ask(response(200, {"access_token": token, "token_type": "Bearer"})).result
    with pytest.raises(BadAnswer) as caught:
        with_usable_token(granted)
    error = caught.value
    assert (error.slug, error.spec) == ("access-token-unusable", "RFC 6749 appendix A.12")
    assert token not in " ".join((error.message, *error.notes, error.got))


def test_a_scope_array_is_read_and_remarked() -> None:
    granted = ask(response(200, {"access_token": "a", "token_type": "bearer", "scope": ["chat:read", "chat:edit"]})).result
    assert granted.response.scope == ("chat:read", "chat:edit")
    assert granted.remarks == ("`scope` is an array, where a space-separated string is due (RFC 6749 section 3.3)",)


def test_duplicate_members_are_remarked_and_the_first_one_counts() -> None:
    granted = ask(
        response(200, '{"access_token":"a","token_type":"Bearer","access_token":"b"}', headers={"Content-Type": "application/json"})
    ).result
    assert granted.response.access_token == "a"
    assert granted.remarks == ("`access_token` came 2 times, and they differ: the first was used, and other programs may use another",)
    assert granted.repeated == granted.remarks


@pytest.mark.parametrize("form", [FORM, {"Content-Type": "text/plain"}])
def test_duplicate_members_of_a_form_are_remarked_too(form: dict[str, str]) -> None:
    granted = ask(response(200, "access_token=a&token_type=Bearer&scope=x&scope=x", headers=form)).result
    assert granted.repeated == ("`scope` came 2 times, all the same: the first was used, and other programs may use another",)


def test_a_hostile_number_of_duplicates_is_not_told_in_full() -> None:
    body = "{" + ",".join(f'"m{index}":{at}' for index in range(500) for at in (1, 2)) + ',"access_token":"a","token_type":"Bearer"}'
    assert len(ask(response(200, body, headers={"Content-Type": "application/json"})).result.remarks) <= 10


@pytest.mark.parametrize(
    "spelled", [quote, quote_plus, lambda text: json.dumps(text)[1:-1], lambda text: b64encode(f"x:{text}".encode()).decode()]
)
def test_an_echo_of_what_was_sent_is_masked_in_every_spelling(spelled: Callable[[str], str]) -> None:
    client = Client("app", 'odd/+ "secret" of=24 chars', "client_secret_basic")
    body = {"error": "invalid_grant", "error_description": f"what is {spelled(client.secret)}? or {spelled(CODE)}?"}
    shown = " ".join(error_of(response(400, body), client=client).notes)
    for secret in (client.secret, CODE):
        assert spelled(secret) not in shown
        assert secret not in shown


@pytest.mark.parametrize("empty", [None, "", False])
def test_an_empty_error_beside_the_tokens_is_no_error(empty: object) -> None:
    assert ask(response(200, {"access_token": "a", "token_type": "Bearer", "error": empty})).result.response.access_token == "a"


@pytest.mark.parametrize("beside", [{}, {"access_token": "a"}])
def test_an_error_with_status_200_is_a_refusal(beside: dict[str, str]) -> None:
    body = {"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired.", **beside}
    error = error_of(response(200, body))
    assert isinstance(error, Refused)
    assert error.message == "the token endpoint refused: `bad_verification_code`"
    assert error.notes == (
        "the server says: The code passed is incorrect or expired.",
        "the status was 200, where an error must have 400 or 401",
    )


def test_an_error_in_form_encoding_with_status_200_is_a_refusal() -> None:
    body = "error=bad_verification_code&error_description=The+code+passed+is+incorrect&error_uri=https%3A%2F%2Fdocs.example%2Fe"
    error = error_of(response(200, body, headers=FORM))
    assert isinstance(error, Refused)
    assert error.notes[0] == "the server says: The code passed is incorrect"
    assert error.notes[-1] == "more at https://docs.example/e"


@pytest.mark.parametrize(
    ("body", "code", "description"),
    [
        ({"error": {"code": 190, "type": "OAuthException", "message": "This code has been used."}}, "190", "This code has been used."),
        ({"error": {"status": "UNAUTHENTICATED", "message": "no"}}, "UNAUTHENTICATED", "no"),
        ({"error": "invalid_grant", "error_message": "gone"}, "invalid_grant", "gone"),
        ({"message": "Bad credentials"}, "", "Bad credentials"),
        ({"errcode": 40029, "errmsg": "invalid code"}, "", "invalid code"),
        ({"detail": "Not authenticated"}, "", "Not authenticated"),
        ({"error": ["a"]}, "", ""),
        ({}, "", ""),
    ],
)
def test_errors_of_other_shapes_are_understood(body: dict[str, object], code: str, description: str) -> None:
    error = error_of(response(400, body))
    assert isinstance(error, Refused)
    assert error.data["oauth_error"] == code
    assert error.data["oauth_error_description"] == description
    assert error.message == (f"the token endpoint refused: `{code}`" if code else "the token endpoint refused with status 400")


def test_a_breakdown_of_the_server_is_no_refusal() -> None:
    error = error_of(response(503, {"error": "temporarily_unavailable", "error_description": "back soon"}))
    assert isinstance(error, BadAnswer)
    assert error.slug == "server-error"
    assert error.notes == ("the server says: back soon",)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (response(200, "<!doctype html><title>Sign in</title>"), "the token endpoint answered with an HTML page"),
        (response(200), "the token endpoint answered with an empty body"),
        (response(200, "[]"), "the token endpoint answered with JSON that is no object"),
        (response(200, '{"access_token"'), "the token endpoint answered with broken JSON (expecting ':' delimiter)"),
        (response(404, "<html>"), "the token endpoint answered with status 404 with an HTML page"),
        (response(502), "the token endpoint answered with status 502 with an empty body"),
        (response(200, b"{" * 3_000_000), "the token endpoint answered with an answer of 3000000 bytes, more than is read"),
        (response(200, '{"a":' * 900 + "1" + "}" * 900), "the token endpoint answered with JSON that is nested too deeply"),
    ],
)
def test_what_is_no_oauth_answer_is_named(answer: Response, message: str) -> None:
    error = error_of(answer)
    assert isinstance(error, BadAnswer)
    assert (error.message, error.slug, error.exit_code) == (message, "answer-unusable", ExitCode.UNKNOWN)
    assert error.where == "exchange 1, POST https://op.example/token"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("body", ["", "<html>moved</html>", '{"access_token":"a"}'])
def test_a_redirect_is_not_followed(status: int, body: str) -> None:
    played = ask(response(status, body, headers={"Location": "https://evil.example/token"}))
    assert isinstance(played.error, BadAnswer)
    assert (played.error.slug, played.error.got) == ("token-request-redirected", "https://evil.example/token")
    assert len(played.requests) == 1


@pytest.mark.parametrize("token", [None, "", {}, ["a"]])
def test_an_answer_without_access_token_says_what_it_holds(token: object) -> None:
    error = error_of(response(200, {"access_token": token, "id_token": "x.y.z"}))
    assert (error.slug, error.notes) == ("token-answer-incomplete", ("it holds `access_token`, `id_token`",))


def test_an_answer_that_holds_words_instead_of_a_token_is_quoted() -> None:
    assert error_of(response(200, {"errcode": 40029, "errmsg": "invalid code"})).notes == (
        "it holds `errcode`, `errmsg`",
        "the server says: invalid code",
    )


def test_an_answer_of_a_thousand_members_is_not_listed_in_full() -> None:
    error = error_of(response(200, {f"{'a' * 100}{index}": 0 for index in range(1000)}))
    assert len(error.notes[0]) < 1000


def test_control_characters_survive_as_data() -> None:
    error = error_of(response(400, {"error": "invalid_grant", "error_description": "\x1b[2Jno\x07 \u202ereally"}))
    assert error.data["oauth_error_description"] == "\x1b[2Jno\x07 \u202ereally"
    assert error.notes == ("the server says: \x1b[2Jno\x07 \u202ereally",)


def test_long_words_are_cut_and_lines_are_joined() -> None:
    error = error_of(response(400, {"error": "x" * 5000, "error_description": "line one\r\nline two " + "y" * 100_000}))
    assert len(error.message) < 400
    assert error.notes[0].startswith("the server says: line one line two yyy")
    assert len(error.notes[0]) < 400


@pytest.mark.parametrize(
    "client",
    [CLIENT, Client(CLIENT.client_id, CLIENT.secret, "client_secret_post")],
)
def test_a_server_that_echoes_secrets_does_not_get_them_printed(client: Client) -> None:
    words = f"code {CODE} of {CLIENT.client_id}:{CLIENT.secret} is gone"
    body = {"error": "invalid_grant", "error_description": words, "error_uri": f"https://op.example/?code={CODE}"}
    error = error_of(response(400, body), client=client)
    shown = " ".join((str(error), *error.notes, str(error.data), error.where, error.got))
    assert CODE not in shown
    assert CLIENT.secret not in shown
    assert f"code [secret] of {CLIENT.client_id}:[secret] is gone" in error.notes[0]


def test_plain_http_goes_to_this_machine_alone() -> None:
    answer = response(200, {"access_token": "a", "token_type": "Bearer"})
    assert ask(answer, url="http://127.0.0.1:8080/token").result.remarks == ()
    played = play(grant("http://op.example/token", Params(), CLIENT), [])
    assert isinstance(played.error, ConfigError)
    assert played.error.slug == "token-without-tls"
    assert not played.steps


def test_a_token_is_shown_in_the_authorization_header() -> None:
    request = bearer_request("GET", "https://op.example/me", "mF_9.B5f-4.1JqM")
    assert request.headers.get("Authorization") == "Bearer mF_9.B5f-4.1JqM"
    assert request.url == "https://op.example/me"


@pytest.mark.parametrize("token", ["a\r\nX-Injected: 1", "a\nb", "t\u00f6ken", "a\x00", "a\x7f"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        bearer_request("GET", "https://op.example/me", token)
    assert caught.value.slug == "access-token-unusable"
    assert token not in str(caught.value)


def test_help_fits_the_place_where_the_code_was_said() -> None:
    assert help_for("invalid_request") != help_for("invalid_request", in_callback=True)
    assert help_for("invalid_grant")
    assert help_for("authorization_pending")
    assert help_for("made_up_by_somebody") == ""
