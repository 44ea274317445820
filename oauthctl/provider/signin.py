"""The answers of our own forms: username and password, going on as someone, yes or no.

Here: what each form's answer changes. Not here: which form is due (`authorize`), how it looks (`pages`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from oauthctl.http import Request, Response
from oauthctl.provider import pages, second_factor
from oauthctl.provider.answers import Answer, Denied, redirect
from oauthctl.provider.browser import begin, csrf_token, is_from_our_form, session_key, session_of
from oauthctl.provider.changing import changed
from oauthctl.provider.claims_request import values_of
from oauthctl.provider.client import person
from oauthctl.provider.id_token import hint_claims, subject_of_hint
from oauthctl.provider.moment import Moment
from oauthctl.provider.password_form import sign_in
from oauthctl.provider.records import BrowserSession
from oauthctl.provider.request import Asked
from oauthctl.provider.state import ProviderState
from oauthctl.provider.subject import subject_of

ENDPOINT = "sign-in"
USERS = 1000
_PASSWORD = 200
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}")
GoOn: TypeAlias = Callable[[ProviderState, Request, Asked, Moment], Answer]


def answer_form(state: ProviderState, request: Request, asked: Asked, *, moment: Moment, go_on: GoOn) -> Answer:
    """What follows from a form; `go_on` gives the client its code."""
    form = request.form
    session = session_of(state, request)
    if session is None or not is_from_our_form(session, asked.digest, form.get("csrf") or ""):
        reason = "the form was not shown to this browser, or it is too old"
        state = state.logged(moment, ENDPOINT, asked.client.id, error="csrf", reason=reason)
        advice = f"{reason}. Cookies have to be allowed for this site"
        return state, pages.error_page(state.name, "invalid_request", advice, status=403, log=state.requests_path)
    if form.get("decision") == "deny":
        raise Denied("access_denied", "the user said no")
    match form.get("step"):
        case "sign-in" if form.get("decision") == "sign-up":
            return _sign_up(state, request, asked, moment)
        case "sign-in":
            return _sign_in(state, request, asked, moment)
        case "continue" if may_continue(session, asked, moment):
            state = state.with_session(session_key(state, request), replace(session, signed_in_for=asked.digest))
            return state, redirect(authorize_url(state, asked))
        case "second-factor" if is_there(state, session, asked, moment):
            return _second_factor(state, request, asked, moment)
        case "consent" if second_factor.is_due(state, session, asked):
            return state, redirect(authorize_url(state, asked))
        case "consent" if is_there(state, session, asked, moment) and form.get("decision") == "allow":
            return go_on(state, request, asked, moment)
        case _:
            return state, redirect(authorize_url(state, asked))


def is_there(state: ProviderState, session: BrowserSession | None, asked: Asked, moment: Moment) -> bool:
    """Whether the right user is signed in, recently enough for this request.

    Source: OIDC Core section 3.1.2.1, `prompt`, `max_age` and `id_token_hint`.
    """
    if session is None or session.username not in state.users or why_not_this_user(state, session, asked):
        return False
    if session.signed_in_for == asked.digest:
        return True
    return not {"login", "select_account"} & set(asked.prompts) and not _is_too_long_ago(session, asked, moment)


def check_hint(state: ProviderState, asked: Asked) -> None:
    """`Denied` for an `id_token_hint` that says nothing: nobody could ever be the user whom it is about.

    Source: OIDC Core section 3.1.2.1: it is an ID token that this provider issued; one that has expired is good enough.
    """
    hint = asked.get("id_token_hint")
    if hint and hint_claims(state, hint) is None:
        why = "it is another's, or older than the provider's keys, which are new at each start without --state"
        raise Denied("invalid_request", f"id_token_hint is no ID token that this provider knows as its own: {why}")


def why_not_this_user(state: ProviderState, session: BrowserSession, asked: Asked) -> str:
    """What of the request says that it is for another user than who is signed in; empty when nothing does.

    Source: OIDC Core section 3.1.2.1 for `id_token_hint`, section 5.5.1 for the claim `sub`.
    """
    hint = asked.get("id_token_hint")
    if hint and subject_of_hint(state, hint) != session.username:
        return "id_token_hint"
    wanted = values_of(asked.claims, "id_token", "sub")
    return "claims" if wanted and subject_of(state, asked.client.id, session.username) not in wanted else ""


def may_continue(session: BrowserSession, asked: Asked, moment: Moment) -> bool:
    """Whether one click is enough to go on as who is signed in already."""
    is_asked = "select_account" in asked.prompts and "login" not in asked.prompts
    return bool(session.username) and is_asked and not _is_too_long_ago(session, asked, moment)


def sign_in_form(
    state: ProviderState, asked: Asked, session: BrowserSession, *, current: str = "", username: str = "", problem: str = ""
) -> Response:
    """The sign-in page for this request."""
    return pages.sign_in_page(
        state.name,
        action=authorize_path(state, asked),
        client=asked.client.name or asked.client.id,
        csrf=csrf_token(session, asked.digest),
        username=username,
        current=current,
        problem=problem,
        may_sign_up=may_sign_up(state, asked),
        form_targets=(pages.form_target(asked.target.redirect_uri),),
    )


def may_sign_up(state: ProviderState, asked: Asked) -> bool:
    """Whether the page lets people make themselves an account.

    Source: GitHub's documentation of its authorization request: `allow_signup` is true unless it says `false`.
    """
    return state.takes_sign_ups and asked.get("allow_signup") != "false" and len(state.users) < USERS


def authorize_path(state: ProviderState, asked: Asked) -> str:
    """Where the forms go: to the endpoint again, with what the browser brought in the query, so that no form has to be remembered."""
    return f"{state.base_path}{state.endpoints.authorize}?{asked.brought.encode()}"


def authorize_url(state: ProviderState, asked: Asked) -> str:
    """The same request once more."""
    return f"{state.url(state.endpoints.authorize)}?{asked.brought.encode()}"


def _is_too_long_ago(session: BrowserSession, asked: Asked, moment: Moment) -> bool:
    return asked.max_age is not None and (asked.max_age == 0 or moment.seconds - session.auth_time > asked.max_age)


def _sign_in(state: ProviderState, request: Request, asked: Asked, moment: Moment) -> Answer:
    def form(session: BrowserSession, username: str, problem: str) -> Response:
        return sign_in_form(state, asked, session, username=username, problem=problem)

    then = authorize_url(state, asked)
    return sign_in(state, request, moment, endpoint=ENDPOINT, about=asked.client.id, form=form, then=then, signed_in_for=asked.digest)


def _second_factor(state: ProviderState, request: Request, asked: Asked, moment: Moment) -> Answer:
    key = session_key(state, request)
    state, is_right = second_factor.with_code(state, key, request.form.get("code") or "", client_id=asked.client.id, moment=moment)
    if is_right:
        return state, redirect(authorize_url(state, asked))
    csrf = csrf_token(state.sessions[key], asked.digest)
    problem = "That is not the code."
    return state, second_factor.code_form(state, asked, action=authorize_path(state, asked), csrf=csrf, problem=problem)


def _sign_up(state: ProviderState, request: Request, asked: Asked, moment: Moment) -> Answer:
    username, password = request.form.get("username") or "", request.form.get("password") or ""
    if not may_sign_up(state, asked) or username in state.users or not _USERNAME.fullmatch(username) or not 0 < len(password) <= _PASSWORD:
        state = state.logged(moment, ENDPOINT, "", error="access_denied", reason=f"no account made, for {asked.client.id}")
        session = state.sessions[session_key(state, request)]
        problem = f"No account was made: choose a free username of letters, digits and hyphens, and a password up to {_PASSWORD} long."
        return state, sign_in_form(state, asked, session, username=username, problem=problem)
    state = changed(state, users={**state.users, username: person(username, password=password)})
    return _signed_in(state, request, asked, moment)


def _signed_in(state: ProviderState, request: Request, asked: Asked, moment: Moment) -> Answer:
    username = request.form.get("username") or ""
    state, _, cookie = begin(state, request, moment, username=username, signed_in_for=asked.digest)
    state = state.logged(moment, ENDPOINT, username, reason=f"signed in for {asked.client.id}")
    return state, redirect(authorize_url(state, asked), headers=(("Set-Cookie", cookie),))
