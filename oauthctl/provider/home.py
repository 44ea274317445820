"""The start page: what this provider is, for the person who develops a client against it.

Here: what the page is asked for, and its form that switches faults. Not here: the HTML (`home_page`), secrets, which it never shows.
"""

from __future__ import annotations

from oauthctl.errors import ConfigError
from oauthctl.http import Request
from oauthctl.provider import home_page, pages
from oauthctl.provider.answers import Answer, redirect, with_headers
from oauthctl.provider.browser import begin, csrf_token, is_from_our_form, session_of
from oauthctl.provider.control import chosen, in_one_line, with_faults
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

LIVE = "requests"
"""The query that asks for the requests alone, again and again."""
_TRANSACTION = "faults"
_SECONDS = 3


def home(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The start page; by POST, its form."""
    if request.method == "POST":
        return _switched(state, request, moment)
    if LIVE in request.query and not state.is_controllable:
        return state, pages.error_page(state.name, "access_denied", "requests are shown on this machine alone", status=403)
    if LIVE in request.query:
        # A header, so that no script is needed; who wants to read in peace goes back by the link.
        return state, with_headers(home_page.requests_page(state), (("Refresh", str(_SECONDS)),))
    if not state.is_controllable:
        return state, home_page.start_page(state, csrf="")
    session = session_of(state, request)
    if session is not None:
        return state, home_page.start_page(state, csrf=csrf_token(session, _TRANSACTION))
    state, session, cookie = begin(state, request, moment)
    return state, with_headers(home_page.start_page(state, csrf=csrf_token(session, _TRANSACTION)), (("Set-Cookie", cookie),))


def _switched(state: ProviderState, request: Request, moment: Moment) -> Answer:
    if not state.is_controllable:
        return state, pages.error_page(state.name, "access_denied", "faults are switched from this machine alone", status=403)
    form = request.form
    if not is_from_our_form(session_of(state, request), _TRANSACTION, form.get("csrf") or ""):
        state = state.logged(moment, "control", "", error="csrf", reason="the form was not shown to this browser")
        return state, pages.error_page(state.name, "invalid_request", "the form was not shown to this browser", status=403)
    try:
        faults = () if form.get("step") == "well" else chosen(state, form)
    except ConfigError as error:
        return state, pages.error_page(state.name, "invalid_request", in_one_line(error), status=400)
    return with_faults(state, faults, moment), redirect(f"{state.url('/')}#faults")
