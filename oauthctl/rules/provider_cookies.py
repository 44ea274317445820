"""The authorization server's own cookies, by which its pages know the browser.

Here: a page whose form comes back without the cookie. Not here: the application's cookies (`cookie_absent`), a server that is reached over
plain http (`cookie_attributes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.rules.cookies import Cookie, attributes_of, cookies_of, sent_cookies
from oauthctl.rules.front_channel import base_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_SAYS_COOKIE = re.compile(r"\bcookies?\b", re.IGNORECASE)


@rule(Section("RFC 6265", "5.3"), explains=("authorization-refused", "request-refused", "sign-in-page-expired"))
def provider_cookie_lost(seen: Seen[AuthorizationRequest], scene: Scene) -> Iterator[Found]:
    """A form of the authorization server's page comes back without the cookie that the page belongs to."""
    is_form = seen.is_direct and seen.exchange.request.method == "POST"
    if not is_form or not seen.reply.failed or sent_cookies(seen) or not _SAYS_COOKIE.search(seen.reply.words):
        return
    pages = [one for one in scene.seen if one.id < seen.id and one.is_direct and base_of(one.url) == base_of(seen.url)]
    page = next((one for one in reversed(pages) if one.exchange.request.method == "GET" and one.reply.status == 200), None)
    if page is None:
        return
    cookie = next((cookie for one in reversed(pages) for cookie in cookies_of(one)), None)
    yield Found(
        cause=f"The sign-in page of the authorization server at `{base_of(seen.url)}` came back to it without its cookie: {_why(cookie)}, "
        "so that the server can't tell whose form it is, and refuses it.",
        help="At the authorization server, and in every proxy before it, let `Set-Cookie` pass, with no `Domain` or with that of the host "
        "that people see; in the browser, allow cookies for this site.",
        evidence=(
            page.evidence("response.headers.Set-Cookie", "the cookie of the page", attributes_of(cookie) if cookie else "missing"),
            seen.evidence("request.headers.Cookie", "the cookie of the page", "missing"),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("A proxy before the server drops or changes its cookie.", "Compare `Set-Cookie` before and behind the proxy."),
            Candidate("The browser keeps no cookies of this site.", "Look at the browser's storage and settings for it."),
        ),
        probe="Open the page anew with the browser's developer tools, and look at `Set-Cookie` and at what the browser says to it.",
    )


def _why(cookie: Cookie | None) -> str:
    if cookie is None:
        return "no answer sets one"
    return f"`{cookie.name}` is set for `{cookie.domain}`" if cookie.domain else f"`{cookie.name}` was set, and is not sent"
