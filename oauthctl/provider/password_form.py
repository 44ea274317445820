"""Username and password, as people type them into a form of ours.

Here: whether they go together, how often that may be tried, and the browser's session when they do. Not here: how the form looks (`pages`),
what it is for (`signin`, `device`, `backchannel`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from oauthctl.http import Request, Response
from oauthctl.provider.answers import Answer, redirect
from oauthctl.provider.attempts import PASSWORDS, are_too_many, with_wrong
from oauthctl.provider.browser import begin, session_key
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import BrowserSession
from oauthctl.provider.state import ProviderState

WRONG = "That username and password don't go together."
TOO_OFTEN = "There were too many wrong passwords for this name. Wait a minute, then try again."
Form: TypeAlias = Callable[[BrowserSession, str, str], Response]
"""The form once more: the session, the username that was typed, and what was wrong."""


def sign_in(
    state: ProviderState,
    request: Request,
    moment: Moment,
    *,
    endpoint: str,
    about: str,
    form: Form,
    then: str,
    signed_in_for: str = "",
) -> Answer:
    """On to `then` with a new session, or the form again. `about` is what the log says that the sign-in is for."""
    username, password = request.form.get("username") or "", request.form.get("password") or ""
    state, problem = checked(state, username, password, moment=moment)
    if problem:
        # A name that nobody has may be a password that was typed in the wrong field.
        who, user = (username, "wrong password") if username in state.users else ("", "unknown user")
        reason = "too many wrong passwords" if problem == TOO_OFTEN else user
        state = state.logged(moment, endpoint, who, error="access_denied", reason=f"{reason}, for {about}")
        return state, form(state.sessions[session_key(state, request)], username, problem)
    state, _, cookie = begin(state, request, moment, username=username, signed_in_for=signed_in_for)
    state = state.logged(moment, endpoint, username, reason=f"signed in for {about}")
    return state, redirect(then, headers=(("Set-Cookie", cookie),))


def checked(state: ProviderState, username: str, password: str, *, moment: Moment) -> tuple[ProviderState, str]:
    """The state that counts a wrong password, and what to say of it; nothing when it is right.

    Names that nobody has are counted like others, so that waiting does not tell which ones exist.
    """
    subject = f"password of {username}"
    if are_too_many(state, subject, PASSWORDS, moment):
        return state, TOO_OFTEN
    user = state.users.get(username)
    if user is None or not user.has_password(password):
        return with_wrong(state, subject, moment=moment), WRONG
    return state, ""
