"""Every fault, met by a client of ours: the rule that it names is found first, and without the fault there is silence."""

from __future__ import annotations

import pytest

from oauthctl.provider.faults.places import NAMES
from oauthctl.provider.faults.registry import all_faults
from oauthctl.provider.faults.spec import read_fault
from oauthctl.rules.registry import all_rules
from tests.provider.faults.playing import LOOPBACK, diagnosed, recorded
from tests.provider.faults.trials import CAREFUL, TRIALS

# What goes wrong on the wire shows on a wire alone: `test_wire`.
FAULTS = {slug: fault for slug, fault in all_faults().items() if fault.subject != "wire"}
FLOWS = sorted({fault.flow for fault in FAULTS.values()})


@pytest.mark.parametrize("slug", FAULTS)
def test_a_fault_is_found_first_by_the_rule_that_it_names(slug: str) -> None:
    fault = FAULTS[slug]
    found = [finding.rule for finding in diagnosed(recorded(fault.flow, fault)).findings]
    assert found[:1] == [fault.rule], found


# Whose answer it is shows by names. `python -m tests.provider.faults` plays all the others there, too.
@pytest.mark.parametrize("slug", [slug for slug, fault in FAULTS.items() if fault.is_dangerous])
def test_a_dangerous_fault_is_found_where_the_provider_has_no_name_but_the_loopback_address(slug: str) -> None:
    fault = FAULTS[slug]
    found = [finding.rule for finding in diagnosed(recorded(fault.flow, fault, issuer=LOOPBACK)).findings]
    assert found[:1] == [fault.rule], found


@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow not in TRIALS or flow in CAREFUL])
def test_without_a_fault_nothing_is_found(flow: str) -> None:
    assert [finding.rule for finding in diagnosed(recorded(flow)).findings] == []


@pytest.mark.parametrize("slug", [slug for slug, fault in FAULTS.items() if fault.flow in TRIALS])
def test_a_careless_client_alone_does_not_show_the_fault(slug: str) -> None:
    found = [finding.rule for finding in diagnosed(recorded(FAULTS[slug].flow)).findings]
    assert FAULTS[slug].rule not in found


def test_a_hiccup_that_is_over_at_the_second_try_is_blamed_on_nobody() -> None:
    hiccup = read_fault("token-error:times=1")
    assert [finding.rule for finding in diagnosed(recorded("asked-again", hiccup)).findings] == []
    assert [finding.rule for finding in diagnosed(recorded("asked-again", FAULTS["token-error"])).findings] == ["server-error"]


def test_faults_name_rules_and_places_that_exist() -> None:
    rules = {rule.slug for rule in all_rules()}
    for fault in FAULTS.values():
        assert fault.rule in rules, fault.slug
        assert set(fault.places) <= set(NAMES), fault.slug
