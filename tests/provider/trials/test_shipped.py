"""The scenarios that come with the package: they hold every dangerous fault, our own client passes them, a careless one passes none."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from oauthctl.cli.known_flows.clients import CLAIMANT
from oauthctl.cli.known_flows.flow import ISSUER, Begin
from oauthctl.cli.known_flows.rehearsed import AT, prepared
from oauthctl.errors import OauthctlError
from oauthctl.flows.rehearsal import rehearse
from oauthctl.provider.faults.registry import all_faults
from oauthctl.provider.scenario import Case, Scenario, Verdict
from oauthctl.provider.scenario_file import read_scenario, shipped, shipped_text
from oauthctl.shell.scenario_run import ScenarioRun
from oauthctl.views.junit import JunitCase, junit_document
from tests.provider.trials.careful import asking, calling_first, introspecting, proving, refreshing, signing_in
from tests.provider.trials.careless import Careless
from tests.provider.trials.patient import asking_again, asking_once, hasty_device, our_device, told_seconds


@dataclass(frozen=True, slots=True)
class Clients:
    """Who is put on trial by a scenario."""

    careful: Begin
    careless: Careless


STEP_UP = {"max_age": "300", "acr_values": "second-factor"}
CLIENTS = {
    "careful-client": Clients(signing_in(), Careless()),
    "careful-keys": Clients(signing_in(), Careless(discovers=True)),
    "careful-callback": Clients(signing_in(), Careless()),
    "careful-discovery": Clients(signing_in(), Careless(discovers=True)),
    "careful-step-up": Clients(signing_in(max_age=300, acr_values=("second-factor",)), Careless(STEP_UP)),
    "careful-userinfo": Clients(asking(), Careless()),
    "careful-signed-userinfo": Clients(asking(is_signed=True), Careless({"client_id": CLAIMANT.client_id})),
    "careful-refresh": Clients(refreshing, Careless(refreshes=True)),
    "careful-dpop": Clients(proving, Careless(has_key=True)),
    "careful-jarm": Clients(signing_in(response_mode="jwt"), Careless({"response_mode": "jwt"})),
    "careful-hybrid": Clients(
        signing_in(response_type="code id_token", response_mode="fragment"), Careless({"response_type": "code id_token"})
    ),
    "careful-implicit": Clients(
        signing_in(response_type="id_token token", response_mode="fragment", scope=("openid", "items.read")),
        Careless({"response_type": "id_token token", "scope": "openid items.read"}),
    ),
    "careful-introspection": Clients(introspecting, Careless(introspects=True)),
    "careful-api-discovery": Clients(calling_first, Careless(calls_first=True)),
}
# By scenario a patient client, and one that is not.
PATIENCE = {
    "patient-client": (asking_again(told_seconds), asking_once),
    "patient-device": (our_device, hasty_device),
}


def _scenario(name: str) -> Scenario:
    return read_scenario(shipped_text(name))


def _faults(case: Case) -> set[str]:
    return {fault.slug for step in case.steps for fault in step.faults}


def _verdicts(name: str, begin: Begin) -> tuple[Verdict, ...]:
    """How a client does that goes through the flow once for each case."""
    scenario = _scenario(name)
    partners, stage = prepared()
    run = ScenarioRun(scenario)
    partners.follow(run.answer)
    for _ in scenario.cases:
        # Refusing is what is asked for, and a careless client stumbles now and then; the provider judges.
        with suppress(OauthctlError, ValueError, KeyError):
            rehearse(begin(stage), partners, issuer=ISSUER, at=AT)
    return run.verdicts()


def test_every_dangerous_fault_is_in_a_scenario_and_these_have_dangerous_ones_alone() -> None:
    shown = {slug for name in CLIENTS for case in _scenario(name).cases for slug in _faults(case)}
    assert shown == {slug for slug, fault in all_faults().items() if fault.is_dangerous}


def test_every_scenario_has_its_clients() -> None:
    assert {*CLIENTS, *PATIENCE} == set(shipped())


@pytest.mark.parametrize("name", CLIENTS)
def test_our_own_client_passes(name: str) -> None:
    assert [verdict for verdict in _verdicts(name, CLIENTS[name].careful) if not verdict.is_good] == []


@pytest.mark.parametrize("name", PATIENCE)
def test_a_patient_client_passes_and_an_impatient_one_fails_each_case(name: str) -> None:
    patient, impatient = PATIENCE[name]
    assert [verdict for verdict in _verdicts(name, patient) if not verdict.is_good] == []
    assert [verdict for verdict in _verdicts(name, impatient) if not verdict.why] == []


def test_a_client_that_asks_again_at_once_has_not_waited() -> None:
    throttled, *rest = _verdicts("patient-client", asking_again(lambda _: 0))
    assert throttled.why == "token: the request came after 0.0 seconds, and had to wait 2"
    assert [verdict.why for verdict in rest] == ["", ""]


@pytest.mark.parametrize("name", CLIENTS)
def test_a_careless_client_fails_each_case_in_which_something_is_wrong(name: str) -> None:
    scenario = _scenario(name)
    verdicts = _verdicts(name, CLIENTS[name].careless.begin)
    wrong = [case.title for case in scenario.cases if _faults(case)]
    junit = ElementTree.fromstring(junit_document(scenario.title, [JunitCase(one.title, one.why) for one in verdicts]))
    failed = {case.get("name"): case.findtext("failure") or "" for case in junit.iter("testcase") if case.find("failure") is not None}
    assert list(failed) == wrong
    assert all(why.endswith(", and should have stopped") for why in failed.values()), failed


@pytest.mark.parametrize(("name", "left_out"), [("careful-client", "nonce"), ("careful-callback", "state")])
def test_who_sends_less_than_it_may_is_judged_in_the_cases_that_it_can_notice(name: str, left_out: str) -> None:
    verdicts = _verdicts(name, Careless(without=(left_out,)).begin)
    unjudged = {one.title: one.left_out for one in verdicts if one.left_out}
    assert len(unjudged) == 2
    assert all(f"-{left_out}-" in title for title in unjudged)
    assert set(unjudged.values()) == {f"the client sends no {left_out}, so it can't notice this"}
    judged = [one for one in verdicts if not one.left_out]
    assert [bool(one.why) for one in judged] == [False, *(True for _ in judged[1:])]
    assert all("and should have stopped" in one.why for one in judged[1:])


def test_a_client_without_any_guard_against_forged_callbacks_is_told_so() -> None:
    # The provider demands PKCE of public clients, so that the authorization request is all that such a client gets to send.
    first, *_ = _verdicts("careful-callback", Careless(without=("state", "nonce", "code_challenge", "code_challenge_method")).begin)
    assert first.why == "authorize: none of the parameters code_challenge, nonce, state is there"
