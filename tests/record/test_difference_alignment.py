"""Messages of two recordings find each other."""

from __future__ import annotations

import pytest

from oauthctl.http import Headers, Params, Request, Response, form_request
from oauthctl.record.difference_alignment import aligned, key_of, label_of
from oauthctl.record.difference_ground import Ground
from oauthctl.record.exchange import Channel, Exchange
from tests.played import BEGAN

OP = "https://op.example"


def made(spelled: str) -> tuple[Exchange, ...]:
    """A letter for each message: d(iscovery), a(uthorization), c(allback), t(oken), r(efresh), x (a refused refresh), g (an API call)."""
    return tuple(exchange(number, letter) for number, letter in enumerate(spelled, 1))


def exchange(number: int, letter: str) -> Exchange:
    grant = {"t": "authorization_code", "r": "refresh_token", "x": "refresh_token"}.get(letter, "")
    request = {
        "d": Request("GET", f"{OP}/.well-known/openid-configuration"),
        "a": Request("GET", f"{OP}/authorize?client_id=web&response_type=code"),
        "c": Request("GET", "https://app.example/cb?code=1&state=2"),
        "g": Request("GET", "https://api.example/orders/12345", Headers((("Authorization", "Bearer a"),))),
        "h": Request("GET", "https://api.example/people", Headers((("Authorization", "Bearer a"),))),
    }.get(letter) or form_request(f"{OP}/token", Params.of({"grant_type": grant}))
    return Exchange(number, "", Channel.WIRE, request, BEGAN, 0.1, Response(400 if letter == "x" else 200))


def pairs(a: str, b: str) -> str:
    """The pairs as letters, `-` for none."""
    letters = dict(enumerate(a, 1)), dict(enumerate(b, 1))
    found = aligned(made(a), made(b), Ground())
    return " ".join((letters[0][one.id] if one else "-") + (letters[1][other.id] if other else "-") for one, other in found)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("", "", ""),
        ("dact", "dact", "dd aa cc tt"),
        ("dact", "act", "d- aa cc tt"),
        ("act", "act" + "r", "aa cc tt -r"),
        ("actr", "acr", "aa cc t- rr"),
        ("actg", "actx", "aa cc tt g- -x"),
        ("r", "xr", "-x rr"),
        ("t", "x", "tx"),
        ("gh", "h", "g- hh"),
        ("g", "h", "gh"),
        ("ac", "dt", "a- c- -d -t"),
        ("actact", "act", "a- c- t- aa cc tt"),
    ],
)
def test_messages_of_one_purpose_make_pairs_in_order(a: str, b: str, expected: str) -> None:
    found = pairs(a, b)
    # Of two equal attempts either may be the one.
    assert found in (expected, "aa cc tt a- c- t-") if a == "actact" else found == expected


def test_ids_in_a_path_make_no_other_message() -> None:
    other = Request("GET", "https://api.example/orders/67890", Headers((("Authorization", "Bearer a"),)))
    assert key_of(exchange(1, "g")) == key_of(Exchange(1, "", Channel.WIRE, other, BEGAN, 0.1, Response(200)))
    assert label_of(exchange(1, "g")) == "API call GET /orders/12345"


@pytest.mark.parametrize("times", [200, 600])
def test_long_recordings_are_aligned_too(times: int) -> None:
    a, b = made("act" + "ghr" * times), made("act" + "hgr" * times)
    found = aligned(a, b, Ground())
    assert [one.id for one, _ in found if one] == [one.id for one in a]
    assert [other.id for _, other in found if other] == [other.id for other in b]
    assert sum(one is not None and other is not None for one, other in found) > times
