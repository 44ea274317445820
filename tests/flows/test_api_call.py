from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.flows.api_call import call
from oauthctl.flows.steps import Send
from oauthctl.http import Request, get_request
from tests.played import play, response

API = "https://server.example.com/resource"
TOKEN = "mF_9.B5f-4.1JqM"


def test_rfc6750_section_2_1() -> None:
    played = play(call(get_request(API), TOKEN), [response(200, "fine")])
    assert played.requests[0].headers.get("Authorization") == f"Bearer {TOKEN}"
    assert TOKEN not in played.requests[0].url
    assert isinstance(played.steps[0], Send)
    assert played.steps[0].stream
    assert (played.result.status, played.result.wants_fresh_token, played.result.lacking_scope) == (200, False, None)


@pytest.mark.parametrize("token_type", ["bearer", "BEARER", "Bearer", ""])
def test_the_scheme_is_bearer_in_whatever_case_the_type_came(token_type: str) -> None:
    played = play(call(get_request(API), TOKEN, token_type=token_type), [response(200)])
    assert played.requests[0].headers.get("Authorization") == f"Bearer {TOKEN}"


@pytest.mark.parametrize(("token_type", "word"), [("mac", "`mac`"), ("N_A", "`N_A`"), ("token", "`token`")])
def test_a_token_of_a_type_that_we_cannot_use_is_not_sent(token_type: str, word: str) -> None:
    error = play(call(get_request(API), TOKEN, token_type=token_type), []).error
    assert isinstance(error, BadAnswer)
    assert error.slug == "token-type-unknown"
    assert word in error.message


@pytest.mark.parametrize("token", ["two\nlines", "steer\x1b[2J", "\u00fcnusual"])
def test_a_token_that_no_header_can_carry_is_not_sent(token: str) -> None:
    error = play(call(get_request(API), token), []).error
    assert isinstance(error, BadAnswer)
    assert error.slug == "access-token-unusable"
    assert token not in error.message


def test_a_header_of_ones_own_is_replaced_and_the_rest_stays() -> None:
    request = Request("POST", API, get_request(API).headers.with_("authorization", "Basic eDp5"), b"body")
    [sent] = play(call(request, TOKEN), [response(200)]).requests
    assert sent.headers.all("Authorization") == (f"Bearer {TOKEN}",)
    assert (sent.method, sent.body) == ("POST", b"body")


@pytest.mark.parametrize(
    ("status", "challenge", "fresh"),
    [
        (401, 'Bearer realm="example", error="invalid_token"', True),
        (401, 'bEaReR error="invalid_token"', True),
        (401, 'DPoP algs="ES256", Bearer error="invalid_token"', True),
        (401, 'DPoP error="invalid_token"', True),
        (401, 'Bearer realm="example"', False),
        (401, "", False),
        (401, 'Basic realm="example"', False),
        (401, 'Basic error="invalid_token"', False),
        (401, 'DPoP error="invalid_dpop_proof"', False),
        (401, 'Bearer error="invalid_request"', False),
        (403, 'Bearer error="invalid_token"', False),
        (500, "", False),
    ],
)
def test_a_fresh_token_may_help_when_the_challenge_says_so(status: int, challenge: str, fresh: bool) -> None:
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    assert play(call(get_request(API), TOKEN), [response(status, headers=headers)]).result.wants_fresh_token == fresh


@pytest.mark.parametrize(
    ("status", "challenge", "is_bare"),
    [
        (401, 'Bearer realm="example"', True),
        (401, "DPoP", True),
        (401, 'Bearer error="invalid_token"', False),
        (401, 'Basic realm="example"', False),
        (401, "", False),
        (403, "Bearer", False),
    ],
)
def test_a_challenge_without_a_reason_is_told_apart(status: int, challenge: str, is_bare: bool) -> None:
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    assert play(call(get_request(API), TOKEN), [response(status, headers=headers)]).result.has_bare_challenge == is_bare


@pytest.mark.parametrize(
    ("status", "challenge", "scopes"),
    [
        (403, 'Bearer error="insufficient_scope", scope="mail calendar"', ("mail", "calendar")),
        (403, 'Bearer error="insufficient_scope"', ()),
        (403, "", None),
        (401, 'Bearer error="insufficient_scope", scope="mail"', None),
    ],
)
def test_the_scopes_that_are_lacking_are_read(status: int, challenge: str, scopes: tuple[str, ...] | None) -> None:
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    assert play(call(get_request(API), TOKEN), [response(status, headers=headers)]).result.lacking_scope == scopes


def test_a_token_never_goes_over_plain_http() -> None:
    played = play(call(get_request("http://server.example.com/resource?secret=1"), TOKEN), [])
    assert isinstance(played.error, ConfigError)
    assert played.error.slug == "token-without-tls"
    assert "secret" not in played.error.message


def test_on_this_machine_plain_http_will_do() -> None:
    assert play(call(get_request("http://127.0.0.1:8080/resource"), TOKEN), [response(200)]).result.status == 200
