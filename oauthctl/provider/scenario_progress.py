"""How far a client has come in a scenario, request by request, and how each case went.

Here: which step is due, which answer it gets, when a case is over. Not here: what one request has to be (`scenario_request`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from oauthctl.http import JSON, Headers, Params, Request, Response
from oauthctl.provider.answers import Answer, Endpoint
from oauthctl.provider.faults.places import TOLD_AGAIN
from oauthctl.provider.faults.registry import Call, all_faults
from oauthctl.provider.faults.way_back import way_back
from oauthctl.provider.moment import Moment
from oauthctl.provider.scenario import Case, Scenario, Step, Verdict
from oauthctl.provider.scenario_request import params_of, too_soon, wrong_in
from oauthctl.provider.state import ProviderState


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a client has come: the case, the steps of it that were done, and what was wrong in it so far.

    `went_on` is where it went that it must not go to, without having met what is wrong in the case.
    """

    case: int = 0
    step: int = 0
    why: str = ""
    left_out: str = ""
    """Why this case says nothing of the client."""
    verdicts: tuple[Verdict, ...] = ()
    asked: Params | None = None
    """The authorization request whose pages the person is at."""
    step_at: datetime | None = None
    """When the last step came."""
    struck: frozenset[str] = frozenset()
    """The faults of the case that have struck."""
    went_on: str = ""
    began_at: datetime | None = None
    """When its first step came, and its last request but for documents that may be fetched at any time."""
    last_at: datetime | None = None


def advanced(
    scenario: Scenario, progress: Progress, state: ProviderState, request: Request, moment: Moment, *, then: Endpoint
) -> tuple[Progress, Answer]:
    """How far the client has come by this request, and its answer; `then` is the provider."""
    call = Call(state, request, moment, then)
    is_of_pages = call.place == "authorize" and _is_of_pages(request, progress.asked)
    if not is_of_pages and _is_next_case(scenario, progress, call.place):
        progress = ended(scenario, progress)
    if is_of_pages or progress.case >= len(scenario.cases):
        answer = call.answered()
    else:
        progress, answer = _followed(scenario.cases[progress.case], progress, call)
    if way_back(*answer) is not None:
        progress = replace(progress, asked=None)
    if progress.began_at is not None and call.place not in TOLD_AGAIN:
        progress = replace(progress, last_at=moment.now)
    return replace(progress, struck=progress.struck | {one.slug for one in answer[0].faults if one.strikes}), answer


def is_through(scenario: Scenario, progress: Progress) -> bool:
    """Whether the last case has had its steps, and its faults have struck."""
    if progress.case < len(scenario.cases) - 1:
        return False
    if progress.case >= len(scenario.cases):
        return True
    case = scenario.cases[progress.case]
    return not _missing(case, progress) and (bool(progress.went_on) or not _unmet(case, progress))


def ended(scenario: Scenario, progress: Progress) -> Progress:
    """The progress with the running case judged, and the next one due."""
    if progress.case >= len(scenario.cases):
        return progress
    case = scenario.cases[progress.case]
    why = "" if progress.left_out else progress.why or _missing(case, progress)
    no_occasion = "" if progress.left_out or why else _unmet(case, progress)
    verdict = Verdict(case.title, why, progress.left_out, no_occasion, _seconds(progress))
    return Progress(progress.case + 1, verdicts=(*progress.verdicts, verdict), asked=progress.asked)


def finished(scenario: Scenario, progress: Progress) -> tuple[Verdict, ...]:
    """The verdicts on all cases, at the end of the run; those that were never begun have failed."""
    while progress.case < len(scenario.cases):
        progress = ended(scenario, progress)
    return progress.verdicts


def _seconds(progress: Progress) -> float:
    if progress.began_at is None or progress.last_at is None:
        return 0
    return max((progress.last_at - progress.began_at).total_seconds(), 0)


def _missing(case: Case, progress: Progress) -> str:
    """Which step of the case the client has not done."""
    return f"no request to {case.steps[progress.step].endpoint} came" if progress.step < len(case.steps) else ""


def _unmet(case: Case, progress: Progress) -> str:
    """Which fault of the case the client has not met: then the case says nothing of it."""
    unmet = [one.slug for step in case.steps for one in step.faults if one.slug not in progress.struck]
    if not unmet or progress.left_out:
        return ""
    until = f" before it went on to {progress.went_on}" if progress.went_on else ""
    return f"the fault {unmet[0]} found no occasion: the client asked for nothing that it spoils{until}"


def _is_next_case(scenario: Scenario, progress: Progress, place: str) -> bool:
    """Whether this request begins the next case: the last step is done, and it is for the next one's first endpoint."""
    if progress.case + 1 >= len(scenario.cases) or progress.step < len(scenario.cases[progress.case].steps):
        return False
    return place == scenario.cases[progress.case + 1].steps[0].endpoint


def _followed(case: Case, progress: Progress, call: Call) -> tuple[Progress, Answer]:
    """How far the client has come in the running case, and the answer."""
    due = case.steps[progress.step] if progress.step < len(case.steps) else None
    place = call.place
    if due is not None and place == due.endpoint:
        soon = too_soon(due, last_at=progress.step_at, now=call.moment.now)
        progress = _blamed(progress, wrong_in(due, call.request) or soon)
        if progress.step == 0:
            progress = replace(progress, left_out=_nothing_to_notice(case, call.request), began_at=call.moment.now)
        asked = params_of(call.request) if place == "authorize" else None
        done = replace(progress, step=progress.step + 1, asked=asked, step_at=call.moment.now)
        return done, call.answered() if done.left_out else _answered(due, call)
    named = {*case.refuses, *(step.endpoint for step in case.steps)} - TOLD_AGAIN
    if due is not None and place in named:
        progress = _blamed(progress, f"a request to {place} came, and one to {due.endpoint} was due")
    elif due is None and place in case.refuses:
        progress = _gone_on(case, progress, place)
    return progress, call.answered()


def _gone_on(case: Case, progress: Progress, place: str) -> Progress:
    """The progress of a client that goes to where it must not go with what is wrong in the case."""
    if progress.struck or not _unmet(case, progress):
        return _blamed(progress, f"the client goes on to {place}, and should have stopped")
    if unread := _unread(case):
        return _blamed(progress, f"the client goes on to {place} without having asked for {unread}, and should have stopped")
    # It was shown nothing wrong: to go on was right.
    return replace(progress, went_on=progress.went_on or place)


def _unread(case: Case) -> str:
    """The document that is wrong from the first request on, if any: who has not read it has not checked what it is for."""
    places = {place for one in case.steps[0].faults for place in all_faults()[one.slug].places}
    return " and ".join(sorted(places)) if places <= TOLD_AGAIN else ""


def _nothing_to_notice(case: Case, request: Request) -> str:
    """Which parameter the client does not send without which it can't notice what is wrong in the case."""
    absent = next((name for name in case.only_with if not params_of(request).get(name)), "")
    return f"the client sends no {absent}, so it can't notice this" if absent else ""


def _answered(step: Step, call: Call) -> Answer:
    # A step's faults stay until the next step: a sign-in's answer comes by its pages.
    state = replace(call.state, faults=step.faults)
    if step.reply is not None:
        kind = () if any(name.lower() == "content-type" for name, _ in step.reply.headers) else (("Content-Type", JSON),)
        return state, Response(step.reply.status, Headers((*kind, *step.reply.headers)), step.reply.body.encode())
    return replace(call, state=state).answered()


def _blamed(progress: Progress, why: str) -> Progress:
    """The first thing that is wrong is the one that is told."""
    return progress if progress.why or not why else replace(progress, why=why)


def _is_of_pages(request: Request, asked: Params | None) -> bool:
    """Whether a request to the authorization endpoint is the person's: a page's form, or the way back to the request that they are at."""
    return asked is not None and ("csrf" in request.form or params_of(request) == asked)
