from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import pytest

from oauthctl.provider.changing import changed
from tests.provider.world import practice_state


@dataclass(frozen=True)
class Pair:
    first: int
    second: int = 2


def test_a_copy_has_what_was_changed_and_all_else() -> None:
    before = Pair(1)
    assert changed(before, second=3) == replace(before, second=3) == Pair(1, 3)
    assert before == Pair(1)


def test_a_copy_of_the_provider_is_as_frozen_as_the_provider() -> None:
    state = practice_state()
    after = changed(state, name="Another")
    assert after == replace(state, name="Another")
    with pytest.raises(FrozenInstanceError):
        after.name = "Third"  # type: ignore[misc]  # that is what is tried here


def test_an_unknown_field_is_refused() -> None:
    unknown: dict[str, Any] = {"third": 3}
    with pytest.raises(TypeError, match="third"):
        changed(Pair(1), **unknown)
