"""The `claims` parameter (OpenID Connect Core 1.0 section 5.5)."""

from __future__ import annotations

import json

import pytest

from tests.provider.world import World, callback, claims_of, document

OIDC_CORE_SECTION_5_5_EXAMPLE = {
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


def tokens(there: World, wanted: object) -> dict[str, str]:
    return there.tokens(scope="openid", claims=json.dumps(wanted))


def test_the_standards_example_opens_claims_that_no_scope_was_asked_for() -> None:
    there = World()
    granted = tokens(there, OIDC_CORE_SECTION_5_5_EXAMPLE)
    told = document(there.get("/userinfo", Authorization=f"Bearer {granted['access_token']}"))
    assert told == {"sub": "alice", "given_name": "Alice", "email": "alice@example.com", "email_verified": True}
    assert "email" not in claims_of(granted["id_token"])
    assert isinstance(claims_of(granted["id_token"])["auth_time"], int)


def test_claims_of_the_id_token_come_there() -> None:
    there = World()
    granted = tokens(there, {"id_token": {"email": None, "locale": {"value": "de"}, "family_name": {"values": ["Adams", "Brown"]}}})
    claims = claims_of(granted["id_token"])
    assert (claims["email"], claims["family_name"]) == ("alice@example.com", "Adams")
    assert "locale" not in claims
    told = document(there.get("/userinfo", Authorization=f"Bearer {granted['access_token']}"))
    assert told == {"sub": "alice"}


def test_the_person_sees_which() -> None:
    there = World()
    page = there.sign_in(there.ask(scope="openid", claims=json.dumps({"id_token": {"email": None}})))
    assert "Know this about you" in page.text
    assert "<code>email</code>" in page.text


def test_an_essential_way_of_authentication_that_is_not_offered_is_an_error() -> None:
    wanted = {"id_token": {"acr": {"essential": True, "values": ["phishing-resistant"]}}}
    assert callback(World().ask(claims=json.dumps(wanted))).get("error") == "unmet_authentication_requirements"
    wanted["id_token"]["acr"]["values"] = ["phishing-resistant", "password"]
    assert claims_of(tokens(World(), wanted)["id_token"])["acr"] == "password"


def test_another_person_than_the_one_who_is_asked_for_will_not_do() -> None:
    there = World()
    there.answer()
    wanted = json.dumps({"id_token": {"sub": {"value": "bob"}}})
    assert callback(there.ask(claims=wanted, prompt="none")).get("error") == "login_required"
    wanted = json.dumps({"id_token": {"sub": {"value": "alice"}}})
    assert callback(there.ask(claims=wanted, prompt="none")).get("code")


@pytest.mark.parametrize("claims", ["[]", "{", '{"id_token": []}', '{"id_token": {"email": true}}', '{"userinfo": {"email": ["a"]}}'])
def test_what_can_not_be_read_is_refused(claims: str) -> None:
    assert callback(World().ask(claims=claims)).get("error") == "invalid_request"


def test_places_that_nobody_knows_are_left_out() -> None:
    assert callback(World().ask(claims='{"elsewhere": 1}', prompt="none")).get("error") == "login_required"


def test_the_metadata_says_so() -> None:
    assert document(World().get("/.well-known/openid-configuration"))["claims_parameter_supported"] is True
