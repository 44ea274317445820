"""The browser's session: its cookie, and the token that a form has to bring back.

Here: finding, starting and ending sessions. Not here: passwords (`signin`).
"""

from __future__ import annotations

import hmac

from oauthctl.http import Request
from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment, base64url, digest
from oauthctl.provider.records import BrowserSession
from oauthctl.provider.remembered import without_items
from oauthctl.provider.state import ProviderState


def cookie_name(state: ProviderState) -> str:
    """The cookie's name, another one for each issuer, because cookies do not tell ports apart."""
    return f"provider_session_{digest(state.issuer)[:8]}"


def session_key(state: ProviderState, request: Request) -> str:
    """The key of the browser's session in the state; empty when there is none."""
    name = cookie_name(state)
    for header in request.headers.all("cookie"):
        for pair in header.split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name and digest(value) in state.sessions:
                return digest(value)
    return ""


def session_of(state: ProviderState, request: Request) -> BrowserSession | None:
    """The browser's session, signed in or not."""
    return state.sessions.get(session_key(state, request))


def begin(
    state: ProviderState, request: Request, moment: Moment, *, username: str = "", signed_in_for: str = ""
) -> tuple[ProviderState, BrowserSession, str]:
    """A new session in place of the one that the browser has, and the header that sets its cookie.

    A new id with each sign-in leaves nothing to someone who planted the old one.
    """
    cookie = moment.token("session cookie")
    old = session_key(state, request)
    session = BrowserSession(
        id=moment.token("session id"),
        csrf=moment.token("session csrf"),
        username=username,
        auth_time=int(moment.seconds) if username else 0,
        signed_in_for=signed_in_for,
    )
    state = changed(state, sessions=without_items(state.sessions, (old,))).with_session(digest(cookie), session)
    return state, session, _cookie(state, cookie)


def end(state: ProviderState, keys: tuple[str, ...]) -> ProviderState:
    """The state without these sessions."""
    return changed(state, sessions=without_items(state.sessions, keys))


def expired_cookie(state: ProviderState) -> str:
    """The header that takes the cookie away."""
    return _cookie(state, "") + "; Max-Age=0"


def csrf_token(session: BrowserSession, transaction: str) -> str:
    """What a form has to bring back: bound to the browser's session and to the one request that the form is about."""
    return base64url(hmac.digest(session.csrf.encode(), transaction.encode(), "sha256"))


def is_from_our_form(session: BrowserSession | None, transaction: str, token: str) -> bool:
    """Whether the form was shown to this browser for this request."""
    return session is not None and hmac.compare_digest(csrf_token(session, transaction).encode(), token.encode("utf-8", "surrogatepass"))


def _cookie(state: ProviderState, value: str) -> str:
    secure = "; Secure" if state.origin.startswith("https:") else ""
    return f"{cookie_name(state)}={value}; Path={state.base_path or '/'}; HttpOnly; SameSite=Lax{secure}"
