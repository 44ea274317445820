from __future__ import annotations

import json

import pytest

from oauthctl.messages.claims_wanted import lacking, problem_of, values_of, wanted

OIDC_CORE_SECTION_5_5 = json.dumps(
    {
        "userinfo": {
            "given_name": {"essential": True},
            "nickname": None,
            "email": {"essential": True},
            "email_verified": {"essential": True},
            "picture": None,
            "http://example.info/claims/groups": None,
        },
        "id_token": {"auth_time": {"essential": True}, "acr": {"values": ["urn:mace:incommon:iap:silver"]}},
    }
)


def test_the_example_of_the_standard_is_read() -> None:
    assert problem_of(OIDC_CORE_SECTION_5_5) == ""
    assert wanted(OIDC_CORE_SECTION_5_5, "userinfo")["nickname"] == {}
    assert values_of(wanted(OIDC_CORE_SECTION_5_5, "id_token")["acr"]) == ("urn:mace:incommon:iap:silver",)


def test_essential_claims_that_are_missing_are_told_and_others_are_not() -> None:
    said = tuple(lacking(OIDC_CORE_SECTION_5_5, "userinfo", {"sub": "alice", "given_name": "Alice", "email": "a@example.com"}))
    assert [sentence.partition("`")[2].partition("`")[0] for sentence in said] == ["email_verified"]


def test_another_value_than_was_asked_for_is_told() -> None:
    (said,) = lacking(OIDC_CORE_SECTION_5_5, "id_token", {"auth_time": 1, "acr": "bronze"})
    assert said.startswith("`acr` in `id_token` has another value")
    assert not tuple(lacking(OIDC_CORE_SECTION_5_5, "id_token", {"auth_time": 1, "acr": "urn:mace:incommon:iap:silver"}))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"id_token": []}', '{"id_token": {"a": 1}}', "[" * 100_000])
def test_what_can_not_be_read_asks_for_nothing(text: str) -> None:
    assert problem_of(text)
    assert wanted(text, "id_token") == {}
    assert not tuple(lacking(text, "id_token", {}))
