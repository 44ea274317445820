from __future__ import annotations

import json

import pytest

from oauthctl.messages.authorization_details import Granted, compared, details_of, problem_of

RFC9396_SECTION_2_FIGURE_1 = {
    "type": "customer_information",
    "locations": ["https://example.com/customers"],
    "actions": ["read", "write"],
    "datatypes": ["contacts", "photos"],
}
RFC9396_SECTION_7_1_ASKED = {
    "type": "account_information",
    "access": {"accounts": [], "balances": [], "transactions": []},
    "recurringIndicator": True,
}
RFC9396_SECTION_7_1_GRANTED = {
    "type": "account_information",
    "access": {
        "accounts": [{"iban": "DE2310010010123456789"}, {"maskedPan": "123456xxxxxx1234"}],
        "balances": [{"iban": "DE2310010010123456789"}],
        "transactions": [{"iban": "DE2310010010123456789"}, {"maskedPan": "123456xxxxxx1234"}],
    },
    "recurringIndicator": True,
}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (json.dumps([RFC9396_SECTION_2_FIGURE_1]), ""),
        ("[]", ""),
        ("{", "no JSON"),
        (json.dumps(RFC9396_SECTION_2_FIGURE_1), "no JSON array"),
        ('[{"actions": []}]', "no object with a `type`"),
        ('["customer_information"]', "no object with a `type`"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_what_is_wrong_with_the_form_is_told(text: str, problem: str) -> None:
    assert (problem in problem_of(text)) if problem else not problem_of(text)


@pytest.mark.parametrize("raw", [None, "", "{", "5", {"type": "a"}, 5])
def test_what_is_no_array_holds_nothing(raw: object) -> None:
    assert details_of(raw) == ()


def test_what_was_enriched_is_told_by_its_member() -> None:
    """RFC 9396 section 7.1."""
    (one,) = compared([RFC9396_SECTION_7_1_ASKED], [RFC9396_SECTION_7_1_GRANTED])
    assert one == Granted(RFC9396_SECTION_7_1_ASKED, RFC9396_SECTION_7_1_GRANTED, ("access",))
    assert one.type == "account_information"


def test_each_object_is_compared_with_its_own_kind() -> None:
    asked = [{"type": "a", "n": 1}, {"type": "a", "n": 2}, {"type": "b"}]
    granted = [{"type": "a", "n": 2}, {"type": "c"}, {"type": "a", "n": 3}]
    assert compared(asked, granted) == (
        Granted(asked[0], granted[2], ("n",)),
        Granted(asked[1], granted[0]),
        Granted(asked[2], None),
        Granted(None, granted[1]),
    )


def test_a_member_of_null_is_another_than_a_missing_one() -> None:
    assert compared([{"type": "a", "n": None}], [{"type": "a"}])[0].changed == ("n",)
