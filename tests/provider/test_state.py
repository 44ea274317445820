from __future__ import annotations

from dataclasses import replace

from oauthctl.provider.records import Grant
from tests.provider.world import practice_state


def _grant(key: str, parent: str = "") -> Grant:
    return Grant(key, "service", "alice", (), (), parent=parent)


def test_with_a_grant_goes_all_that_its_tokens_were_traded_for() -> None:
    parents = {"one": "", "two": "one", "three": "two", "beside": "one", "other": "", "others": "other"}
    state = replace(practice_state(), grants={key: _grant(key, parent) for key, parent in parents.items()})
    after = state.with_grants_revoked(("one", "unknown"))
    assert {key for key, grant in after.grants.items() if grant.is_revoked} == {"one", "two", "three", "beside"}


def test_grants_that_were_traded_in_a_circle_come_to_an_end() -> None:
    state = replace(practice_state(), grants={"one": _grant("one", "two"), "two": _grant("two", "one")})
    assert all(grant.is_revoked for grant in state.with_grants_revoked(("one",)).grants.values())


def test_a_long_chain_is_gone_through_once() -> None:
    grants = {str(number): _grant(str(number), str(number - 1) if number else "") for number in range(3000)}
    after = replace(practice_state(), grants=grants).with_grants_revoked(("0",))
    assert sum(grant.is_revoked for grant in after.grants.values()) == 3000
