from __future__ import annotations

import pytest

from oauthctl.rules.check_order import in_order_of_checks


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # A signature before what it covers.
        ("nonce-differs algorithm-none", "algorithm-none nonce-differs"),
        # What is no check of a token stays where it is.
        ("nonce-differs token-type-missing token-altered", "token-altered token-type-missing nonce-differs"),
        ("token-type-missing scope-narrowed", "token-type-missing scope-narrowed"),
        ("", ""),
    ],
)
def test_flaws_of_one_token_stand_as_checks_meet_them(found: str, expected: str) -> None:
    assert in_order_of_checks(found.split(), slug=str, group=lambda _: "the same") == expected.split()


def test_flaws_of_two_exchanges_keep_their_order() -> None:
    found = [("nonce-differs", 3), ("algorithm-none", 5)]
    assert in_order_of_checks(found, slug=lambda one: one[0], group=lambda one: one[1]) == found
