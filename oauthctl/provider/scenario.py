"""Scenarios: what a client is answered, request by request, and what it must send: a test of somebody's client.

Here: the script as a value, and how far a client has come in it. Not here: reading the file (`scenario_file`), sockets and the end of the
run (`shell.scenario_run`).

A scenario has cases, one sign-in (or whatever its steps say) after another. A case begins with a request to its first step's endpoint.
Requests to endpoints that no step of the case names are answered as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from oauthctl.http import JSON, Headers, Params, Request, Response
from oauthctl.provider.answers import Answer, Endpoint
from oauthctl.provider.faults.registry import Call
from oauthctl.provider.faults.way_back import way_back
from oauthctl.provider.moment import Moment
from oauthctl.provider.scenario_pattern import Pattern
from oauthctl.provider.state import ProviderState
from oauthctl.provider.switched import Switched

_TOLD_AGAIN = {"metadata", "resource_metadata", "jwks"}
"""What a client may ask for at any time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is written in the file, in place of the provider's."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One request that has to come: to which endpoint, with which parameters, and how it is answered.

    `needs` has by the parameter's name its value, True where any value will do, or a pattern that the whole value must match. Of
    `needs_any` one has to be there, whichever; `lacks` must not be there. `header_needs` is as `needs`, for header fields. It comes no
    sooner than `wait_seconds` after the step before. Without `reply` the provider answers, with these faults.
    """

    endpoint: str
    title: str = ""
    needs: Mapping[str, str | bool | Pattern] = field(default_factory=dict)
    needs_any: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    header_needs: Mapping[str, str | bool | Pattern] = field(default_factory=dict)
    faults: tuple[Switched, ...] = ()
    reply: Reply | None = None
    wait_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A sequence of steps; after the last of them the client must not go to the endpoints in `refuses`.

    A client whose first request lacks one of the parameters in `only_with`, which no standard demands, can't notice the fault: it gets
    right answers, and isn't judged.
    """

    title: str
    steps: tuple[Step, ...]
    refuses: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """The whole script; a case is over when nothing has come for `seconds` after its last step.

    `about` tells whoever starts it what the client is to do in each case.
    """

    title: str
    cases: tuple[Case, ...]
    seconds: float = 2.0
    about: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a case went; `why` is empty for one that went well, or says in what it failed; `left_out` says why it was not judged."""

    title: str
    why: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a client has come: the case, the steps of it that were done, and what was wrong in it so far."""

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
    return replace(progress, struck=progress.struck | {one.slug for one in answer[0].faults if one.strikes}), answer


def is_through(scenario: Scenario, progress: Progress) -> bool:
    """Whether the last case has had its steps, and its faults have struck."""
    if progress.case < len(scenario.cases) - 1:
        return False
    return progress.case >= len(scenario.cases) or not _missing(scenario.cases[progress.case], progress)


def ended(scenario: Scenario, progress: Progress) -> Progress:
    """The progress with the running case judged, and the next one due."""
    if progress.case >= len(scenario.cases):
        return progress
    case = scenario.cases[progress.case]
    why = "" if progress.left_out else progress.why or _missing(case, progress)
    verdict = Verdict(case.title, why, progress.left_out)
    return Progress(progress.case + 1, verdicts=(*progress.verdicts, verdict), asked=progress.asked)


def finished(scenario: Scenario, progress: Progress) -> tuple[Verdict, ...]:
    """The verdicts on all cases, at the end of the run; those that were never begun have failed."""
    while progress.case < len(scenario.cases):
        progress = ended(scenario, progress)
    return progress.verdicts


def _missing(case: Case, progress: Progress) -> str:
    """What the client has not done of the case: a step, or what a fault spoils. A fault that was not met says nothing of the client."""
    if progress.step < len(case.steps):
        return f"no request to {case.steps[progress.step].endpoint} came"
    if progress.left_out:
        return ""
    unmet = [one.slug for step in case.steps for one in step.faults if one.slug not in progress.struck]
    return f"the fault {unmet[0]} found no occasion: the client asked for nothing that it spoils" if unmet else ""


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
        progress = _blamed(progress, _wrong(due, call.request) or _too_soon(due, progress, call.moment))
        if progress.step == 0:
            progress = replace(progress, left_out=_nothing_to_notice(case, call.request))
        asked = _params(call.request) if place == "authorize" else None
        done = replace(progress, step=progress.step + 1, asked=asked, step_at=call.moment.now)
        return done, call.answered() if done.left_out else _answered(due, call)
    named = {*case.refuses, *(step.endpoint for step in case.steps)} - _TOLD_AGAIN
    if due is not None and place in named:
        progress = _blamed(progress, f"a request to {place} came, and one to {due.endpoint} was due")
    elif due is None and place in case.refuses:
        progress = _blamed(progress, f"the client goes on to {place}, and should have stopped")
    return progress, call.answered()


def _nothing_to_notice(case: Case, request: Request) -> str:
    """Which parameter the client does not send without which it can't notice what is wrong in the case."""
    absent = next((name for name in case.only_with if not _params(request).get(name)), "")
    return f"the client sends no {absent}, so it can't notice this" if absent else ""


def _answered(step: Step, call: Call) -> Answer:
    if step.reply is not None:
        kind = () if any(name.lower() == "content-type" for name, _ in step.reply.headers) else (("Content-Type", JSON),)
        return call.state, Response(step.reply.status, Headers((*kind, *step.reply.headers)), step.reply.body.encode())
    # A step's faults stay until the next step: a sign-in's answer comes by its pages.
    return replace(call, state=replace(call.state, faults=step.faults)).answered()


def _blamed(progress: Progress, why: str) -> Progress:
    """The first thing that is wrong is the one that is told."""
    return progress if progress.why or not why else replace(progress, why=why)


def _is_of_pages(request: Request, asked: Params | None) -> bool:
    """Whether a request to the authorization endpoint is the person's: a page's form, or the way back to the request that they are at."""
    return asked is not None and ("csrf" in request.form or _params(request) == asked)


def _params(request: Request) -> Params:
    return Params((*request.query.pairs, *(request.form.pairs if request.method == "POST" else ())))


def _wrong(step: Step, request: Request) -> str:
    """What is wrong with a request by its step; values are not repeated, since they are secrets as often as not."""
    params = _params(request)
    for name, wanted in step.needs.items():
        if found := _mismatch(f"the parameter {name}", params.all(name), wanted):
            return f"{step.endpoint}: {found}"
    for name, wanted in step.header_needs.items():
        if found := _mismatch(f"the header field {name}", request.headers.all(name), wanted):
            return f"{step.endpoint}: {found}"
    if step.needs_any and not any(params.get(name) for name in step.needs_any):
        return f"{step.endpoint}: none of the parameters {', '.join(step.needs_any)} is there"
    present = next((name for name in step.lacks if name in params), None)
    return f"{step.endpoint}: the parameter {present} is there, and should not be" if present else ""


def _too_soon(step: Step, progress: Progress, moment: Moment) -> str:
    waited = (moment.now - progress.step_at).total_seconds() if progress.step_at is not None else step.wait_seconds
    if waited >= step.wait_seconds:
        return ""
    return f"{step.endpoint}: the request came after {waited:.1f} seconds, and had to wait {step.wait_seconds:g}"


def _mismatch(what: str, values: tuple[str, ...], wanted: Any) -> str:
    if not values or not values[0]:
        return f"{what} is missing"
    if len(values) > 1:
        return f"{what} is there more than once"
    if isinstance(wanted, str) and values[0] != wanted:
        return f"{what} is another value than {wanted!r}"
    if isinstance(wanted, Pattern) and not wanted.matches(values[0]):
        return f"{what} does not match {wanted.text!r}"
    return ""
