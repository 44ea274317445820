"""Faults of the provider's own cookies: the pages of a sign-in lose the browser.

Here: the cookies of the authorization endpoint. Not here: those of the client, which are its own affair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from oauthctl.http import Headers
from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.registry import Call, fault

_COOKIE = "set-cookie"


@fault("authorize", rule="provider-cookie-lost", flow="sign-in-watched")
def cookie_lost(call: Call) -> Answer | None:
    """The cookie of the sign-in page is lost on its way, so that its form belongs to nobody."""
    return _with_cookies(call, lambda _: None)


@fault("authorize", rule="provider-cookie-lost", flow="sign-in-watched")
def cookie_for_another_host(call: Call) -> Answer | None:
    """The cookie of the sign-in page is for another host than the page, and no browser keeps it."""
    return _with_cookies(call, lambda cookie: f"{cookie}; Domain=provider.internal")


def _with_cookies(call: Call, edit: Callable[[str], str | None]) -> Answer | None:
    state, response = call.answered()
    if _COOKIE not in response.headers:
        return None
    edited = ((name, edit(value) if name.lower() == _COOKIE else value) for name, value in response.headers)
    return state, replace(response, headers=Headers(tuple((name, value) for name, value in edited if value is not None)))
