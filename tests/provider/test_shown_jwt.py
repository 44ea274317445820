"""What all JWTs that are shown in a request are judged by."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from oauthctl.jose.jwt import take_apart
from oauthctl.jose.sign import sign
from oauthctl.provider.answers import Denied
from oauthctl.provider.moment import Moment
from oauthctl.provider.shown_jwt import audiences, check_kind, check_times, is_remembered, remembering
from tests.provider.world import START, keys

NOW = Moment(START, b"")
SECONDS = NOW.seconds


def refused(why: str) -> Denied:
    return Denied("invalid_grant", why)


@pytest.mark.parametrize(
    ("aud", "named"),
    [("a", {"a"}), (["a", "b"], {"a", "b"}), (["a", 1, None], {"a"}), ("", set()), ([""], set()), (None, set()), ({"a": 1}, set())],
)
def test_an_audience_is_a_text_or_several_and_never_empty(aud: Any, named: set[str]) -> None:
    assert audiences({"aud": aud}) == named


@pytest.mark.parametrize("typ", ["logout+jwt", "at+jwt", "dpop+jwt", "secevent+jwt", "application/AT+JWT", "x", "JOSE"])
def test_a_jwt_of_another_kind_is_not_what_it_is_shown_as(typ: str) -> None:
    """RFC 8725 section 3.11."""
    token = take_apart(sign({"sub": "a"}, keys()[1], header={"typ": typ}))
    with pytest.raises(Denied, match="another kind of JWT"):
        check_kind(token, ("own+jwt",), what="assertion", refuse=refused)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "application/jwt", "own+jwt", "application/own+jwt"])
def test_a_plain_jwt_and_one_of_the_kind_are_taken(typ: str) -> None:
    check_kind(take_apart(sign({"sub": "a"}, keys()[1], header={"typ": typ})), ("own+jwt",), what="assertion", refuse=refused)


def test_a_jwt_that_two_readers_read_in_two_ways_is_refused() -> None:
    twice = urlsafe_b64encode(b'{"sub":"a","sub":"b"}').decode().rstrip("=")
    with pytest.raises(Denied, match="more than once"):
        check_kind(take_apart(f"eyJhbGciOiJFUzI1NiJ9.{twice}.c2ln"), (), what="assertion", refuse=refused)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({}, "no exp"),
        ({"exp": "soon"}, "counts seconds"),
        ({"exp": True}, "counts seconds"),
        ({"exp": float("nan")}, "counts seconds"),
        ({"exp": SECONDS * 1000}, "counts seconds"),
        ({"exp": SECONDS - 61}, "expired"),
        ({"exp": SECONDS + 3661}, "more than 3600 seconds"),
        ({"exp": SECONDS + 9, "nbf": SECONDS + 61}, "future"),
        ({"exp": SECONDS + 9, "iat": SECONDS + 61}, "future"),
        ({"exp": SECONDS + 60, "iat": "then"}, "iat of the assertion does not count seconds"),
        ({"exp": SECONDS + 60, "nbf": [SECONDS]}, "nbf of the assertion does not count seconds"),
    ],
)
def test_a_token_at_another_time_than_its_own_is_refused(claims: dict[str, Any], why: str) -> None:
    with pytest.raises(Denied, match=why) as caught:
        check_times(claims, NOW, what="assertion", refuse=refused, longest=3600)
    assert caught.value.error == "invalid_grant"


@pytest.mark.parametrize("claims", [{"exp": SECONDS - 59}, {"exp": SECONDS + 3659.5, "nbf": SECONDS + 59, "iat": SECONDS + 59}])
def test_clocks_may_differ_by_a_minute(claims: dict[str, Any]) -> None:
    assert check_times(claims, NOW, what="assertion", refuse=refused, longest=3600) == claims["exp"]


def test_what_was_shown_is_remembered_for_as_long_as_it_is_good() -> None:
    known = remembering({"old": SECONDS - 1, "young": SECONDS + 1}, "new", SECONDS + 5, moment=NOW)
    assert known["new"] == SECONDS + 5
    assert [is_remembered(known, key, NOW) for key in ("old", "young", "new", "never")] == [False, True, True, False]


def test_of_much_that_was_shown_what_is_over_is_forgotten() -> None:
    known = remembering({f"old{number}": SECONDS - 1 for number in range(3000)}, "new", SECONDS + 5, moment=NOW)
    assert dict(known) == {"new": SECONDS + 5}
