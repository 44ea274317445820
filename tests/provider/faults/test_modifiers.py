"""`after`, `times`, `rate` and `client`, tried with a fault of every kind."""

from __future__ import annotations

from itertools import groupby

import pytest

from oauthctl.errors import ConfigError
from oauthctl.provider.faults.registry import Fault, all_faults
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.switched import Switched
from tests.provider.faults.playing import diagnosed, played, recorded
from tests.provider.faults.trials import CAREFUL, TRIALS

_CLIENTS = ("public", "service", "web", "api", "pinged", "claimant", "machine")
_BY_SUBJECT = sorted(all_faults().values(), key=lambda fault: (fault.subject, fault.flow in TRIALS, fault.slug))
KINDS = [next(faults) for _, faults in groupby(_BY_SUBJECT, key=lambda fault: fault.subject)]


def _for_clients(fault: Fault, *clients: str) -> tuple[Switched, ...]:
    """The fault for each of these clients; none where requests name no client."""
    try:
        return tuple(read_fault(f"{fault.slug}:client={client}") for client in clients)
    except ConfigError:
        return ()


@pytest.mark.parametrize("fault", KINDS, ids=lambda fault: fault.subject)
def test_a_fault_that_is_not_to_strike_yet_or_hardly_ever_or_at_another_client_changes_nothing(fault: Fault) -> None:
    silent = (read_fault(f"{fault.slug}:{setting}") for setting in ("after=99", "times=0", "rate=0.000001"))
    recording, (late, spent, rare, *others) = played(fault.flow, *silent, *_for_clients(fault, "nobody"))
    assert (late.occasions > 0, late.strikes) == (True, 0)
    assert (spent.occasions, spent.strikes) == (0, 0)
    assert (rare.occasions, rare.strikes) == (late.occasions, 0)
    assert [(one.occasions, one.strikes) for one in others] in ([], [(0, 0)])
    expected = [] if fault.flow in CAREFUL or fault.flow not in TRIALS else diagnosed(recorded(fault.flow)).findings
    assert [finding.rule for finding in diagnosed(recording).findings] == [finding.rule for finding in expected]


@pytest.mark.parametrize("fault", KINDS, ids=lambda fault: fault.subject)
def test_a_fault_strikes_as_often_as_it_is_to_and_at_its_client(fault: Fault) -> None:
    _, (once,) = played(fault.flow, read_fault(f"{fault.slug}:times=1"))
    assert once.strikes == 1
    meant = _for_clients(fault, *_CLIENTS)
    if meant:
        assert sum(one.strikes > 0 for one in played(fault.flow, *meant)[1]) == 1
