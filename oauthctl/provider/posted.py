"""Authorization requests that come by POST: kept for a while, since the browser comes again with a reference in their place.

Here: keeping them, and finding them again. Not here: judging them (`request`), those that clients push (`pushed`).
"""

from __future__ import annotations

from datetime import timedelta

from oauthctl.http import Params, Request, with_query
from oauthctl.provider import pages
from oauthctl.provider.answers import Answer, Denied, redirect, require_form
from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.pushed import LONGEST
from oauthctl.provider.records import Pushed
from oauthctl.provider.remembered import with_item
from oauthctl.provider.state import ProviderState

PREFIX = "urn:oauthctl:posted:"
_KEPT_FOR = timedelta(minutes=10)
_LONGEST_URL = 8000
"""Of a request with a reference, which goes on in a URL. Source: RFC 9110 section 4.1: senders and recipients should support that much."""


def kept(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The redirect to the endpoint again, by GET: the session's cookie does not come along with another site's POST.

    What the parameters say stays here, however long it is, and out of the browser's history; a reference that they bring goes on as it is.
    """
    params = Params((*request.query, *request.form))
    client_id = params.get("client_id") or ""
    try:
        is_reference = bool(params.get("request_uri"))
        _check(request, params, most=_LONGEST_URL if is_reference else LONGEST)
    except Denied as denied:
        state = state.logged(moment, "authorize", client_id, error=denied.error, reason=denied.description)
        return state, pages.error_page(state.name, denied.error, denied.description, status=denied.status, log=state.requests_path)
    endpoint = state.url(state.endpoints.authorize)
    if is_reference:
        return state, redirect(with_query(endpoint, params))
    reference = PREFIX + moment.token("posted request")
    state = changed(state, posted=with_item(state.posted, digest(reference), Pushed(client_id, params, moment.now + _KEPT_FOR)))
    return state, redirect(with_query(endpoint, Params((("client_id", client_id), ("request_uri", reference)))))


def _check(request: Request, params: Params, *, most: int) -> None:
    """Source: OpenID Connect Core 1.0 section 3.1.2.1: by POST the parameters are serialized as a form."""
    require_form(request)
    if not request.body:
        raise Denied("invalid_request", "an authorization request by POST has its parameters in the body, and there is none")
    if len(params.encode()) > most:
        raise Denied("invalid_request", f"the authorization request is longer than {most} octets", status=413)


def said(state: ProviderState, brought: Params, moment: Moment) -> Params:
    """What was posted, where the browser brings its reference; else what it brings. `Denied` means: show a page."""
    reference = brought.get("request_uri") or ""
    if not reference.startswith(PREFIX):
        return brought
    item = state.posted.get(digest(reference))
    if item is None or item.expires_at <= moment.now:
        minutes = _KEPT_FOR.seconds // 60
        raise Denied("invalid_request", f"this request was answered, or came more than {minutes} minutes ago")
    if item.client_id != (brought.get("client_id") or ""):
        raise Denied("invalid_request", "the request was posted with another client_id")
    return item.params
