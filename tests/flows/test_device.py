from __future__ import annotations

from dataclasses import replace

import pytest

from oauthctl.errors import BadAnswer, NoAnswer, OauthctlError, Refused
from oauthctl.flows.authorization_code import SignedIn, SignIn
from oauthctl.flows.device import GRANT_TYPE, device_sign_in
from oauthctl.flows.steps import Show
from oauthctl.http import Response
from oauthctl.messages.client_auth import Client
from oauthctl.messages.metadata import ProviderMetadata
from tests.played import Played, play, response

ISSUER = "https://server.example.com"
METADATA = ProviderMetadata(
    (
        ("issuer", ISSUER),
        ("token_endpoint", f"{ISSUER}/token"),
        ("device_authorization_endpoint", f"{ISSUER}/device_authorization"),
    )
)
PLAN = SignIn(METADATA, Client("1406020730"), redirect_uri="", state="", scope=("example_scope",))
# The example of RFC 8628 section 3.2.
RFC8628_3_2 = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://example.com/device",
    "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
    "expires_in": 1800,
    "interval": 5,
}
TOKENS = response(200, {"access_token": "a", "token_type": "Bearer", "scope": "example_scope"})
PENDING = response(400, {"error": "authorization_pending"})
SLOW_DOWN = response(400, {"error": "slow_down"})


def played(*answers: Response | str, plan: SignIn = PLAN, **changes: object) -> Played[SignedIn]:
    members = {name: value for name, value in (RFC8628_3_2 | changes).items() if value is not None}
    return play(device_sign_in(plan), [response(200, members), *answers])


def test_the_examples_codes_are_shown_and_polled_with() -> None:
    ran = played(PENDING, TOKENS)
    assert ran.result.granted.response.access_token == "a"
    assert Show("https://example.com/device", "WDJB-MJHT", "https://example.com/device?user_code=WDJB-MJHT", 1800) in ran.steps
    first, second, third = ran.requests
    assert dict(first.form) == {"client_id": "1406020730", "scope": "example_scope"}
    assert dict(second.form) == {"grant_type": GRANT_TYPE, "device_code": str(RFC8628_3_2["device_code"]), "client_id": "1406020730"}
    assert second.body == third.body


def test_slow_down_adds_five_seconds_for_good() -> None:
    assert played(PENDING, SLOW_DOWN, PENDING, TOKENS).waited == [5, 5, 10, 10]


def test_an_interval_that_comes_with_slow_down_is_kept() -> None:
    said = response(200, {"error": "slow_down", "interval": 25})
    assert played(said, TOKENS).waited == [5, 25]


@pytest.mark.parametrize(("interval", "pause"), [(None, 5), (1, 1), (0, 5), (-3, 5), ("7", 7), (2.5, 2.5)])
def test_the_servers_interval_is_waited_for(interval: object, pause: float) -> None:
    assert played(TOKENS, interval=interval).waited == [pause]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expires_in": -1}, "holds no `expires_in` that is a positive number of seconds"),
        ({"expires_in": 0}, "holds no `expires_in` that is a positive number of seconds"),
        ({"user_code": "WDJB\x1b[2J-MJHT"}, "a `user_code` with control characters"),
        ({"user_code": "WDJB\n-MJHT"}, "a `user_code` with control characters"),
    ],
)
def test_codes_that_nobody_could_use_are_refused_and_not_shown(changes: dict[str, object], said: str) -> None:
    ran = played(**changes)
    assert isinstance(ran.error, BadAnswer)
    assert (said in ran.error.message, ran.error.slug) == (True, "device-answer-incomplete")
    assert not [step for step in ran.steps if isinstance(step, Show)]


def test_silence_doubles_the_pause() -> None:
    assert played("timed out", response(503, "busy"), PENDING, TOKENS).waited == [5, 10, 20, 20]


def test_lasting_silence_ends_it() -> None:
    ran = played(*[response(503, "busy")] * 5)
    assert isinstance(ran.error, BadAnswer)


def test_it_ends_when_the_codes_do() -> None:
    ran = played(PENDING, expires_in=5)
    assert isinstance(ran.error, Refused)
    assert ran.error.slug == "device-code-expired"


# A played flow's clock goes on by a second with each exchange, and not with a wait.
@pytest.mark.parametrize(("seconds", "waited"), [(3, [3]), (5, [5, 4]), (7, [5, 5, 5, 4])])
def test_a_person_is_waited_for_no_longer_than_one_said(seconds: int, waited: list[float]) -> None:
    ran = played(*[PENDING] * (len(waited) - 1), plan=replace(PLAN, patience_seconds=seconds))
    assert isinstance(ran.error, NoAnswer)
    assert (ran.error.slug, str(ran.error)) == ("no-decision", f"nobody decided within {seconds} s")
    assert ran.waited == waited


def test_who_decides_in_time_is_not_waited_for_in_vain() -> None:
    assert played(TOKENS, plan=replace(PLAN, patience_seconds=12)).result.granted.response.access_token == "a"


@pytest.mark.parametrize("error", ["access_denied", "expired_token", "invalid_grant"])
def test_a_refusal_ends_it(error: str) -> None:
    ran = played(PENDING, response(400, {"error": error}))
    assert isinstance(ran.error, Refused)
    assert ran.error.data["oauth_error"] == error


@pytest.mark.parametrize("missing", ["device_code", "user_code", "verification_uri"])
def test_an_answer_without_its_codes_is_told(missing: str) -> None:
    ran = played(**{missing: None})
    assert isinstance(ran.error, BadAnswer)
    assert missing in str(ran.error)


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "file:///etc/passwd", "https:// x"])
def test_a_page_that_is_no_url_is_shown_to_nobody(uri: str) -> None:
    ran = played(verification_uri=uri)
    assert isinstance(ran.error, BadAnswer)
    assert not any(isinstance(step, Show) for step in ran.steps)


def test_a_complete_page_that_is_no_url_is_left_out() -> None:
    shown = next(step for step in played(TOKENS, verification_uri_complete="javascript:x").steps if isinstance(step, Show))
    assert shown.complete_uri == ""


def test_googles_name_of_the_page_is_understood() -> None:
    ran = played(TOKENS, verification_uri=None, verification_url="https://www.google.example/device")
    assert any(isinstance(step, Show) and step.verification_uri == "https://www.google.example/device" for step in ran.steps)


def test_a_refused_device_request_says_why() -> None:
    ran = play(device_sign_in(PLAN), [response(400, {"error": "unauthorized_client"})])
    assert isinstance(ran.error, Refused)
    assert "unauthorized_client" in str(ran.error)


def test_pkce_ties_the_polling_to_the_request() -> None:
    ran = played(TOKENS, plan=replace(PLAN, code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
    assert ran.requests[0].form.get("code_challenge") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert ran.requests[1].form.get("code_verifier") == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def test_without_an_endpoint_it_says_so() -> None:
    ran = play(device_sign_in(replace(PLAN, metadata=ProviderMetadata((("issuer", ISSUER), ("token_endpoint", f"{ISSUER}/token"))))), [])
    assert isinstance(ran.error, OauthctlError)
    assert "device_authorization_endpoint" in str(ran.error)
