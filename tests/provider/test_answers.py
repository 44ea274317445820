"""What the endpoints share: forms that are read strictly, and in a time that grows no faster than they do."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from oauthctl.http import Params
from oauthctl.jose.sign import unsecured
from oauthctl.provider.answers import Denied, without_duplicates
from oauthctl.provider.request_object import claimed
from tests.provider.world import practice_state

MANY = tuple((f"p{number}", "1") for number in range(20_000))


def test_a_parameter_without_a_value_is_left_out() -> None:
    assert without_duplicates(Params((("a", ""), ("b", "1"), ("resource", "x"), ("resource", "y")))).pairs[0] == ("b", "1")


def test_a_parameter_that_comes_twice_is_refused() -> None:
    with pytest.raises(Denied, match="the parameter a is given more than once"):
        without_duplicates(Params((("a", "1"), ("b", "1"), ("a", ""))))


def _request_object() -> Params:
    claims = dict(MANY)
    return Params((("client_id", "public"), *((f"q{number}", "1") for number in range(1000)), ("request", unsecured(claims))))


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: without_duplicates(Params(MANY)), id="names"),
        pytest.param(lambda: without_duplicates(Params((("resource", "x"),) * 20_000)), id="one that may repeat"),
        pytest.param(lambda: claimed(practice_state(), _request_object()), id="inside and outside of a request object"),
    ],
)
def test_many_parameters_take_no_time_to_speak_of(read: Callable[[], object]) -> None:
    began = process_time()
    read()
    assert process_time() - began < 0.5
