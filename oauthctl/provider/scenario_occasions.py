"""Whether a case can tell a careful client from a careless one: its faults can strike, and something is asked of the client afterwards.

Here: judging the script by what faults say of themselves. Not here: reading it (`scenario_file`), what a client makes of it
(`scenario_progress`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.provider.faults.places import API, METADATA, RESOURCE_METADATA, TOLD_AGAIN
from oauthctl.provider.faults.registry import Fault, all_faults
from oauthctl.provider.scenario import Case

_BEFORE_TOKENS = (
    (METADATA, RESOURCE_METADATA, "challenge"),
    ("register",),
    ("pushed",),
    ("authorize", "device_authorization", "backchannel"),
    ("device", "approvals"),
    ("token",),
)
"""In the order in which a sign-in comes to them; it comes to all others when it has its tokens."""
_RANKS = {name: rank for rank, names in enumerate(_BEFORE_TOKENS) for name in names}
_LAST = len(_BEFORE_TOKENS)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a case says nothing of a client, and what to write instead."""

    why: str
    help: str


def flaw_in(case: Case) -> Flaw | None:
    """What is wrong with a case; None for a good one."""
    for step in case.steps:
        if step.reply is not None and step.faults:
            why = f"the step {step.endpoint} has an `answer` of its own, which the fault `{step.faults[0].slug}` can't spoil"
            return Flaw(why, "leave out one of both, or write `at`, the endpoints of the steps from which the fault is on")
    on_from: dict[str, list[int]] = {}
    for at, step in enumerate(case.steps):
        for one in step.faults:
            on_from.setdefault(one.slug, []).append(at)
    for slug, steps in on_from.items():
        if not any(_can_strike(case, at, all_faults()[slug]) for at in steps):
            return _no_occasion(case, all_faults()[slug], on_from=case.steps[steps[0]].endpoint)
        if steps[0] == len(case.steps) - 1 and not case.refuses:
            why = f"nothing is asked of the client after the fault `{slug}`, so that every client passes"
            return Flaw(why, "write `refuses`, the endpoints to which it must not go, or a step that has to come")
    return None


def _can_strike(case: Case, at: int, fault: Fault) -> bool:
    """Whether a fault that is on from this step finds something to spoil before the next one comes, or where the client may go then."""
    here = case.steps[at].endpoint
    named = {*case.refuses, *(step.endpoint for step in case.steps)} - TOLD_AGAIN
    return here in fault.places or any(place not in named and _may_follow(place, here) for place in fault.places)


def _may_follow(place: str, here: str) -> bool:
    """Whether a client comes to a place after `here`. Keys are fetched at any time, and an API's refusal may begin a sign-in."""
    rank = _RANKS.get(place, _LAST)
    return place == "jwks" or here == API or rank == _LAST or rank > _RANKS.get(here, _LAST)


def _no_occasion(case: Case, fault: Fault, *, on_from: str) -> Flaw:
    spoiled = " and ".join(fault.places)
    if set(fault.places) <= set(case.refuses):
        why = f"the fault `{fault.slug}` spoils {spoiled}, to which the client must not go"
        return Flaw(why, "take that out of `refuses`")
    why = f"the fault `{fault.slug}` can't strike: it spoils {spoiled}, and is on from the step {on_from}"
    if any(step.endpoint in fault.places for step in case.steps):
        return Flaw(why, f"give it a case of its own whose last step is {spoiled}, or write `at`")
    return Flaw(why, f"add the step {spoiled}, before those that come after it")
