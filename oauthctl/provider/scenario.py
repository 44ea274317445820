"""Scenarios: what a client is answered, request by request, and what it must send: a test of somebody's client.

Here: the script as a value, and how far a client has come in it. Not here: reading the file (`scenario_file`), sockets and the end of the
run (`shell.scenario_run`).

A scenario has cases, one sign-in (or whatever its steps say) after another. A case begins with a request to its first step's endpoint.
Requests to endpoints that no step of the case names are answered as ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oauthctl.http import JSON, Headers, Params, Request, Response
from oauthctl.provider.answers import Answer, Endpoint
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState
from oauthctl.provider.switched import Switched


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is written in the file, in place of the provider's."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One request that has to come: to which endpoint, with which parameters, and how it is answered.

    `needs` has by the parameter's name its value, True where any value will do, or a pattern that the whole value must match. `lacks` must
    not be there. `header_needs` likewise, for header fields. Without `reply` the provider answers, with these faults.
    """

    endpoint: str
    title: str = ""
    needs: Mapping[str, str | bool | re.Pattern[str]] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    header_needs: Mapping[str, str | bool | re.Pattern[str]] = field(default_factory=dict)
    faults: tuple[Switched, ...] = ()
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A sequence of steps; after the last of them the client must not go to the endpoints in `refuses`."""

    title: str
    steps: tuple[Step, ...]
    refuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """The whole script; a case is over when nothing has come for `seconds` after its last step."""

    title: str
    cases: tuple[Case, ...]
    seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a case went; `why` is empty for one that went well."""

    title: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a client has come: the case, the steps of it that were done, and what was wrong in it so far."""

    case: int = 0
    step: int = 0
    why: str = ""
    verdicts: tuple[Verdict, ...] = ()
    asked: Params | None = None
    """The authorization request whose pages the person is at."""


def advanced(
    scenario: Scenario, progress: Progress, state: ProviderState, request: Request, moment: Moment, *, then: Endpoint
) -> tuple[Progress, Answer]:
    """How far the client has come by this request, and its answer; `then` is the provider."""
    place = place_of(state, request)
    if place == "authorize" and _is_of_pages(request, progress.asked):
        return progress, then(state, request, moment)
    if _is_next_case(scenario, progress, place):
        progress = ended(scenario, progress)
    if progress.case >= len(scenario.cases):
        return progress, then(state, request, moment)
    case = scenario.cases[progress.case]
    if progress.step >= len(case.steps):
        if place in case.refuses:
            progress = _blamed(progress, f"the client goes on to {place}, and should have stopped")
        return progress, then(state, request, moment)
    step = case.steps[progress.step]
    if place != step.endpoint:
        if place in case.refuses or any(one.endpoint == place for one in case.steps):
            progress = _blamed(progress, f"a request to {place} came, and one to {step.endpoint} was due")
        return progress, then(state, request, moment)
    asked = _params(request) if place == "authorize" else None
    progress = replace(_blamed(progress, _wrong(step, request)), step=progress.step + 1, asked=asked)
    return progress, _answered(step, state, request, moment, then)


def ended(scenario: Scenario, progress: Progress) -> Progress:
    """The progress with the running case judged, and the next one due."""
    if progress.case >= len(scenario.cases):
        return progress
    case = scenario.cases[progress.case]
    missing = [step.endpoint for step in case.steps[progress.step :]]
    why = progress.why or (f"no request to {missing[0]} came" if missing else "")
    return Progress(progress.case + 1, verdicts=(*progress.verdicts, Verdict(case.title, why)), asked=progress.asked)


def finished(scenario: Scenario, progress: Progress) -> tuple[Verdict, ...]:
    """The verdicts on all cases, at the end of the run; those that were never begun have failed."""
    while progress.case < len(scenario.cases):
        progress = ended(scenario, progress)
    return progress.verdicts


def _is_next_case(scenario: Scenario, progress: Progress, place: str) -> bool:
    """Whether this request begins the next case: the last step is done, and it is for the next one's first endpoint."""
    if progress.case + 1 >= len(scenario.cases) or progress.step < len(scenario.cases[progress.case].steps):
        return False
    return place == scenario.cases[progress.case + 1].steps[0].endpoint


def _answered(step: Step, state: ProviderState, request: Request, moment: Moment, then: Endpoint) -> Answer:
    if step.reply is not None:
        kind = () if any(name.lower() == "content-type" for name, _ in step.reply.headers) else (("Content-Type", JSON),)
        return state, Response(step.reply.status, Headers((*kind, *step.reply.headers)), step.reply.body.encode())
    # A step's faults stay until the next step: a sign-in's answer comes by its pages.
    return then(replace(state, faults=step.faults), request, moment)


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
    present = next((name for name in step.lacks if name in params), None)
    return f"{step.endpoint}: the parameter {present} is there, and should not be" if present else ""


def _mismatch(what: str, values: tuple[str, ...], wanted: Any) -> str:
    if not values or not values[0]:
        return f"{what} is missing"
    if len(values) > 1:
        return f"{what} is there more than once"
    if isinstance(wanted, str) and values[0] != wanted:
        return f"{what} is another value than {wanted!r}"
    if isinstance(wanted, re.Pattern) and not wanted.fullmatch(values[0]):
        return f"{what} does not match {wanted.pattern!r}"
    return ""
