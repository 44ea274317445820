from __future__ import annotations

import pytest

from oauthctl.errors import BadAnswer, OauthctlError, Refused
from oauthctl.flows.authorization_code import SignedIn, SignIn
from oauthctl.flows.ciba import GRANT_TYPE, Backchannel, backchannel_sign_in
from oauthctl.http import Response
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


def test_an_answer_without_its_reference_is_told() -> None:
    ran = played(auth_req_id=None)
    assert isinstance(ran.error, BadAnswer)
    assert "auth_req_id" in str(ran.error)


def test_without_an_endpoint_it_says_so() -> None:
    plan = SignIn(ProviderMetadata((("issuer", ISSUER), ("token_endpoint", f"{ISSUER}/token"))), PLAN.client, "", "")
    ran = play(backchannel_sign_in(plan, Backchannel("alice")), [])
    assert isinstance(ran.error, OauthctlError)
    assert "backchannel_authentication_endpoint" in str(ran.error)
