"""A callback that reaches something else than the code that redeems it: a script's page, the page that asked for a sign-in.

Here: what answers at the redirect_uri instead. Not here: paths that nothing answers at (`callback_server`), lost cookies (`cookies`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.http import origin, split_url
from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.cookies import cookies_of, is_refused, start_of
from oauthctl.rules.front_channel import base_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]

# The place that a script fills, and next to nothing beside it.
_SHELL = re.compile(rb"""<(?:div|main|body)[^>]{0,80}\bid=["']?(?:root|app|__next|__nuxt|q-app|svelte)["'\s>]|<app-root\b""", re.IGNORECASE)
_SHELL_LIMIT = 20_000
_NO_SESSION = (401, 403)


@rule(Section("RFC 6749", "4.1.2"), explains=("callback-failed", "api-token-missing", "api-request-refused"))
def callback_answered_by_script_page(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The page of a single-page application answers the callback of a sign-in that its server began."""
    response = returned.exchange.response
    if not returned.is_direct or not returned.sent.code or response is None or response.status != 200:
        return
    if len(response.body) > _SHELL_LIMIT or not _SHELL.search(response.body):
        return
    start = start_of(returned, scene)
    own = origin(returned.url)
    # A script that signs in by itself needs no server that keeps a session.
    if start is None or origin(start.url) != own or not cookies_of(start) or start.reply.status // 100 != 3:
        return
    later = [one for one in scene.seen if one.id > returned.id and one.is_direct]
    code = returned.sent.code.encode()
    if any(isinstance(one.sent, TokenRequest) or code in one.exchange.request.body or returned.sent.code in one.url for one in later):
        return
    missed = next((one for one in later if origin(one.url) == own and one.reply.status in _NO_SESSION), None)
    if missed is None:
        return
    path = split_url(returned.url).path
    yield Found(
        cause=f"The server began the sign-in and would redeem the code at `{path[:120]}`, but the callback is answered by the page of a "
        "single-page application (`index.html`), from the static host's fallback or from a service worker's cache: the server never sees "
        f"the code, and the next call to it has no session ({missed.reply.status}).",
        help=f"Let `{path[:120]}` reach the server: except it from the fallback to `index.html` (the proxy's or development server's "
        "rules), "
        "and from what the service worker answers (Angular: `navigationUrls`, Workbox: `navigateFallbackDenylist`); then unregister the "
        "old worker once.",
        evidence=(
            returned.evidence("response.body", "the server's redirect into the application", "a page for a script"),
            missed.evidence("response.status", "200", str(missed.reply.status)),
        ),
        certainty=Certainty.LIKELY,
        probe=f"Call `{base_of(returned.url)}` by `curl`, past the browser: what answers there?",
    )


@rule(Section("RFC 6749", "3.1.2"), explains=("callback-failed",))
def callback_is_the_page_itself(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The redirect_uri is the very page that asks for a sign-in, and it fails when the person returns."""
    start = start_of(returned, scene) if is_refused(returned) else None
    if start is None or base_of(start.url) != base_of(returned.url) or start.reply.status // 100 != 3:
        return
    path = split_url(returned.url).path
    if _is_login(start) or path in ("", "/"):
        return
    server = returned.reply.words[-200:]
    is_known = re.search(r"openresty|apisix|kong", f"{server} {returned.reply.header('server')}", re.IGNORECASE) is not None
    yield Found(
        cause=f"The `redirect_uri` is the protected page itself (`{path[:120]}`): the request that sent the person to the provider and the "
        f"callback have one path, and the callback fails there ({returned.reply.status}). A gateway's plugin takes every request to its "
        "`redirect_uri` for an answer of the provider, so that it needs a path of its own.",
        help=f"Give the sign-in a callback of its own below the same route, such as `{path.rstrip('/')[:120]}/callback`, that no page uses "
        "(APISIX and Kong: `redirect_uri` of the plugin, matched by the route), and register it at the provider.",
        evidence=(
            start.evidence("request.url", got=base_of(start.url)[:200]),
            returned.evidence("request.url", expected="a path of its own", got=base_of(returned.url)[:200]),
        ),
        certainty=Certainty.LIKELY if is_known else Certainty.POSSIBLE,
        candidates=(
            Candidate("The callback's path is that of a page.", "Give the callback a path of its own."),
            Candidate("The session that began the sign-in is not found.", "See whether the callback carries its cookie."),
        ),
    )


def _is_login(start: Seen[Message]) -> bool:
    """Whether its name says that it is there for signing in, both ways."""
    return re.search(r"log-?in|sign-?in|auth|sso|oidc|callback", split_url(start.url).path, re.IGNORECASE) is not None
