"""Two faults at once: both are found, the root cause first."""

from __future__ import annotations

import pytest

from oauthctl.provider.faults.registry import all_faults
from tests.provider.faults.pairs import PAIRS, Pair
from tests.provider.faults.playing import diagnosed, recorded


def _found(flow: str, *slugs: str) -> list[str]:
    faults = all_faults()
    return [finding.rule for finding in diagnosed(recorded(flow, *(faults[slug] for slug in slugs))).findings]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.first}+{pair.second}")
def test_two_faults_are_both_found_and_the_root_cause_first(pair: Pair) -> None:
    first, second = (all_faults()[slug].rule for slug in (pair.first, pair.second))
    found = _found(pair.flow, pair.first, pair.second)
    assert found[:1] == [first], found
    assert second in found


@pytest.mark.parametrize("pair", PAIRS[::5], ids=lambda pair: f"{pair.second}+{pair.first}")
def test_the_order_in_which_they_are_switched_on_does_not_matter(pair: Pair) -> None:
    assert _found(pair.flow, pair.second, pair.first) == _found(pair.flow, pair.first, pair.second)
