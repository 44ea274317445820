from __future__ import annotations

import pytest

from oauthctl import errors
from oauthctl.errors import (
    BadAnswer,
    CheckFailed,
    ConfigError,
    ExitCode,
    NoAnswer,
    NothingToCheck,
    OauthctlError,
    Refused,
    StoreError,
    Unreachable,
)


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (CheckFailed, 1),
        (ConfigError, 2),
        (StoreError, 2),
        (Unreachable, 3),
        (NoAnswer, 3),
        (BadAnswer, 3),
        (NothingToCheck, 3),
        (Refused, 4),
        (OauthctlError, 70),
    ],
)
def test_each_kind_has_its_exit_code(kind: type[OauthctlError], exit_code: int) -> None:
    assert kind("it is so").exit_code == exit_code


def test_no_kind_is_forgotten() -> None:
    kinds = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, OauthctlError)}
    assert len(kinds) == 9


def test_the_exit_codes_are_those_that_are_promised() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "NO": 1,
        "USAGE": 2,
        "UNKNOWN": 3,
        "REFUSED": 4,
        "BUG": 70,
        "INTERRUPTED": 130,
    }


def test_an_error_is_its_message_and_carries_its_facts_apart() -> None:
    error = Refused("no", slug="s", where="w", sent="a", got="b", spec="RFC 6749", notes=("n",), help="h", data={"status": 400})
    assert str(error) == "no"
    assert (error.slug, error.where, error.sent, error.got) == ("s", "w", "a", "b")
    assert (error.spec, error.notes, error.help, error.data) == ("RFC 6749", ("n",), "h", {"status": 400})


def test_facts_that_are_not_given_are_empty_and_not_shared() -> None:
    one, two = ConfigError("a"), ConfigError("b")
    one.data["x"] = 1
    assert two.data == {}
    assert (one.slug, one.notes, one.help) == ("", (), "")
