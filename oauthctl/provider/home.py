"""The start page: what this provider is, for the person who develops a client against it.

Here: what the page is asked for, and its form that switches faults. Not here: the HTML (`home_page`), secrets, which it never shows.
"""

from __future__ import annotations

from oauthctl.errors import ConfigError
from oauthctl.http import Request, Response, decimal
from oauthctl.provider import home_page, home_requests, pages
from oauthctl.provider.answers import Answer, redirect, with_headers
from oauthctl.provider.browser import begin, csrf_token, is_from_our_form, session_of
from oauthctl.provider.control import chosen, in_one_line, with_faults
from oauthctl.provider.home_faults import Draft
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

_TRANSACTION = "faults"
_SECONDS = 2
_LONGEST = 2000


def home(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The start page; by POST, its form."""
    if request.method == "POST":
        return _switched(state, request, moment)
    if home_requests.LIVE in request.query:
        return state, _live(state, request)
    if not state.is_controllable:
        return state, home_page.start_page(state, csrf="")
    return _start(state, request, moment)


def _start(state: ProviderState, request: Request, moment: Moment, *, draft: Draft | None = None, status: int = 200) -> Answer:
    """The page with a form that this browser may send."""
    opened, is_still = decimal(request.query.get(home_requests.OPENED) or "") or 0, home_requests.STILL in request.query
    session = session_of(state, request)
    cookies: tuple[tuple[str, str], ...] = ()
    if session is None:
        state, session, cookie = begin(state, request, moment)
        cookies = (("Set-Cookie", cookie),)
    csrf = csrf_token(session, _TRANSACTION)
    page = home_page.start_page(state, csrf=csrf, opened=opened, is_still=is_still, draft=draft, status=status)
    # That goes on meanwhile, since it was asked for now; what was not refused is not waited for.
    is_early = request.method == "GET" and not is_still and any(one.is_refused and not one.is_judged for one in state.arrivals)
    return state, with_headers(page, (*cookies, *((("Refresh", str(_SECONDS)),) if is_early else ())))


def _live(state: ProviderState, request: Request) -> Response:
    if not state.is_controllable:
        return _not_from_here(state, "Requests are shown on the provider's own machine alone.")
    since = decimal(request.query.get(home_requests.LIVE) or "")
    page = home_requests.requests_page(state) if since is None else home_requests.newcomers_page(state, since)
    # A header, so that no script is needed; who wants to read in peace opens a request on the start page.
    return with_headers(page, (("Refresh", str(_SECONDS)),))


def _switched(state: ProviderState, request: Request, moment: Moment) -> Answer:
    if not state.is_controllable:
        return state, _not_from_here(state, "Faults are switched from the provider's own machine alone.")
    form = request.form
    if not is_from_our_form(session_of(state, request), _TRANSACTION, form.get("csrf") or ""):
        state = state.logged(moment, "control", "", error="csrf", reason="the form was not shown to this browser")
        # What it asked for is not filled in: another site may have sent it.
        on = frozenset(one.slug for one in state.faults)
        problem = "The form was of an earlier page or of another browser, or cookies are off. Try it once more."
        return _start(state, request, moment, draft=Draft(on, "", problem), status=403)
    try:
        faults = () if form.get("step") == "well" else chosen(state, form)
    except ConfigError as error:
        said = in_one_line(error)
        draft = Draft(frozenset(form.all("fault")), (form.get("spec") or "")[:_LONGEST], f"{said[:1].upper()}{said[1:]}")
        return _start(state, request, moment, draft=draft, status=400)
    return with_faults(state, faults, moment), redirect(f"{state.url('/')}#faults")


def _not_from_here(state: ProviderState, why: str) -> Response:
    return pages.missing_page(state.name, "Not from here", why, status=403, start=f"{state.base_path}/")
