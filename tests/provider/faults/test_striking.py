from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

import pytest

from oauthctl.http import Params, Request, Response, form_request
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.faults.striking import struck
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState, with_legacy
from tests.provider.world import CALLBACK, ISSUER, VERIFIER, World, claims_of, document, practice_state

METADATA = "/.well-known/openid-configuration"


def _world(*faults: str) -> World:
    return World(replace(practice_state(), faults=tuple(read_fault(fault) for fault in faults)))


def _struck(world: World, times: int) -> list[bool]:
    return ["issuer" not in world.get(METADATA).text for _ in range(times)]


def test_a_fault_strikes_every_time_unless_told_otherwise() -> None:
    assert _struck(_world("metadata-missing"), 3) == [True, True, True]


def test_after_lets_the_first_ones_pass_and_times_bounds_the_strikes() -> None:
    assert _struck(_world("metadata-missing:after=1,times=2"), 5) == [False, True, True, False, False]


def test_a_rate_strikes_now_and_then() -> None:
    struck = _struck(_world("metadata-missing:rate=0.5"), 60)
    assert 10 < sum(struck) < 50


def test_requests_that_are_no_occasion_are_not_counted() -> None:
    world = _world("refresh-expired:times=1")
    tokens = world.tokens()
    assert world.state.faults[0].occasions == 0
    assert world.refresh(tokens["refresh_token"]).status == 400
    assert world.refresh(tokens["refresh_token"]).status == 200


def test_a_fault_for_one_client_leaves_others_alone() -> None:
    world = _world("token-lifetime-as-text:client=web")
    assert world.tokens()["expires_in"] == 300


@pytest.mark.parametrize(
    "spec", ["id-token-nonce-wrong", "id-token-nonce-wrong:after=9", "signature-none:rate=0.000001", "refresh-expired"]
)
def test_the_provider_works_an_answer_out_once_whether_or_not_the_fault_strikes(spec: str) -> None:
    world = _world(spec)
    code = world.code(scope="openid")
    asked: list[Request] = []

    def counted(state: ProviderState, request: Request, moment: Moment) -> Answer:
        asked.append(request)
        return handle(replace(state, faults=()), request, moment)

    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, "client_id": "public"}
    request = form_request(f"{ISSUER}/token", Params.of(form))
    _, response = struck(world.state, request, Moment(world.now, b"1"), then=counted)
    assert "id_token" in document(response)
    assert len(asked) == 1


def test_two_faults_strike_the_same_answer() -> None:
    found = document(_world("metadata-issuer-slash", "metadata-without-token-endpoint").get(METADATA))
    assert found["issuer"].endswith("/")
    assert "token_endpoint" not in found


def test_the_provider_is_itself_again_when_a_fault_is_over() -> None:
    world = _world("keys-empty:times=1")
    assert document(world.get("/jwks"))["keys"] == []
    assert document(world.get("/jwks"))["keys"]


def test_a_fault_passes_over_what_an_earlier_one_made_unreadable() -> None:
    world = _world("metadata-broken", "metadata-issuer-slash")
    assert not world.get(METADATA).text.endswith("}")
    assert [switched.strikes for switched in world.state.faults] == [1, 0]


def test_a_spoiled_signature_is_not_repaired_by_a_fault_of_the_claims() -> None:
    world = _world("signature-none", "id-token-nonce-wrong")
    assert world.tokens()["id_token"].endswith(".")
    assert [switched.strikes for switched in world.state.faults] == [1, 1]


@pytest.mark.parametrize("mode", ["fragment", "form_post"])
@pytest.mark.parametrize(
    ("fault", "member", "expected"),
    [("front-nonce-wrong", "nonce", "a-nonce-of-somebody-else"), ("front-c-hash-missing", "c_hash", None)],
)
def test_what_the_browser_brings_is_spoiled_however_it_travels(mode: str, fault: str, member: str, expected: str | None) -> None:
    world = _legacy(fault)
    brought = _brought(world, response_type="code id_token", response_mode=mode)
    assert claims_of(brought.get("id_token") or "").get(member) == expected
    assert brought.get("code")
    assert world.state.faults[0].strikes == 1


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_the_callback_is_spoiled_however_it_travels(mode: str) -> None:
    """The rest of the answer stays as it was, characters that HTML escapes among it."""
    brought = _brought(_legacy("callback-issuer-wrong"), response_mode=mode, state="<a href='x'>&amp;\"")
    assert (brought.get("iss"), brought.get("state")) == ("https://id.elsewhere.example", "<a href='x'>&amp;\"")


@pytest.mark.parametrize("mode", ["fragment", "form_post"])
def test_tokens_come_in_the_query_whatever_was_asked_for(mode: str) -> None:
    location = _came_back(_legacy("front-tokens-in-query"), response_type="code id_token", response_mode=mode).headers.get("location") or ""
    assert {"id_token", "code", "state"} <= dict(Params.parse(urlsplit(location).query)).keys()


def _legacy(*faults: str) -> World:
    return World(with_legacy(_world(*faults).state))


def _came_back(world: World, **asked: str) -> Response:
    page = world.sign_in(world.ask(**asked))
    return world.allow(page) if page.status == 200 and b'value="allow"' in page.body else page


def _brought(world: World, **asked: str) -> Params:
    response = _came_back(world, **asked)
    if asked["response_mode"] == "form_post":
        fields = re.findall(r'name="([^"]*)" value="([^"]*)"', response.text)
        return Params(tuple((name, unescape(value)) for name, value in fields))
    location = urlsplit(response.headers.get("location") or "")
    return Params.parse(location.fragment or location.query)
