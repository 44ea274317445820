"""Sign-ins that succeed and begin again: the application does not remember, and sends the browser round and round.

Here: the cookie that the callback sets, and the page after it. Not here: a callback that was refused (`cookies`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from oauthctl.http import is_loopback_host, origin, split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.rules.cookies import Cookie, cookies_of, covers, is_refused, sent_cookies, start_of
from oauthctl.rules.front_channel import base_of, host_of
from oauthctl.rules.registry import Candidate, Certainty, Evidence, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_LOOPS = re.compile(
    r"too[_ ]many[_ ]redirects|redirect(?:ed|ion|s)?[_ ](?:you )?(?:too many|loop)|infinite (?:redirect|loop)|login loop", re.I
)
MANY = 3
"""Rounds that no change of mind and no second tab explains, whatever the recording leaves out."""
CANDIDATES = (
    Candidate("The session is kept in one process's memory, and another one answers.", "Share the store, or its keys."),
    Candidate("The browser does not keep the cookie (blocked, in a frame, another host).", "Look into its storage."),
    Candidate("The application refuses the session it finds, such as for a missing claim.", "Read the application's log."),
)
SAME = ("client_id", "redirect_uri", "response_type", "scope", "prompt", "acr_values", "resource", "audience", "login_hint")


@dataclass(frozen=True, slots=True)
class _Loop:
    """A sign-in that succeeded, and the page after it that starts the same one again."""

    first: Seen[AuthorizationRequest]
    returned: Seen[AuthorizationResponse]
    page: Seen[Message]
    rounds: int


@rule(Section("RFC 6265", "6.1"), explains=("sign-in-loop", "cookie-not-returned", "request-refused", "token-not-sent", "state-mismatch"))
def cookie_too_large(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """A cookie is larger than browsers keep."""
    large = seen.facts.get("large_cookies")
    if not isinstance(large, dict) or not seen.is_direct:
        return
    later = [one for one in scene.seen if one.is_direct and one.id > seen.id and host_of(one.url) == host_of(seen.url)]
    lost = {name: octets for name, octets in large.items() if not any(name in sent_cookies(one) for one in later)}
    begun = {base_of(one.url) for one in scene.seen if one.id < seen.id and "client_id=" in one.reply.header("location")}
    harmed = next(
        (one for one in later if _begins_again(one, scene) or one.reply.status in (400, 401, 403) or _goes_to(one) in begun), None
    )
    said = _LOOPS.search(scene.given.local_error)
    if not lost or (harmed is None and not (said and not later)):
        return
    name, octets = next(iter(lost.items()))
    evidence = [seen.evidence("response.headers.Set-Cookie", expected="4096 bytes at most", got=f"{name}=…, {octets} bytes")]
    if harmed is not None:
        evidence.append(harmed.evidence("request.headers.Cookie", expected=name, got="missing"))
    is_again = harmed is None or _begins_again(harmed, scene) or _goes_to(harmed) in begun
    after = "every page after it starts the sign-in again" if is_again else "what follows is refused"
    yield Found(
        cause=f"The cookie `{name}` is too large: it has {octets} bytes, and browsers drop a cookie above 4096. It never comes back, so "
        f"the application finds no session, and {after}.",
        help="In the application, keep the session on the server and only its identifier in the cookie, or split the cookie; put fewer "
        "claims (groups, tokens) into it, and ask the provider for fewer.",
        evidence=tuple(evidence),
    )


def _goes_to(seen: Seen[Message]) -> str:
    """Where a redirect leads, without its parameters; empty where none does."""
    location = seen.reply.header("location") if seen.reply.status // 100 == 3 else ""
    try:
        return base_of(urljoin(seen.url, location)) if location else ""
    except ValueError:
        return ""


@rule(Section("RFC 6265", "5.4"), explains=("cookie-not-returned", "sign-in-repeated"))
def sign_in_loop(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """A sign-in succeeds, and the application starts the same one again."""
    loop = _loop(returned, scene)
    if loop is None or any(earlier.id < returned.id and _loop(earlier, scene) for earlier in scene.each(AuthorizationResponse)):
        return
    why = None if _ended_well(loop, scene) else _why(loop, scene)
    if why is None:
        return
    cause, advice, place, certainty = why
    yield Found(
        cause=f"The sign-in succeeds, and then the application starts the same one again ({loop.rounds} sign-ins here, a redirect "
        "loop): "
        f"{cause}.",
        help=advice,
        evidence=(returned.evidence(".code", got="a code"), *place, loop.page.evidence("response.headers.Location", got="sign in again")),
        certainty=certainty,
        candidates=() if certainty is Certainty.CERTAIN else CANDIDATES,
    )


def _why(loop: _Loop, scene: Scene) -> tuple[str, str, tuple[Evidence, ...], Certainty] | None:
    """What keeps the session, what to do, where it shows, how sure."""
    returned, page = loop.returned, loop.page
    if page.id == returned.id:
        start = start_of(returned, scene)
        began = cookies_of(start) if start is not None else ()
        lost = [one for one in began if one.name not in sent_cookies(returned)]
        place = (
            (returned.evidence("request.headers.Cookie", expected=lost[0].name, got="missing"),) if lost and len(lost) == len(began) else ()
        )
        cause = "the callback itself sends the browser back to the provider, since it does not find the sign-in that it belongs to"
        if began and not lost:
            cause = (
                "the callback itself is guarded like any other page and sends the browser back to the provider, although the cookie "
                f"`{began[0].name}` of the start came back: the code is never redeemed"
            )
            advice = (
                "At the access proxy or middleware, exclude the callback's path from the sign-in, and route it to what handles the "
                "callback "
                "(with forward authentication, the original path must arrive in `X-Forwarded-Uri`)."
            )
            return cause, advice, (returned.evidence("request.headers.Cookie", got=f"{began[0].name}=…"),), Certainty.LIKELY
        if place:
            cause += f" (the cookie `{lost[0].name}` of the start did not come back)"
        return cause, ADVICE, place, Certainty.LIKELY
    made = cookies_of(returned)
    sent = sent_cookies(page)
    for cookie in (one for one in made if one.name not in sent):
        flaw = _flaw(cookie, loop)
        if flaw:
            place = (returned.evidence("response.headers.Set-Cookie", got=f"{cookie.name}=…"),)
            missing = page.evidence("request.headers.Cookie", expected=cookie.name, got="missing")
            return (
                f"the cookie `{cookie.name}` that the callback sets does not come back, for {flaw[0]}",
                flaw[1],
                (*place, missing),
                (Certainty.CERTAIN),
            )
    has_cookies = any(sent_cookies(one) or cookies_of(one) for one in scene.seen)
    if not has_cookies and loop.rounds >= MANY:
        return (
            "each code is accepted, and the page after it finds no session (the recording has no cookies at all, so whether the session's "
            "cookie is set and comes back can't be seen)",
            ADVICE,
            (),
            Certainty.LIKELY,
        )
    if not made and not sent:
        return "the callback sets no cookie, so the session is not kept", ADVICE, (), Certainty.LIKELY
    if made and not any(one.name in sent for one in made):
        if loop.rounds < MANY and not any(sent_cookies(one) for one in scene.seen):
            return None
        missing = page.evidence("request.headers.Cookie", expected=made[0].name, got="missing")
        return (
            f"the cookie `{made[0].name}` that the callback sets does not come back with the next page",
            ADVICE,
            (missing,),
            Certainty.LIKELY,
        )
    held = next(iter(one.name for one in made if one.name in sent), next(iter(sent), ""))
    place = (page.evidence("request.headers.Cookie", got=f"{held}=…"),)
    return (
        f"its cookie `{held}` comes back, yet the application does not find or accept the session behind it",
        ADVICE,
        place,
        Certainty.LIKELY,
    )


ADVICE = (
    "In the application, look at how the session is kept after the callback: the cookie's attributes, a store that all its processes "
    "share, and what the page asks of the session; stop after one failed round instead of starting over."
)


def _flaw(cookie: Cookie, loop: _Loop) -> tuple[str, str] | None:
    """Which attribute keeps the cookie from the next page, and what to change."""
    page, returned = loop.page, loop.returned
    host, path = host_of(page.url), split_url(page.url).path or "/"
    set_by = host_of(returned.url)
    is_http = any(seen.url.lower().startswith("http://") for seen in (returned, page)) and not is_loopback_host(host)
    if cookie.domain and not covers(cookie.domain, set_by):
        return (
            f"its `Domain={cookie.domain}` is not the application's own host `{set_by}`",
            "Set the cookie without `Domain`, or with its own.",
        )
    if host != set_by and not covers(cookie.domain, host):
        return (
            f"it belongs to `{set_by}`, and the next page is on `{host}`",
            "Use one host for the callback and the pages, or set `Domain`.",
        )
    if cookie.is_secure and is_http:
        return (
            f"it is marked Secure and the application is reached over plain http (`{base_of(page.url)[:120]}`)",
            "Serve the application over https from end to end; for a test over http, switch the Secure mark off.",
        )
    if cookie.same_site == "none" and not cookie.is_secure:
        return "it is SameSite=None without Secure, which browsers refuse", "Set `SameSite=Lax`, or add `Secure` to `SameSite=None`."
    if cookie.path not in ("", "/") and not path.startswith(cookie.path):
        return f"its `Path={cookie.path}` does not cover the next page, `{path[:120]}`", "Set the session cookie with `Path=/`."
    asked_at = loop.first.url if loop.first.is_direct else loop.first.reply.header("location")
    if cookie.same_site == "strict" and host_of(asked_at) != host:
        return (
            "it is SameSite=Strict, and the page follows a redirect that came from the provider's site",
            "Set the session cookie with `SameSite=Lax`, or let the callback answer with a page that goes on by itself.",
        )
    return None


def _loop(returned: Seen[AuthorizationResponse], scene: Scene) -> _Loop | None:
    if not returned.is_direct or not (returned.sent.code or returned.sent.id_token) or is_refused(returned) or returned.reply.failed:
        return None
    attempt = scene.attempt_of(returned.id)
    first = attempt.asked if attempt is not None and attempt.returned is not None and attempt.returned.id == returned.id else None
    page = _page_after(returned, scene) if first is not None else None
    again = _begins_again(page, scene) if page is not None else None
    if first is None or page is None or again is None or again.state == first.sent.state:
        return None
    if any(first.sent.raw(name) != again.raw(name) for name in SAME) or again.prompt:
        return None
    asked = [one.asked for one in scene.attempts if one.asked is not None and _is_same(one.asked.sent, first.sent)]
    # A request counts once, be it seen by itself or in the redirect that leads to it.
    return _Loop(first, returned, page, len({one.sent.state or one.id for one in asked}))


def _ended_well(loop: _Loop, scene: Scene) -> bool:
    """Whether a later round came to a page of the application."""
    rounds = [
        one
        for one in scene.after(loop.page.id, AuthorizationResponse)
        if one.is_direct and one.sent.code and base_of(one.url) == base_of(loop.returned.url)
    ]
    if not rounds or _loop(rounds[-1], scene) is not None:
        return False
    return any(
        one.is_direct and one.id > rounds[-1].id and one.reply.status == 200 and host_of(one.url) == host_of(loop.page.url)
        for one in scene.seen
    )


def _page_after(returned: Seen[AuthorizationResponse], scene: Scene) -> Seen[Message] | None:
    """Where the redirects from the callback come to the provider again: the callback itself, or a page that it leads to."""
    at: Seen[Message] = returned
    for _ in range(6):
        if _begins_again(at, scene) is not None:
            return at
        location = at.reply.header("location")
        if at.reply.status // 100 != 3 or not location:
            return None
        target = _joined(at.url, location)
        following = next((one for one in scene.seen if one.is_direct and one.id > at.id and one.url.partition("#")[0] == target), None)
        if following is None or (origin(following.url) != origin(returned.url) and host_of(following.url) == ""):
            return None
        at = following
    return None


def _begins_again(page: Seen[Message], scene: Scene) -> AuthorizationRequest | None:
    """The authorization request that a page's redirect makes."""
    location = page.reply.header("location")
    if page.reply.status // 100 != 3 or not location:
        return None
    target = base_of(_joined(page.url, location))
    for seen in scene.each(AuthorizationRequest):
        if seen.id == page.id and not seen.is_direct and "client_id=" in location:
            return seen.sent
        # Some exports cut a redirect's URL: what the browser asked for right after it is where it led.
        if seen.id > page.id and seen.is_direct and (seen.url == location or (base_of(seen.url) == target and _is_next(seen, page, scene))):
            return seen.sent
    return None


def _is_next(seen: Seen[AuthorizationRequest], page: Seen[Message], scene: Scene) -> bool:
    return not any(page.id < one.id < seen.id and one.is_direct for one in scene.seen)


def _is_same(one: AuthorizationRequest, other: AuthorizationRequest) -> bool:
    return one.client_id == other.client_id and one.redirect_uri == other.redirect_uri


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location).partition("#")[0]
    except ValueError:
        return location
