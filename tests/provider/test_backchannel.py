from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from oauthctl.http import Params, Response
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.backchannel import notified
from oauthctl.provider.client import CIBA
from oauthctl.provider.moment import Moment
from tests.provider.world import SECRET, World, claims_of, document, practice_state, with_client

WEB = {"Authorization": basic_credentials("web", SECRET)}


def ask(there: World, **changes: str | None) -> Response:
    form = {"scope": "openid items.read", "login_hint": "alice", "binding_message": "W4SCT"}
    return there.post("/bc-authorize", Params.of({**form, **changes}), **WEB)


def begun(there: World, **changes: str | None) -> dict[str, Any]:
    response = ask(there, **changes)
    assert response.status == 200, response.text
    return document(response)


def poll(there: World, asked: dict[str, Any]) -> Response:
    return there.token_request({"grant_type": CIBA, "auth_req_id": asked["auth_req_id"]}, client_id="web", secret=SECRET)


def error(response: Response) -> str:
    return str(document(response).get("error"))


def approvals(there: World, username: str = "alice") -> Response:
    return there.sign_in(there.browse(there.state.url("/approvals")), username, username)


def test_the_client_gets_tokens_once_the_person_has_said_yes() -> None:
    there = World()
    asked = begun(there)
    assert error(poll(there, asked)) == "authorization_pending"
    page = approvals(there)
    assert b"W4SCT" in page.body
    there.submit(page, decision="allow")
    there.wait(5)
    tokens = document(poll(there, asked))
    assert claims_of(tokens["id_token"])["sub"] == "alice"
    there.wait(5)
    assert error(poll(there, asked)) == "invalid_grant"


def test_a_no_is_told_to_the_client() -> None:
    there = World()
    asked = begun(there)
    there.submit(approvals(there), decision="deny")
    assert error(poll(there, asked)) == "access_denied"


def test_another_person_sees_nothing_and_decides_nothing() -> None:
    there = World()
    asked = begun(there)
    page = approvals(there, "bob")
    assert b"Nothing waits for you" in page.body
    number = next(iter(there.state.backchannel_requests.values())).number
    forged = Params((("step", "decide"), ("csrf", "x"), ("number", number), ("decision", "allow")))
    assert there.browse(there.state.url("/approvals"), forged).status == 403
    assert error(poll(there, asked)) == "authorization_pending"


def test_the_page_does_not_give_the_clients_secret_away() -> None:
    there = World()
    asked = begun(there)
    assert asked["auth_req_id"].encode() not in approvals(there).body


def test_who_polls_too_fast_is_told_to_slow_down() -> None:
    there = World()
    asked = begun(there)
    poll(there, asked)
    assert error(poll(there, asked)) == "slow_down"


def test_requests_expire() -> None:
    there = World()
    asked = begun(there)
    there.wait(121)
    assert error(poll(there, asked)) == "expired_token"
    assert b"Nothing waits" in approvals(there).body


def test_that_a_request_expired_is_told_hours_later() -> None:
    there = World()
    asked = begun(there)
    there.wait(5 * 3600)
    begun(there)
    assert error(poll(there, asked)) == "expired_token"


@pytest.mark.parametrize(("asked_for", "given"), [("1", 1), ("300", 300), ("9999999999", 600)])
def test_a_client_may_ask_for_a_shorter_or_longer_wait(asked_for: str, given: int) -> None:
    there = World()
    asked = begun(there, requested_expiry=asked_for)
    assert asked["expires_in"] == given
    there.wait(given - 0.5)
    assert error(poll(there, asked)) == "authorization_pending"
    there.wait(10)
    assert error(poll(there, asked)) == "expired_token"


def test_a_person_is_known_by_address_too() -> None:
    there = World()
    begun(there, login_hint="alice@example.com")
    assert b"W4SCT" in approvals(there).body


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"login_hint": "nobody"}, "unknown_user_id"),
        ({"login_hint": None}, "invalid_request"),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"scope": "items.read"}, "invalid_scope"),
        ({"binding_message": "two\nlines"}, "invalid_binding_message"),
        ({"binding_message": "<b>"}, "invalid_binding_message"),
        *(({"requested_expiry": one}, "invalid_request") for one in ("0", "-1", "+9", "1.5", "1e9", "abc", "\uff11", "9" * 6000)),
    ],
)
def test_a_bad_request_is_refused(changes: dict[str, str | None], expected: str) -> None:
    assert error(ask(World(), **changes)) == expected


def test_a_public_client_may_not_ask() -> None:
    there = World(with_client(practice_state(), "public", grant_types=("authorization_code", CIBA)))
    response = there.post("/bc-authorize", Params.of({"client_id": "public", "scope": "openid", "login_hint": "alice"}))
    assert error(response) == "unauthorized_client"


def test_a_client_that_is_gone_keeps_nobody_from_the_page() -> None:
    there = World()
    begun(there)
    there.state = replace(there.state, clients={key: one for key, one in there.state.clients.items() if key != "web"})
    assert b"Nothing waits for you" in approvals(there).body


ENDPOINT = "https://app.example/ciba"
TOKEN = "8d67dc78-7faa-4d41-aabd-67707b374255"
"""As in the example of CIBA Core section 7.1.1."""


def pinging() -> World:
    return World(with_client(practice_state(), "web", notification_endpoint=ENDPOINT))


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_a_client_in_ping_mode_is_told_of_the_decision(decision: str) -> None:
    there = pinging()
    asked = begun(there, client_notification_token=TOKEN)
    page = approvals(there)
    assert there.state.outgoing == ()
    there.submit(page, decision=decision)
    (sent,) = there.state.outgoing
    assert (sent.client_id, sent.request.method, sent.request.url) == ("web", "POST", ENDPOINT)
    assert sent.request.headers.get("authorization") == f"Bearer {TOKEN}"
    assert json.loads(sent.request.body) == {"auth_req_id": asked["auth_req_id"]}
    assert TOKEN not in repr(there.state)
    assert asked["auth_req_id"] not in repr(there.state)


def test_a_client_that_polls_is_told_nothing() -> None:
    there = World()
    begun(there, client_notification_token=TOKEN)
    there.submit(approvals(there), decision="allow")
    assert there.state.outgoing == ()


@pytest.mark.parametrize("token", [None, "", "short", "with space and enough characters", "x" * 1025, "ümläut" * 5])
def test_ping_mode_needs_a_token_that_is_one(token: str | None) -> None:
    response = ask(pinging(), client_notification_token=token)
    assert error(response) == "invalid_request"
    assert "client_notification_token" in response.text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(Response(204), ""), (Response(200), ""), (Response(302), "notification_failed"), (None, "notification_failed")],
)
def test_what_became_of_a_notification_is_logged(answer: Response | None, expected: str) -> None:
    there = pinging()
    begun(there, client_notification_token=TOKEN)
    there.submit(approvals(there), decision="allow")
    state = notified(there.state, there.state.outgoing[0], answer, Moment(there.now, b""))
    assert (state.log[-1].who, state.log[-1].error) == ("web", expected)
