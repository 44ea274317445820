"""Switching faults on and off while the provider runs: by a small JSON interface, and by a form on the start page.

Here: what a request may change. Not here: the faults (`faults`), the page (`home`).
"""

from __future__ import annotations

from oauthctl.errors import ConfigError
from oauthctl.http import JSON, Headers, Params, Request, Response
from oauthctl.jose.json_object import read_strictly
from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer, refuse
from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState
from oauthctl.provider.switched import Switched

PATH = "/control/faults"
ENDPOINT = "control"


def control(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The faults that are on: as they are (GET), others in their place (PUT), none (DELETE).

    Pages of other origins can't do this: such methods, and such a body, need a permission from us that no answer gives (CORS).
    Source: W3C Fetch Metadata section 2.3 (`Sec-Fetch-Site`), for browsers that leave `Origin` out.
    """
    try:
        if request.headers.get("origin") not in (None, state.origin):
            raise Denied("access_denied", "pages of other origins switch nothing", status=403)
        if request.headers.get("sec-fetch-site") not in (None, "same-origin", "none"):
            raise Denied("access_denied", "pages of other sites switch nothing", status=403)
        if request.method == "GET":
            return state, json_answer(_told(state))
        faults = _read(request) if request.method == "PUT" else ()
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    state = with_faults(state, faults, moment)
    return state, json_answer(_told(state)) if request.method == "PUT" else Response(204, Headers(NO_STORE))


def with_faults(state: ProviderState, faults: tuple[Switched, ...], moment: Moment) -> ProviderState:
    """The state with these faults and no others; the log says so."""
    listed = ", ".join(one.slug for one in faults) or "none"
    return changed(state, faults=faults).logged(moment, ENDPOINT, "", reason=f"faults that are on: {listed}")


def chosen(state: ProviderState, form: Params) -> tuple[Switched, ...]:
    """The faults that a form has ticked, or written with settings; those that were on before keep their settings and counts.

    Raises: ConfigError for what is ticked or written and can't be meant.
    """
    from oauthctl.provider.faults.spec import read_fault

    ticked = [read_fault(text) for text in form.all("fault")]
    written = [read_fault(text) for text in (form.get("spec") or "").split()]
    known = {one.slug: one for one in (*ticked, *state.faults, *written)}
    return tuple(known[slug] for slug in dict.fromkeys(one.slug for one in (*ticked, *written)))


def in_one_line(error: ConfigError) -> str:
    """What is wrong with the faults that are asked for, and what to write instead."""
    return f"{error.message}; {error.help}" if error.help else error.message


def _read(request: Request) -> tuple[Switched, ...]:
    """Raises: Denied."""
    from oauthctl.provider.faults.spec import read_fault

    if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != JSON:
        raise Denied("invalid_request", f"the body has to be {JSON}", status=415)
    try:
        body = read_strictly(request.body, "the body")
    except ValueError as error:
        raise Denied("invalid_request", str(error)) from error
    wanted = body.get("faults") if isinstance(body, dict) else None
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        # In an `error_description` stands no quotation mark (RFC 6749 section 5.2), so that JSON can't be shown there.
        raise Denied("invalid_request", "the body has to be an object whose member faults is an array of texts: SLUG or SLUG:times=1")
    try:
        return tuple(read_fault(one) for one in wanted)
    except ConfigError as error:
        raise Denied("invalid_request", in_one_line(error)) from error


def _told(state: ProviderState) -> dict[str, list[dict[str, object]]]:
    from oauthctl.provider.faults.spec import written

    return {"faults": [{"fault": written(one), "occasions": one.occasions, "strikes": one.strikes} for one in state.faults]}
