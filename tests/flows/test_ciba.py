from __future__ import annotations

from dataclasses import replace

import pytest

from oauthctl.errors import BadAnswer, NoAnswer, OauthctlError, Refused
from oauthctl.flows.authorization_code import SignedIn, SignIn
from oauthctl.flows.ciba import GRANT_TYPE, Backchannel, backchannel_sign_in
from oauthctl.flows.steps import AwaitPing
from oauthctl.http import Request, Response
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from tests.played import Played, play, response

ISSUER = "https://server.example.com"
METADATA = ProviderMetadata(
    (
        ("issuer", ISSUER),
        ("token_endpoint", f"{ISSUER}/token"),
        ("backchannel_authentication_endpoint", f"{ISSUER}/bc-authorize"),
    )
)
PLAN = SignIn(METADATA, Client("s6BhdRkqt3", "secret", "client_secret_basic"), redirect_uri="", state="", scope=("email",))
# The example of CIBA Core section 7.3.
CIBA_7_3 = {"auth_req_id": "1c266114-a1be-4252-8ad1-04986c5b9ac1", "expires_in": 120, "interval": 2}
TOKENS = response(200, {"access_token": "a", "token_type": "Bearer"})
PENDING = response(400, {"error": "authorization_pending"})


def played(*answers: Response, **changes: object) -> Played[SignedIn]:
    members = {name: value for name, value in (CIBA_7_3 | changes).items() if value is not None}
    return play(backchannel_sign_in(PLAN, Backchannel("alice", "W4SCT")), [response(200, members), *answers])


def test_a_request_that_is_over_at_once_is_refused() -> None:
    ran = played(expires_in=-1)
    assert isinstance(ran.error, BadAnswer)
    assert ran.error.slug == "backchannel-answer-incomplete"
    assert len(ran.requests) == 1


def test_the_person_is_asked_and_the_outcome_is_asked_for() -> None:
    ran = played(PENDING, TOKENS)
    assert ran.result.granted.response.access_token == "a"
    first, second, third = ran.requests
    assert dict(first.form) == {"scope": "openid email", "login_hint": "alice", "binding_message": "W4SCT"}
    assert dict(second.form) == {"grant_type": GRANT_TYPE, "auth_req_id": str(CIBA_7_3["auth_req_id"])}
    assert second.body == third.body
    assert all(request.headers.get("authorization") for request in ran.requests)


def test_the_servers_interval_is_waited_for() -> None:
    assert played(PENDING, response(400, {"error": "slow_down"}), TOKENS).waited == [2, 2, 7]


@pytest.mark.parametrize("error", ["access_denied", "expired_token", "transaction_failed"])
def test_a_no_ends_it(error: str) -> None:
    ran = played(PENDING, response(400, {"error": error}))
    assert isinstance(ran.error, Refused)
    assert ran.error.data["oauth_error"] == error


@pytest.mark.parametrize("error", ["unknown_user_id", "missing_user_code", "unauthorized_client", "invalid_binding_message"])
def test_a_request_that_is_refused_says_why(error: str) -> None:
    ran = play(backchannel_sign_in(PLAN, Backchannel("nobody")), [response(400, {"error": error})])
    assert isinstance(ran.error, Refused)
    assert error in str(ran.error)


def test_it_ends_when_the_request_does() -> None:
    ran = played(PENDING, expires_in=2)
    assert isinstance(ran.error, Refused)
    assert ran.error.slug == "backchannel-request-expired"


def test_a_person_is_waited_for_no_longer_than_one_said() -> None:
    for asked in (Backchannel("alice"), Backchannel("alice", notified_at="https://client.example.com/cb")):
        ran = play(backchannel_sign_in(replace(PLAN, patience_seconds=1), asked), [response(200, CIBA_7_3)])
        assert isinstance(ran.error, NoAnswer)
        assert (ran.error.slug, ran.waited) == ("no-decision", [1])


def test_an_answer_without_its_reference_is_told() -> None:
    ran = played(auth_req_id=None)
    assert isinstance(ran.error, BadAnswer)
    assert "auth_req_id" in str(ran.error)


PLACE = "http://127.0.0.1:8400/ciba"
PINGED = Request("POST", PLACE)


def pinged(*answers: Response | Request | None, **changes: object) -> Played[SignedIn]:
    given = [response(200, CIBA_7_3 | changes), *answers]
    return play(backchannel_sign_in(PLAN, Backchannel("alice", notified_at=PLACE)), given)


def test_in_ping_mode_the_outcome_is_asked_for_once_the_provider_says_that_there_is_one() -> None:
    ran = pinged(PINGED, TOKENS)
    assert ran.result.remarks == ()
    assert ran.waited == []
    awaited = next(step for step in ran.steps if isinstance(step, AwaitPing))
    assert ran.requests[0].form.get("client_notification_token") == awaited.token
    assert awaited.auth_req_id == CIBA_7_3["auth_req_id"]
    assert awaited.token not in repr(awaited)
    assert awaited.auth_req_id not in repr(awaited)


def test_a_notification_that_never_comes_is_done_without_and_told() -> None:
    ran = pinged(None, PENDING, None, TOKENS)
    assert "no notification to `http://127.0.0.1:8400/ciba`" in ran.result.remarks[0]
    assert [step.seconds for step in ran.steps if isinstance(step, AwaitPing)] == [30, 30]


def test_a_slow_servers_interval_is_longer_than_the_patience() -> None:
    assert [step.seconds for step in pinged(None, TOKENS, interval=45).steps if isinstance(step, AwaitPing)] == [45]


def test_after_a_poll_the_interval_counts_though_the_provider_has_said_so() -> None:
    # The player's clock goes on by a second with each exchange, of which a tenth is the answer's: 1.1 of the 2 seconds are left.
    assert pinged(None, PENDING, PINGED, TOKENS).waited == pytest.approx([1.1])


def test_who_was_told_once_asks_as_in_poll_mode() -> None:
    assert pinged(PINGED, PENDING, TOKENS).waited == [2]


def test_without_an_endpoint_it_says_so() -> None:
    plan = SignIn(ProviderMetadata((("issuer", ISSUER), ("token_endpoint", f"{ISSUER}/token"))), PLAN.client, "", "")
    ran = play(backchannel_sign_in(plan, Backchannel("alice")), [])
    assert isinstance(ran.error, OauthctlError)
    assert "backchannel_authentication_endpoint" in str(ran.error)
