"""How long a code waited, told where one side alone let it wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oauthctl.http import Params, Request, form_request
from oauthctl.record.difference_delays import delays_of, differences_of_delays
from oauthctl.record.exchange import Channel, Exchange, Recording
from tests.played import BEGAN


def waiting(seconds: float, *, sent: str = "c-1", separator: str = "?") -> Recording:
    callback = Request("GET", f"https://app.example/cb{separator}code=c-1&state=s")
    redeemed = form_request("https://op.example/token", Params.of({"grant_type": "authorization_code", "code": sent}))
    return Recording(
        (
            Exchange(1, "callback", Channel.BROWSER, callback, BEGAN),
            Exchange(2, "token", Channel.WIRE, redeemed, BEGAN + timedelta(seconds=seconds)),
        )
    )


@pytest.mark.parametrize("separator", ["?", "#"])
def test_a_code_waits_from_its_callback_to_the_token_request(separator: str) -> None:
    assert delays_of(waiting(901.5, separator=separator)) == {2: 901.5}


def test_a_code_that_no_callback_brought_has_no_delay() -> None:
    assert delays_of(waiting(901.5, sent="another")) == {}


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (1.0, 901.0, "`code` was redeemed 1.0 seconds after it came in A, 15 minutes in B"),
        (45.0, 0.25, "`code` was redeemed 45.0 seconds after it came in A, 0.2 seconds in B"),
        (0.1, 29.0, None),
        (31.0, 901.0, None),
        (None, 901.0, None),
    ],
)
def test_a_wait_tells_where_one_side_alone_lets_a_code_get_old(a: float | None, b: float | None, words: str | None) -> None:
    assert [one.meaning for one in differences_of_delays(a, b)] == ([words] if words else [])
