"""Sign-out that the provider hands on to the applications, by the browser or past it.

Here: front-channel logout in frames. Not here: the end-session request (`logout`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.messages.param import Message
from oauthctl.record.purposes import query_of, split_path
from oauthctl.rules.cookies import cookies_of, sent_cookies
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_PLACE = re.compile(r"front-?channel|logout|sign-?out", re.IGNORECASE)
_STAYS = re.compile(
    r"(?:still|remain|stay)\w* (?:signed|logged) in|no session|session (?:not found|still)|not (?:signed|logged) out|front-?channel", re.I
)


@rule(Section("OIDC Front-Channel Logout", "4"))
def front_channel_logout_without_cookie(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The provider's frame calls the application's logout, and the session cookie is not sent along."""
    if not seen.is_direct or seen.request_header("sec-fetch-dest").lower() not in ("iframe", "frame"):
        return
    query = query_of(seen.url)
    is_logout = _PLACE.search(split_path(seen.url)) is not None and ("sid" in query or "iss" in query or "front" in seen.url.lower())
    if not is_logout or sent_cookies(seen) or "cross" not in seen.request_header("sec-fetch-site"):
        return
    host = host_of(seen.url)
    others = [one for one in scene.seen if one.is_direct and one.id != seen.id and host_of(one.url) == host]
    has_session = any(sent_cookies(one) or cookies_of(one) for one in others)
    if not has_session and not _STAYS.search(scene.given.local_error):
        return
    kept = next((cookie for one in others for cookie in cookies_of(one) if cookie.same_site != "none"), None)
    named = f"`{kept.name}` (SameSite={kept.same_site.capitalize() or 'Lax by default'})" if kept is not None else "with SameSite=Lax, say"
    yield Found(
        cause=f"For the front-channel logout the provider loads `{split_path(seen.url)}` in an iframe on its own page, and the browser "
        "sends no "
        f"cookie of `{host}` there: the session cookie {named} is a third-party cookie in that frame, so the application finds no session "
        "to "
        "end, and the person stays signed in.",
        help="Use back-channel logout (`backchannel_logout_uri`, ended by `sid` on the server), or end the session by the `sid` and `iss` "
        "of the "
        "request; with `SameSite=None; Secure` the cookie comes only in browsers that still allow third-party cookies.",
        evidence=(seen.evidence("request.headers.Cookie", "the session cookie", "missing"),),
        certainty=Certainty.LIKELY,
    )
