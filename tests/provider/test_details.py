"""Authorization in detail (RFC 9396): consent, tokens, introspection, narrowing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oauthctl.provider.client import Client
from tests.provider.world import SECRET, World, callback, claims_of, document, practice_state, with_client

RFC9396_SECTION_2_FIGURE_2: dict[str, Any] = {
    "type": "payment_initiation",
    "actions": ["initiate", "status", "cancel"],
    "locations": ["https://example.com/payments"],
    "instructedAmount": {"currency": "EUR", "amount": "123.50"},
    "creditorName": "Merchant A",
    "creditorAccount": {"iban": "DE02100100109307118603"},
    "remittanceInformationUnstructured": "Ref Number Merchant",
}
ITEMS = {"type": "items", "identifier": "i-1", "actions": ["read"]}
BOTH = json.dumps([RFC9396_SECTION_2_FIGURE_2, ITEMS])


def test_the_person_sees_what_exactly_is_asked_for() -> None:
    there = World()
    page = there.sign_in(there.ask(authorization_details=BOTH))
    assert "Make this payment" in page.text
    assert "123.50" in page.text
    assert "&quot;creditorName&quot;: &quot;Merchant A&quot;" in page.text


def test_the_person_is_asked_each_time() -> None:
    there = World()
    assert callback(there.allow(there.sign_in(there.ask(authorization_details=BOTH)))).get("code")
    assert there.ask(authorization_details=BOTH).status == 200
    assert callback(there.ask(authorization_details=BOTH, prompt="none")).get("error") == "consent_required"
    assert callback(there.ask()).get("code")


def test_answer_token_and_introspection_say_what_is_granted() -> None:
    there = World()
    granted = there.tokens(authorization_details=BOTH)
    assert granted["authorization_details"] == json.loads(BOTH)
    assert claims_of(granted["access_token"])["authorization_details"] == json.loads(BOTH)
    assert told(there, granted["access_token"])["authorization_details"] == json.loads(BOTH)
    again = document(there.refresh(granted["refresh_token"]))
    assert again["authorization_details"] == json.loads(BOTH)


def told(there: World, token: str) -> dict[str, Any]:
    from oauthctl.messages.client_auth import basic_credentials

    return document(there.post("/introspect", {"token": token}, Authorization=basic_credentials("api", SECRET)))


def test_a_token_request_can_ask_for_less_and_not_for_more() -> None:
    there = World()
    granted = document(there.redeem(there.code(authorization_details=BOTH), authorization_details=json.dumps([ITEMS])))
    assert granted["authorization_details"] == [ITEMS]
    assert told(there, granted["access_token"])["authorization_details"] == [ITEMS]
    more = there.redeem(there.code(authorization_details=json.dumps([ITEMS])), authorization_details=BOTH)
    assert document(more)["error"] == "invalid_authorization_details"


def test_a_client_asks_for_itself() -> None:
    there = World()
    form = {"grant_type": "client_credentials", "authorization_details": json.dumps([ITEMS])}
    assert document(there.token_request(form, client_id="service", secret=SECRET))["authorization_details"] == [ITEMS]


def test_who_asks_for_none_gets_none() -> None:
    assert "authorization_details" not in World().tokens()


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ("{", "no JSON"),
        ('{"type": "items"}', "array"),
        ('["items"]', "array of objects"),
        ('[{"actions": ["read"]}]', "no type"),
        ('[{"type": "moon_landing"}]', "unknown here"),
        ('[{"type": "items", "actions": "read"}]', "actions"),
        ("[" * 5000, "nested too deeply"),
        ('[{"type": "items", "x": NaN}]', "NaN"),
        ('[{"type": "items", "x": "\\ud800"}]', "surrogate"),
        (json.dumps([ITEMS] * 51), "array"),
    ],
)
def test_what_is_not_taken_is_refused_with_its_own_error(details: str, said: str) -> None:
    answer = callback(World().ask(authorization_details=details))
    assert answer.get("error") == "invalid_authorization_details"
    assert said in (answer.get("error_description") or "")


def test_a_client_may_be_kept_to_some_types() -> None:
    there = World(with_client(practice_state(), "public", authorization_details_types=("photo_album",)))
    assert callback(there.ask(authorization_details=json.dumps([ITEMS]))).get("error") == "invalid_authorization_details"
    assert Client("x").authorization_details_types == ()


def test_the_metadata_names_the_types() -> None:
    said = document(World().get("/.well-known/openid-configuration"))
    assert {"items", "payment_initiation"} <= set(said["authorization_details_types_supported"])
