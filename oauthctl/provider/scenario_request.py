"""A request against the step that it is for: what it lacks, what it has and should not, whether it came too soon.

Here: judging one request. Not here: which step is due (`scenario_progress`).
"""

from __future__ import annotations

from datetime import datetime

from oauthctl.http import Params, Request
from oauthctl.provider.scenario import Step
from oauthctl.provider.scenario_pattern import Pattern


def params_of(request: Request) -> Params:
    """What a request says, wherever that stands."""
    return Params((*request.query.pairs, *(request.form.pairs if request.method == "POST" else ())))


def wrong_in(step: Step, request: Request) -> str:
    """What is wrong with a request by its step; values are not repeated, since they are secrets as often as not."""
    params = params_of(request)
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


def too_soon(step: Step, *, last_at: datetime | None, now: datetime) -> str:
    """How long after the step before, which came `last_at`, a request comes, when that is too soon."""
    waited = (now - last_at).total_seconds() if last_at is not None else step.wait_seconds
    if waited >= step.wait_seconds:
        return ""
    return f"{step.endpoint}: the request came after {waited:.1f} seconds, and had to wait {step.wait_seconds:g}"


def _mismatch(what: str, values: tuple[str, ...], wanted: str | bool | Pattern) -> str:
    if not values or not values[0]:
        return f"{what} is missing"
    if len(values) > 1:
        return f"{what} is there more than once"
    if isinstance(wanted, str) and values[0] != wanted:
        return f"{what} is another value than {wanted!r}"
    if isinstance(wanted, Pattern) and not wanted.matches(values[0]):
        return f"{what} does not match {wanted.text!r}"
    return ""
