from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oauthctl.provider.moment import Moment
from oauthctl.provider.pruning import MOST, SESSIONS, pruned
from oauthctl.provider.records import AccessToken, BrowserSession, Grant
from oauthctl.provider.remembered import changes, with_item
from oauthctl.provider.state import ProviderState
from tests.provider.world import START, World, practice_state

MOMENT = Moment(START, b"x" * 32)


def _holding(count: int, *, since: float = 0) -> ProviderState:
    """A provider with so many access tokens, of which the last ends last."""
    now = START.timestamp() - since
    tokens = {f"t{number}": AccessToken(f"g{number}", f"t{number}", (), (), int(now), now + number) for number in range(count)}
    grants = {f"g{number}": Grant(f"g{number}", "service", "", (), ()) for number in range(count)}
    return replace(practice_state(), access_tokens=tokens, grants=grants)


def test_what_ended_an_hour_ago_is_forgotten_with_its_grant() -> None:
    state = pruned(_holding(3, since=3601), MOMENT)
    assert set(state.access_tokens) == {"t2"}
    assert set(state.grants) == {"g2"}


def test_of_too_many_those_that_came_last_are_kept() -> None:
    state = pruned(_holding(MOST + 10), MOMENT)
    assert len(state.access_tokens) == len(state.grants) == MOST
    assert "t9" not in state.access_tokens


def test_where_nothing_goes_nothing_is_made_anew() -> None:
    state = _holding(3)
    assert pruned(state, MOMENT).access_tokens is state.access_tokens


def test_it_is_looked_after_now_and_then() -> None:
    state = replace(_holding(3, since=3601), pruned_at=START - timedelta(seconds=1))
    assert pruned(state, MOMENT) is state
    assert pruned(replace(state, pruned_at=START - timedelta(minutes=5)), MOMENT) is not state


def test_a_clock_that_went_back_is_no_reason_to_wait() -> None:
    state = replace(_holding(3, since=3601), pruned_at=START + timedelta(days=1))
    assert set(pruned(state, MOMENT).access_tokens) == {"t2"}


def test_much_is_looked_after_at_once() -> None:
    state = replace(_holding(MOST * 2), pruned_at=START)
    assert len(pruned(state, MOMENT).access_tokens) == MOST


def test_of_too_many_browsers_those_that_came_last_are_kept() -> None:
    state = practice_state()
    for number in range(SESSIONS):
        state = pruned(state.with_session(f"s{number}", BrowserSession(f"s{number}", "")), MOMENT)
    # The first of them comes again.
    state = state.with_session("s0", state.sessions["s0"])
    for number in range(SESSIONS - 1):
        state = pruned(state.with_session(f"t{number}", BrowserSession(f"t{number}", "")), MOMENT)
    assert set(state.sessions) == {"s0", *(f"t{number}" for number in range(SESSIONS - 1))}


def test_a_request_makes_one_go_and_no_more() -> None:
    state = pruned(_holding(MOST), MOMENT)
    token = AccessToken("g0", "new", (), (), 0, START.timestamp() + MOST)
    after = pruned(replace(state, access_tokens=with_item(state.access_tokens, "new", token)), MOMENT)
    assert changes(state.access_tokens, after.access_tokens) == (("new",), ("t0",))


@pytest.mark.parametrize("how", ["token", "family", "client"])
def test_a_revoked_token_stays_so_when_it_is_forgotten_and_others_count(how: str) -> None:
    world = World(practice_state(token_seconds=86400))
    first = world.tokens()
    world.wait(1)
    form = {"token": first["refresh_token" if how == "family" else "access_token"], "client_id": "public"}
    if how == "client":
        grants = {key: replace(grant, is_revoked=True) for key, grant in world.state.grants.items()}
        world.state = replace(world.state, grants=grants)
    else:
        assert world.post("/revoke", form).status == 200
    others = {f"t{number}": AccessToken("g", f"t{number}", (), (), 0, START.timestamp() + 86400) for number in range(MOST)}
    later = world.tokens()
    world.state = pruned(replace(world.state, access_tokens={**world.state.access_tokens, **others}), MOMENT)
    assert len(world.state.access_tokens) == MOST
    opened = [world.get("/api/items", Authorization=f"Bearer {one['access_token']}") for one in (first, later)]
    assert [answer.status for answer in opened] == [401, 200]
    assert "revoked" in opened[0].text


def test_where_nothing_was_revoked_a_forgotten_token_is_judged_by_itself() -> None:
    world = World(practice_state(token_seconds=86400))
    token = world.tokens()["access_token"]
    others = {f"t{number}": AccessToken("g", f"t{number}", (), (), 0, START.timestamp() + 86400) for number in range(MOST)}
    world.state = pruned(replace(world.state, access_tokens={**world.state.access_tokens, **others}), MOMENT)
    assert world.get("/api/items", Authorization=f"Bearer {token}").status == 200


def test_an_old_code_is_still_known_as_one_that_expired() -> None:
    world = World()
    code = world.code()
    world.wait(3000)
    assert "expired" in world.redeem(code).text
