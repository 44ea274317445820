"""A silent sign-in in a hidden frame whose provider does not see its own session.

Here: the cookie that the provider had set and the frame's request lacks. Not here: other answers to `prompt=none`
(`authorization_person`), the application's cookies (`cookie_frames`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.cookies import Cookie, attributes_of, cookies_of, covers, is_under
from oauthctl.rules.front_channel import refusal_of, was_tried_again
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_FRAMES = ("iframe", "frame", "embed", "object")
_NO_SESSION = ("login_required", "interaction_required")


@rule(Section("OIDC Core", "3.1.2.6"), Section("RFC 6265", "5.4"), explains=("sign-in-needed-without-prompt", "person-needed"))
def session_cookie_kept_from_frame(
    asked: Seen[AuthorizationRequest], returned: Seen[AuthorizationResponse] | None, scene: Scene
) -> Iterator[Found]:
    """The browser keeps the provider's session cookie from the hidden frame."""
    refusal = refusal_of(asked, returned)
    if refusal is None or "none" not in (asked.sent.prompt or ()) or not any(word in refusal.words for word in _NO_SESSION):
        return
    if not _is_in_foreign_frame(asked) or asked.request_header("cookie") or was_tried_again(asked, scene):
        return
    # Exports that leave cookies out leave out `Set-Cookie` as well.
    before = _set_before(asked, scene)
    if before is None:
        return
    setter, cookie = before
    is_none = cookie.same_site == "none"
    host = host_of(asked.url)
    ago = round((asked.exchange.started_at - setter.exchange.started_at).total_seconds())
    kept = (
        "the browser blocks third-party cookies (or keeps them apart for each site), as Safari, Firefox and Brave do by default and "
        "Chrome may"
        if is_none
        else f"the cookie has `SameSite={cookie.same_site.capitalize()}`, and such a cookie is not sent from a frame of another site"
        if cookie.same_site
        else "the cookie has no `SameSite=None`, and without it browsers take it for `Lax` and send it from no frame of another site"
    )
    yield Found(
        cause=f"The hidden iframe's request with `prompt=none` carries no cookie, although `{host}` had set its session cookie "
        f"`{cookie.name}` {ago} seconds before (exchange {setter.id}): in the frame it is a third-party cookie, and {kept}. So the "
        f"provider sees no session and answers `{refusal.seen.reply.error or 'login_required'}`.",
        help="In the client, renew tokens with a refresh token, or check the session by a redirect of the whole page, instead of a hidden "
        "frame (in keycloak-js: leave out `silentCheckSsoRedirectUri` and `checkLoginIframe`); or serve the provider under the "
        "application's own site (a custom domain), where its cookies are no third party's.",
        evidence=(
            asked.evidence("request.headers.Cookie", cookie.name, "missing"),
            setter.evidence("response.headers.Set-Cookie", got=attributes_of(cookie)),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate(
                f"The browser keeps the cookie from the frame: {kept}.",
                "Use a refresh token, or the provider under the application's site.",
            ),
            Candidate("The session was ended in between (signed out in another tab).", "Start an ordinary sign-in."),
        ),
        probe="Allow third-party cookies for the provider's site in the browser, and try the same silent sign-in again.",
    )


def _is_in_foreign_frame(asked: Seen[Message]) -> bool:
    target, site = asked.request_header("sec-fetch-dest").lower(), asked.request_header("sec-fetch-site").lower()
    if target:
        return target in _FRAMES and site in ("cross-site", "")
    # Browsers without these headers: the page that the frame stands in is told by the referrer alone.
    page = host_of(asked.request_header("referer"))
    return bool(page) and not _is_same_site(page, host_of(asked.url))


def _is_same_site(one: str, other: str) -> bool:
    return one.split(".")[-2:] == other.split(".")[-2:]


def _set_before(asked: Seen[AuthorizationRequest], scene: Scene) -> tuple[Seen[Message], Cookie] | None:
    """The last cookie that the provider set and that is meant for this URL, and where; None when the person signed out afterwards."""
    host, path = host_of(asked.url), split_url(asked.url).path
    for one in reversed([seen for seen in scene.seen if seen.is_direct and seen.id < asked.id]):
        if one.purpose == purposes.LOGOUT:
            return None
        if host_of(one.url) != host:
            continue
        cookies = [cookie for cookie in cookies_of(one) if _is_for(cookie, host, path)]
        age = {"set_at": one.exchange.started_at, "at": asked.exchange.started_at}
        alive = [cookie for cookie in cookies if not cookie.is_over(**age)]
        if alive and one.request_header("sec-fetch-dest").lower() not in _FRAMES:
            # Of several, the one that might come along.
            return one, next((cookie for cookie in alive if cookie.same_site == "none"), alive[0])
    return None


def _is_for(cookie: Cookie, host: str, path: str) -> bool:
    in_host = not cookie.domain or covers(cookie.domain, host)
    return in_host and (not cookie.path or cookie.path == "/" or is_under(path, cookie.path))
