"""Answers of a sign-in that a shared cache gave, or that a browser keeps.

Here: the page that starts the sign-in, and the callback. Not here: keys and metadata that are kept too long (`keys`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.rules.cookies import cookies_of, is_refused, start_of
from oauthctl.rules.front_channel import base_of, host_of
from oauthctl.rules.instances import cache_hit
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]

_BODY_LIMIT = 256 * 1024

_ADVICE = (
    "In the application, answer the start of the sign-in and the callback with `Cache-Control: no-store`; at the CDN or proxy, exclude "
    "these "
    "paths from the cache (bypass), purge what it holds, and let `Set-Cookie` pass."
)


@rule(
    Section("RFC 9111", "3"),
    explains=(
        "cookie-not-returned",
        "callback-failed",
        "state-mismatch",
        "request-refused",
        "parallel-sign-ins",
        "consent-submitted-twice",
        "state-used-again",
    ),
)
def sign_in_start_cached(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The redirect to the provider came from a cache, with a state that was made for somebody else."""
    if not is_refused(returned):
        return
    start = start_of(returned, scene) or _page_of(returned, scene)
    if start is None:
        return
    hit = cache_hit(start)
    twice = _sent_before(start, scene)
    is_permanent = start.reply.status in (301, 308)
    again = [one for one in scene.before(returned.id, AuthorizationRequest) if one.is_direct and one.sent.state == returned.sent.state]
    is_kept = is_permanent and (twice is not None or len(again) > 1)
    if not (hit and not cookies_of(start)) and not is_kept:
        return
    if hit is not None:
        how = f"was answered from a shared cache (`{hit[0]}: {hit[1]}`)"
        evidence = [start.evidence(f"response.headers.{hit[0]}", "an answer of the application", hit[1])]
    else:
        how = f"is a permanent redirect ({start.reply.status}), which the browser keeps in its cache and repeats without asking"
        evidence = [start.evidence("response.status", "302", str(start.reply.status))]
    if twice is not None:
        evidence.append(twice.evidence("response.headers.Location", got="the same state before"))
    evidence.append(returned.evidence(".state", got=returned.sent.state or ""))
    yield Found(
        cause=f"The application's {'redirect' if start.reply.header('location') else 'login page with the link'} to the provider "
        f"(`{base_of(start.url)[:160]}`) {how}: its `state` was made for another sign-in, "
        "and the cookie that belongs to it was not set in this browser, so the callback is refused.",
        help=_ADVICE + (" Redirect with 302." if is_permanent else ""),
        evidence=tuple(evidence),
        certainty=Certainty.CERTAIN if hit is not None else Certainty.LIKELY,
    )


@rule(
    Section("RFC 9111", "3"),
    explains=("sign-in-loop", "callback-failed", "cookie-not-returned", "request-refused", "callback-loaded-twice"),
)
def callback_cached(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The callback was answered from a cache and never reached the application."""
    hit = cache_hit(returned) if returned.is_direct and returned.sent.code else None
    if hit is None or cookies_of(returned) or not _failed_after(returned, scene):
        return
    yield Found(
        cause=f"The callback was answered from a shared cache (`{hit[0]}: {hit[1]}`) and never reached the application: the code was not "
        "redeemed, and no session cookie was set.",
        help=_ADVICE + " The cache's key must hold the whole query, too.",
        evidence=(returned.evidence(f"response.headers.{hit[0]}", "an answer of the application", hit[1]),),
    )


def _page_of(returned: Returned, scene: Scene) -> Seen[Message] | None:
    """The page with the link that began this sign-in, where it came from a cache."""
    state = (returned.sent.state or "").encode("utf-8", "replace")
    for one in scene.seen:
        body = one.exchange.response.body[:_BODY_LIMIT] if one.exchange.response is not None else b""
        if one.id < returned.id and one.is_direct and state and b"client_id=" in body and b"state=" + state in body and cache_hit(one):
            return one
    return None


def _sent_before(start: Seen[Message], scene: Scene) -> Seen[Message] | None:
    """An earlier answer of the same page with the very same authorization URL."""
    location = start.reply.header("location")
    return next(
        (
            one
            for one in scene.seen
            if one.id < start.id and one.is_direct and one.url == start.url and one.reply.header("location") == location
        ),
        None,
    )


def _failed_after(returned: Returned, scene: Scene) -> bool:
    """Whether it was refused, or a later page of the same host refuses or sends the person to sign in again."""
    if is_refused(returned):
        return True
    later = [one for one in scene.seen if one.id > returned.id and host_of(one.url) == host_of(returned.url)]
    return any(one.is_direct and one.reply.status in (400, 401, 403) for one in later) or any(
        isinstance(one.sent, AuthorizationRequest) for one in scene.seen if one.id > returned.id
    )
