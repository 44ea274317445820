"""The device authorization grant: codes for a device, and the page on which a person decides.

Here: the device authorization endpoint, and what the page's forms change. Not here: polling (`grant_device`), HTML (`device_pages`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from oauthctl.http import Params, Request, Response, with_query
from oauthctl.provider import device_pages, pages
from oauthctl.provider.answers import NO_STORE, Answer, Denied, json_answer, redirect, refuse, single_form, with_headers
from oauthctl.provider.attempts import ALL_CODES, CODES, are_too_many, with_wrong
from oauthctl.provider.browser import begin, csrf_token, is_from_our_form, session_of
from oauthctl.provider.changing import changed
from oauthctl.provider.client import DEVICE_CODE
from oauthctl.provider.client_auth import authenticate
from oauthctl.provider.decision import is_waiting, with_grant
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.password_form import sign_in
from oauthctl.provider.records import BrowserSession, DeviceCode
from oauthctl.provider.remembered import with_item
from oauthctl.provider.request import check_challenge, read_scopes
from oauthctl.provider.resources import audience_of
from oauthctl.provider.state import ProviderState

ENDPOINT = "device"
GRANT_TYPE = DEVICE_CODE
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, and nothing that looks like a digit. Source: RFC 8628 section 6.1."""


def device_authorization(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The codes for the device and for the person. Source: RFC 8628 section 3.2."""
    try:
        form = single_form(request)
        state, client = authenticate(state, request, form, moment)
        if GRANT_TYPE not in client.grant_types:
            raise Denied("unauthorized_client", "the client is not registered for the device authorization grant")
        challenge, method = check_challenge(state, form.get("code_challenge"), form.get("code_challenge_method"))
        scopes, audience = read_scopes(state, client, form.get("scope") or ""), audience_of(state, form)
    except Denied as denied:
        return refuse(state, request, denied, endpoint=ENDPOINT, moment=moment)
    device_code, user_code = moment.token("device code"), _user_code(moment)
    item = DeviceCode(
        client_id=client.id,
        scopes=scopes,
        audience=audience,
        user_code=user_code,
        expires_at=moment.now + timedelta(seconds=state.device_seconds),
        interval=state.device_interval,
        code_challenge=challenge,
        code_challenge_method=method,
    )
    state = changed(state, device_codes=with_item(state.device_codes, digest(device_code), item))
    page = state.url(state.endpoints.device)
    document = {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": with_query(page, Params((("user_code", user_code),))),
        "expires_in": state.device_seconds,
        "interval": state.device_interval,
    }
    state = state.logged(moment, ENDPOINT, client.id, reason="gave codes to a device")
    return state, json_answer(document, headers=NO_STORE)


def device(state: ProviderState, request: Request, moment: Moment) -> Answer:
    """The page on which the person types the code, signs in and decides. Source: RFC 8628 section 3.3."""
    user_code = _normalized(request.query.get("user_code") or "")
    session = session_of(state, request)
    if session is None:
        state, session, cookie = begin(state, request, moment)
        if request.method == "GET":
            state, response = _shown(state, session, user_code, moment)
            return state, with_headers(response, (("Set-Cookie", cookie),))
        return state, with_headers(_forged(state), (("Set-Cookie", cookie),))
    if request.method == "GET":
        return _shown(state, session, user_code, moment)
    form = request.form
    if not is_from_our_form(session, f"device {user_code}", form.get("csrf") or ""):
        return state.logged(moment, ENDPOINT, "", error="csrf", reason="the form was not shown to this browser"), _forged(state)
    match form.get("step"):
        case "code":
            typed = _normalized(form.get("user_code") or "")
            return _with_device(state, session, typed, moment=moment, then=_to_code)
        case "sign-in":
            return _sign_in(state, request, user_code, moment)
        case "decide" if session.username:
            return _decide(state, session, user_code, moment=moment, is_allowed=form.get("decision") == "allow")
        case _:
            return _shown(state, session, user_code, moment)


def _shown(state: ProviderState, session: BrowserSession, user_code: str, moment: Moment) -> Answer:
    """The page about the device that shows this code; without a code, the form for one."""
    if not user_code:
        return state, _ask_code(state, session)
    return _with_device(state, session, user_code, moment=moment, then=_page)


def _with_device(
    state: ProviderState,
    session: BrowserSession,
    user_code: str,
    *,
    moment: Moment,
    then: Callable[[ProviderState, BrowserSession, DeviceCode], Answer],
) -> Answer:
    """What follows from a code for which a device waits, unless too many were guessed. Source: RFC 8628 section 5.1."""
    # Who has signed in is no crowd of browsers, and is not kept out by one.
    mine, everyones = f"user code {session.username or session.id}", () if session.username else ("user code",)
    if are_too_many(state, mine, CODES, moment) or any(are_too_many(state, one, ALL_CODES, moment) for one in everyones):
        state = state.logged(moment, ENDPOINT, session.username, error="slow_down", reason="too many wrong user codes")
        return state, _ask_code(state, session, problem="There were too many wrong codes. Wait a minute, then try again.")
    found = _waiting(state, user_code, moment)
    if found is None:
        state = with_wrong(state, mine, *everyones, moment=moment)
        state = state.logged(moment, ENDPOINT, session.username, error="invalid_request", reason="the user code is unknown")
        return state, _ask_code(state, session, problem="No device waits with that code. Look at the device again.")
    return then(state, session, found[1])


def _to_code(state: ProviderState, _session: BrowserSession, item: DeviceCode) -> Answer:
    return state, redirect(with_query(state.url(state.endpoints.device), Params((("user_code", item.user_code),))))


def _page(state: ProviderState, session: BrowserSession, item: DeviceCode) -> Answer:
    client, user_code = state.clients[item.client_id], item.user_code
    action, csrf = _action(state, user_code), csrf_token(session, f"device {user_code}")
    if session.username not in state.users:
        return state, pages.sign_in_page(state.name, action=action, client=client.name or client.id, csrf=csrf)
    return state, device_pages.confirm_page(
        state.name,
        action=action,
        csrf=csrf,
        client=client.name or client.id,
        username=session.username,
        user_code=user_code,
        scopes={scope: state.scopes[scope] for scope in item.scopes},
    )


def _ask_code(state: ProviderState, session: BrowserSession, *, problem: str = "") -> Response:
    return device_pages.code_page(
        state.name, action=_action(state, ""), csrf=csrf_token(session, "device "), problem=problem, status=400 if problem else 200
    )


def _sign_in(state: ProviderState, request: Request, user_code: str, moment: Moment) -> Answer:
    found = _waiting(state, user_code, moment)
    if found is None or request.form.get("decision") == "deny":
        return state, redirect(state.url(state.endpoints.device))
    client = state.clients[found[1].client_id]

    def form(session: BrowserSession, username: str, problem: str) -> Response:
        return pages.sign_in_page(
            state.name,
            action=_action(state, user_code),
            client=client.name or client.id,
            csrf=csrf_token(session, f"device {user_code}"),
            username=username,
            problem=problem,
        )

    then = f"{state.origin}{_action(state, user_code)}"
    return sign_in(state, request, moment, endpoint=ENDPOINT, about=f"a device of {client.id}", form=form, then=then)


def _decide(state: ProviderState, session: BrowserSession, user_code: str, *, moment: Moment, is_allowed: bool) -> Answer:
    found = _waiting(state, user_code, moment)
    if found is None:
        return state, _ask_code(state, session, problem="That code is not good any more. Start again on the device.")
    key, item = found
    if not is_allowed:
        state = changed(state, device_codes=with_item(state.device_codes, key, replace(item, is_denied=True)))
        state = state.logged(moment, ENDPOINT, item.client_id, error="access_denied", reason="the user said no")
        return state, pages.notice_page(state.name, "Nothing was allowed", "The device gets no access. You can close this page.")
    state, grant_id = with_grant(state, item, session, moment=moment)
    state = changed(state, device_codes=with_item(state.device_codes, key, replace(item, grant_id=grant_id)))
    state = state.logged(moment, ENDPOINT, item.client_id, reason=f"{session.username} allowed a device")
    return state, pages.notice_page(state.name, "The device is connected", "Go back to it: it goes on by itself. You can close this page.")


def _waiting(state: ProviderState, user_code: str, moment: Moment) -> tuple[str, DeviceCode] | None:
    """The device that waits for a decision with this code."""
    items = ((key, one) for key, one in state.device_codes.items() if user_code and one.user_code == user_code)
    return next((pair for pair in items if is_waiting(state, pair[1], moment)), None)


def _action(state: ProviderState, user_code: str) -> str:
    path = f"{state.base_path}{state.endpoints.device}"
    return f"{path}?{Params((('user_code', user_code),)).encode()}" if user_code else path


def _forged(state: ProviderState) -> Response:
    reason = "the form was not shown to this browser; cookies have to be allowed"
    return pages.error_page(state.name, "invalid_request", reason, status=403, log=state.requests_path)


def _normalized(typed: str) -> str:
    """The code however it was typed: case, blanks and hyphens do not count. Source: RFC 8628 section 6.1."""
    letters = "".join(char for char in typed.upper()[:40] if char in _LETTERS)
    return f"{letters[:4]}-{letters[4:]}" if len(letters) == 8 else ""


def _user_code(moment: Moment) -> str:
    """Eight letters of twenty, 34 bits of entropy."""
    number = int(digest(moment.token("user code")), 16)
    letters = "".join(_LETTERS[number // 20**place % 20] for place in range(8))
    return f"{letters[:4]}-{letters[4:]}"
