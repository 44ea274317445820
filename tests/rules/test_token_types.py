"""Each member of a token that has a wrong type is a finding by itself, and does not hide the others."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from tests.cli.running import oauthctl

HEADER = {"alg": "RS256", "kid": "k-1", "typ": "JWT"}
CLAIMS = {"iss": "https://idp.example.com", "sub": "u-42", "aud": "api", "iat": 1793610810, "exp": 4102444800}
BROKEN: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "alg": ({"alg": {"x": 1}}, {}, "c2ln", "header-member-mistyped"),
    "no alg": ({"alg": None}, {}, "c2ln", "token-header-unusable"),
    "kid": ({"kid": [1]}, {}, "c2ln", "header-member-mistyped"),
    "crit": ({"crit": 5}, {}, "c2ln", "header-member-mistyped"),
    "empty crit": ({"crit": []}, {}, "c2ln", "header-member-mistyped"),
    "iss": ({}, {"iss": 1}, "c2ln", "claim-mistyped"),
    "sub": ({}, {"sub": 42}, "c2ln", "claim-mistyped"),
    "aud": ({}, {"aud": {"a": 1}}, "c2ln", "claim-mistyped"),
    "cnf": ({}, {"cnf": "x"}, "c2ln", "claim-mistyped"),
    "exp": ({}, {"exp": "NaN"}, "c2ln", "expiry-missing"),
    "nbf": ({}, {"nbf": []}, "c2ln", "time-not-a-number"),
    "iat": ({}, {"iat": "2026-11-02T09:13:30Z"}, "c2ln", "time-not-a-number"),
    "signature": ({}, {}, "!!", "token-not-base64url"),
}


def _part(members: dict[str, Any]) -> str:
    kept = {name: value for name, value in members.items() if value is not None}
    return urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip("=")


def _found(header: dict[str, Any], claims: dict[str, Any], signature: str) -> list[str]:
    ran = oauthctl("diagnose", "-", "--json", stdin=f"{_part(HEADER | header)}.{_part(CLAIMS | claims)}.{signature}")
    found = [finding["rule"] for finding in json.loads(ran.out)["findings"]]
    assert ran.code == (1 if found else 0)
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_a_member_of_a_wrong_type_is_a_finding(name: str) -> None:
    header, claims, signature, rule = BROKEN[name]
    assert _found(header, claims, signature) == [rule]


def test_no_defect_hides_another() -> None:
    header = BROKEN["alg"][0] | BROKEN["kid"][0] | BROKEN["crit"][0]
    claims = BROKEN["iss"][1] | BROKEN["exp"][1] | BROKEN["nbf"][1]
    # An `alg` can't be missing and be wrong.
    assert set(_found(header, claims, "!!")) == {one[3] for name, one in BROKEN.items() if name != "no alg"}


def test_members_of_the_right_types_are_no_finding() -> None:
    assert _found({"crit": None}, {"aud": ["api", "other"], "scope": "a b", "nonce": None, "iat": 1793610810.5}, "c2ln") == []


@pytest.mark.parametrize(("alg", "words"), [({"x": 1}, "a JWT whose `alg` is no text"), (None, "a JWT whose header names no algorithm")])
def test_decode_says_what_the_algorithm_is_not(alg: object, words: str) -> None:
    assert words in oauthctl("decode", "-", stdin=f"{_part(HEADER | {'alg': alg})}.{_part(CLAIMS)}.c2ln").out
