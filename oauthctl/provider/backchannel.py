"""Client-initiated backchannel authentication: a client asks for a person, who decides on a page of the provider.

Here: the backchannel authentication endpoint and the page of approvals. Not here: the polling (`grant_ciba`), the HTML
(`backchannel_pages`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from oauthctl.http import Params, Request, Response, decimal
from oauthctl.provider import backchannel_pages, pages
from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer, redirect, refuse, single_form, with_headers
from oauthctl.provider.browser import begin, csrf_token, is_from_our_form, session_of
from oauthctl.provider.changing import changed
from oauthctl.provider.client import CIBA, Client
from oauthctl.provider.client_auth import authenticate
from oauthctl.provider.decision import is_waiting, with_grant
from oauthctl.provider.id_token import subject_of_hint
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.notification import is_notification_token, notification
from oauthctl.provider.password_form import sign_in
from oauthctl.provider.records import BackchannelRequest, BrowserSession, Outgoing
from oauthctl.provider.remembered import with_item
from oauthctl.provider.request import read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.state import ProviderState

ENDPOINT = "ciba"
LONGEST_SECONDS = 600
"""How long a request waits at the longest, whatever its client asks for; more only where the provider gives more anyway."""
_BINDING = re.compile(r"[A-Za-z0-9 .,:;_+/#-]{1,80}")
"""Plain words of one line: section 7.1 wants it short and displayable anywhere."""
_TRANSACTION = "approvals"


def backchannel(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The reference under which the person is asked. Source: OpenID Connect CIBA Core 1.0 sections 7.1 to 7.3."""
    try:
        form = single_form(request)
        state, client = authenticate(state, request, form, moment)
        username = _who(state, client, form)
        scopes, audience = read_scopes(state, client, form.get("scope") or ""), audience_of(state, form)
        token = _notification_token(client, form)
        seconds = _seconds(state, form)
        message = form.get("binding_message") or ""
        if message and not _BINDING.fullmatch(message):
            raise Denied("invalid_binding_message", "the binding_message is no short line of plain characters")
        if "openid" not in scopes:
            raise Denied("invalid_scope", "the scope openid is needed here")
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    auth_req_id = moment.token("auth_req_id")
    item = BackchannelRequest(
        number=moment.token("backchannel number")[:12],
        client_id=client.id,
        username=username,
        scopes=scopes,
        audience=audience,
        binding_message=message,
        expires_at=moment.now + timedelta(seconds=seconds),
        interval=state.device_interval,
        auth_req_id=auth_req_id if token else "",
        notification_token=token,
    )
    state = changed(state, backchannel_requests=with_item(state.backchannel_requests, digest(auth_req_id), item))
    state = state.logged(moment, ENDPOINT, client.id, reason=f"asks {username} to decide at {state.url(state.endpoints.approvals)}")
    document = {"auth_req_id": auth_req_id, "expires_in": seconds, "interval": item.interval}
    return state, json_answer(document, headers=NO_STORE)


def _who(state: ProviderState, client: Client, form: Params) -> str:
    """The user who is to decide. Source: CIBA Core section 7.1: exactly one hint; section 13 for the errors."""
    if CIBA not in client.grant_types or client.is_public:
        raise Denied("unauthorized_client", "the client is not registered for backchannel authentication")
    hints = [name for name in ("login_hint", "id_token_hint", "login_hint_token") if name in form]
    if len(hints) != 1:
        raise Denied("invalid_request", "exactly one of login_hint, id_token_hint and login_hint_token has to be given")
    if hints == ["login_hint_token"]:
        raise Denied("invalid_request", "login_hint_token is not supported here")
    value = form.get(hints[0]) or ""
    username = subject_of_hint(state, value) if hints == ["id_token_hint"] else value
    by_email = next((user.username for user in state.users.values() if user.claims.get("email") == username), "")
    found = username if username in state.users else by_email
    if not found:
        raise Denied("unknown_user_id", "nobody is known by this hint")
    return found


def _seconds(state: ProviderState, form: Params) -> int:
    """How long the request waits. Source: CIBA Core section 7.1, `requested_expiry`: a positive integer, by which the server may go."""
    if "requested_expiry" not in form:
        return state.backchannel_seconds
    seconds = decimal(form.get("requested_expiry") or "")
    if not seconds:
        raise Denied("invalid_request", "requested_expiry has to be a positive number of seconds")
    return min(seconds, max(LONGEST_SECONDS, state.backchannel_seconds))


def _notification_token(client: Client, form: Params) -> str:
    """What the client wants to be shown; empty for one that asks for itself. Source: CIBA Core section 7.1."""
    if not client.notification_endpoint:
        return ""
    token = form.get("client_notification_token") or ""
    if not is_notification_token(token):
        raise Denied("invalid_request", "the client is registered for the mode ping, and client_notification_token is missing or no token")
    return token


def approvals(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The page on which a person sees what clients ask, and decides; it stands for the app on a person's phone."""
    session = session_of(state, request)
    if session is None:
        state, session, cookie = begin(state, request, moment)
        return state, with_headers(_sign_in_page(state, session), (("Set-Cookie", cookie),))
    form = request.form if request.method == "POST" else Params()
    if request.method == "POST" and not is_from_our_form(session, _TRANSACTION, form.get("csrf") or ""):
        reason = "the form was not shown to this browser"
        state = state.logged(moment, ENDPOINT, "", error="csrf", reason=reason)
        return state, pages.error_page(state.name, "invalid_request", reason, status=403, log=state.requests_path)
    if form.get("step") == "sign-in":
        return _sign_in(state, request, moment)
    if session.username not in state.users:
        return state, _sign_in_page(state, session)
    if form.get("step") == "decide":
        state = _decided(state, session, form, moment=moment)
        return state, redirect(state.url(state.endpoints.approvals))
    return state, _list(state, session, moment)


def _list(state: ProviderState, session: BrowserSession, moment: Moment) -> Response:
    requests = state.backchannel_requests.values()
    waiting = [one for one in requests if one.username == session.username and is_waiting(state, one, moment)]
    return backchannel_pages.approvals_page(
        state.name,
        action=_action(state),
        csrf=csrf_token(session, _TRANSACTION),
        username=session.username,
        requests=tuple((item, state.clients[item.client_id].name or item.client_id) for item in waiting),
        meanings=state.scopes,
    )


def _decided(state: ProviderState, session: BrowserSession, form: Params, *, moment: Moment) -> ProviderState:
    number = form.get("number") or ""
    mine = ((key, one) for key, one in state.backchannel_requests.items() if (one.number, one.username) == (number, session.username))
    found = next((pair for pair in mine if is_waiting(state, pair[1], moment)), None)
    if found is None:
        return state.logged(moment, ENDPOINT, session.username, error="invalid_request", reason="no such request waits for this person")
    key, item = found
    if form.get("decision") != "allow":
        requests = with_item(state.backchannel_requests, key, replace(item, is_denied=True))
        state = _told(changed(state, backchannel_requests=requests), item)
        return state.logged(moment, ENDPOINT, item.client_id, error="access_denied", reason="the user said no")
    state, grant_id = with_grant(state, item, session, moment=moment)
    state = changed(state, backchannel_requests=with_item(state.backchannel_requests, key, replace(item, grant_id=grant_id)))
    return _told(state, item).logged(moment, ENDPOINT, item.client_id, reason=f"{item.username} said yes")


def _told(state: ProviderState, item: BackchannelRequest) -> ProviderState:
    """The state that wants the client told of the decision, where it waits for that.

    Source: CIBA Core section 10.2: after an authentication that came to an end, well or not; of a request that nobody answers in time the
    client learns when it asks (section 11, `expired_token`).
    """
    endpoint = state.clients[item.client_id].notification_endpoint
    if not endpoint or not item.notification_token:
        return state
    return changed(state, outgoing=(*state.outgoing, notification(item, endpoint)))


def notified(state: ProviderState, sent: Outgoing, response: Response | None, moment: Moment) -> ProviderState:
    """The state that knows what became of a notification. None: no answer came. Source: CIBA Core section 10.2."""
    if response is not None and response.status in (200, 204):
        return state.logged(moment, ENDPOINT, sent.client_id, reason="was notified of the decision")
    what = f"answered {response.status}" if response is not None else "could not be reached"
    return state.logged(moment, ENDPOINT, sent.client_id, error="notification_failed", reason=f"{sent.request.url} {what}")


def _sign_in_page(state: ProviderState, session: BrowserSession, *, username: str = "", problem: str = "") -> Response:
    return pages.sign_in_page(
        state.name,
        action=_action(state),
        client="see what waits for your answer",
        csrf=csrf_token(session, _TRANSACTION),
        username=username,
        problem=problem,
    )


def _sign_in(state: ProviderState, request: Request, moment: Moment) -> Answer:
    then = state.url(state.endpoints.approvals)

    def form(session: BrowserSession, username: str, problem: str) -> Response:
        return _sign_in_page(state, session, username=username, problem=problem)

    return sign_in(state, request, moment, endpoint=ENDPOINT, about="the page of approvals", form=form, then=then)


def _action(state: ProviderState) -> str:
    return f"{state.base_path}{state.endpoints.approvals}"
