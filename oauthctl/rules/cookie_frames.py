"""Cookies of a sign-in in a frame of another site: third-party cookies, and stores of their own.

Here: where the start and the callback were loaded. Not here: attributes (`cookie_attributes`), a silent sign-in in a frame
(`authorization_person`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.messages.authorization import AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.rules.cookies import lost_of
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_GENERAL = ("cookie-not-returned", "request-refused")


@rule(Section("RFC 6265", "5.4"), explains=(*_GENERAL, "cookie-lost-to-samesite"))
def cookie_partitioned(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The cookie was set inside of a frame, and the callback is no part of that."""
    lost = lost_of(returned, scene)
    if lost is None or not _is_framed(lost.started) or _is_framed(returned):
        return
    cookie = lost.cookies[0]
    kept = "is `Partitioned`: it belongs to the page around the frame" if cookie.is_partitioned else "was set as a third-party cookie"
    yield lost.found(
        cookie,
        f"The sign-in was started inside of a frame of another site, where the cookie `{cookie.name}` {kept}; the callback came at top "
        "level (a popup or the whole window), which has another store of cookies, so it is missing there.",
        "In the application, start the sign-in in the window in which it ends: open the popup or window on the application's own start "
        "page, which sets the cookie there and redirects to the provider.",
        certainty=Certainty.CERTAIN if cookie.is_partitioned else Certainty.LIKELY,
    )


@rule(Section("RFC 6265", "5.4"), explains=(*_GENERAL, "cookie-lost-to-samesite"))
def cookie_in_foreign_frame(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The whole sign-in runs in a frame of another site, where the browser keeps no such cookie."""
    lost = lost_of(returned, scene)
    if lost is None or not _is_framed(lost.started) or not _is_framed(returned):
        return
    cookie = next((one for one in lost.cookies if one.same_site != "none" or not one.is_partitioned), None)
    if cookie is None or "cross" not in f"{lost.started.request_header('sec-fetch-site')} {returned.request_header('sec-fetch-site')}":
        return
    said = f"SameSite={cookie.same_site.capitalize()}" if cookie.same_site else "no SameSite, which counts as Lax"
    kept = (
        "such cookies are not kept or sent in a frame of another site"
        if cookie.same_site != "none"
        else "browsers that block third-party cookies keep none that is not `Partitioned`"
    )
    yield lost.found(
        cookie,
        f"The application runs embedded in a frame on another site's page, and its cookie `{cookie.name}` has {said}: as a third-party "
        f"cookie it is dropped ({kept}), so the callback comes without it.",
        "In the application, set the cookies of the sign-in with `SameSite=None; Secure; Partitioned`, or run the sign-in in a popup or "
        "the top-level window and ask for storage access (`document.requestStorageAccess`) afterwards.",
        certainty=Certainty.CERTAIN if cookie.same_site != "none" else Certainty.LIKELY,
    )


def _is_framed(seen: Seen[AuthorizationResponse] | Seen[Message]) -> bool:
    return seen.request_header("sec-fetch-dest").lower() in ("iframe", "frame", "embed", "object")
