"""A cookie of the sign-in that did not come back, and one that came back in vain.

Here: what its attributes do not explain, and what the application makes of it. Not here: attributes (`cookie_attributes`), two sign-ins
that share one cookie (`callback`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.rules.cookies import attributes_of, cookies_of, is_refused, is_under, lost_of, sent_cookies, start_of
from oauthctl.rules.front_channel import as_provider_says
from oauthctl.rules.given import Given
from oauthctl.rules.instances import instance_of
from oauthctl.rules.registry import Candidate, Certainty, Evidence, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]

# What an application says that looked for the sign-in's state on its own side, and found nothing.
_SAYS_LOST = re.compile(
    r"state[^.]{0,60}(?:mismatch|not (?:match|found|valid|equal)|n't match|does not|missing|invalid|unknown|expired|lost|different)"
    r"|(?:invalid|unknown|missing|mismatch\w*|no|bad|expired|wrong|unexpected)[^.]{0,40}\b(?:state|session|oauth request|login attempt"
    r"|nonce|csrf)\b"
    r"|(?:session|nonce|verifier|correlation)[^.]{0,60}(?:not (?:be )?found|missing|expired|invalid|mismatch|does not|fail|lost|undefined"
    r"|null|empty)"
    r"|csrf[^.]{0,40}(?:fail|detected|mismatch|warning|invalid|missing|not)|mismatching_?state|correlation failed|unknown oauth request"
    r"|could not find[^.]{0,30}(?:state|session|request)|no matching state|authorization_request_not_found|state_?mismatch|invalid_?state",
    re.IGNORECASE,
)


@rule(Section("RFC 6265", "5.4"), explains=("request-refused",), decisive=True)
def cookie_not_returned(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The callback came without the cookie that the start of the sign-in had set."""
    lost = lost_of(returned, scene)
    if lost is None:
        if returned.reply.failed and start_of(returned, scene) is None:
            yield from as_provider_says(returned, "cookie-not-returned")
        return
    cookie = lost.cookies[0]
    path = split_url(returned.url).path or "/"
    elsewhere = next((one for one in lost.cookies if one.path not in ("", "/") and not is_under(path, one.path)), None)
    if elsewhere is not None:
        yield lost.found(
            elsewhere,
            f"The cookie `{elsewhere.name}` was set with `Path={elsewhere.path}`, and the callback is at `{path}`: the browser does not "
            f"send it "
            "there.",
            f"In the application, set the cookie with `Path=/`, or one that `{path}` is under.",
            certainty=Certainty.CERTAIN if lost.shows_cookies else Certainty.LIKELY,
        )
        return
    yield Found(
        cause=f"The callback came without the cookie `{cookie.name}` that the start of the sign-in had set, so the application does not "
        f"find "
        "the session that the `state` belongs to.",
        help="Look whether the same browser came back, whether it keeps cookies of this site, and whether the application set the cookie "
        "again or deleted it in between.",
        evidence=(
            lost.started.evidence("response.headers.Set-Cookie", got=attributes_of(cookie)),
            returned.evidence("request.headers.Cookie", expected=cookie.name, got="missing"),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("Another browser, or another window's store of cookies, came back.", "Begin and end in the same browser."),
            Candidate("The browser blocks or dropped the cookie.", "Look into its storage after the start of the sign-in."),
        ),
        probe="Record the sign-in in the browser, cookies included, and look at `Set-Cookie` of the start and `Cookie` of the callback.",
    )


@rule(Section("RFC 6265", "5.4"), explains=("cookie-not-returned", "request-refused", "callback-failed"))
def callback_in_another_browser(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The sign-in was started in one browser and ends in another, which has not its cookie."""
    lost = lost_of(returned, scene)
    if lost is None:
        return
    began, ended = lost.started.request_header("user-agent"), returned.request_header("user-agent")
    if not began or not ended or began == ended:
        return
    inside = next((name for mark, name in _WEB_VIEWS if re.search(mark, f"{began} {ended}")), "")
    what = f", one of them {inside}" if inside else ""
    yield Found(
        cause=f"The sign-in was started in one browser and the callback arrived in a different one{what} (their `User-Agent` headers "
        f"differ): the other browser has its own store of cookies, so `{lost.cookies[0].name}` and the session behind it are missing "
        "there.",
        help="Begin and end in the same browser: in an app, open the sign-in in the system's browser (on iOS "
        "ASWebAuthenticationSession) from the start, and not a web view's link; let no app or other browser claim the callback's URL.",
        evidence=(
            lost.started.evidence("request.headers.User-Agent", got=began[:200]),
            returned.evidence("request.headers.User-Agent", expected=began[:200], got=ended[:200]),
            returned.evidence("request.headers.Cookie", expected=lost.cookies[0].name, got="missing"),
        ),
        certainty=Certainty.LIKELY,
    )


_WEB_VIEWS = (
    (r"; wv\)", "an app's web view"),
    (r"FBAN|FBAV|Instagram|Line/|MicroMessenger|LinkedInApp|GSA/|Snapchat|TikTok|musical_ly", "an app's built-in browser"),
    (r"(?:iPhone|iPad)(?!.*Safari)", "an app's web view"),
)


@rule(Section("RFC 6749", "10.12"), explains=("callback-failed", "request-refused", "cookie-not-returned"))
def cookie_dropped_before_application(returned: Returned, scene: Scene, given: Given) -> Iterator[Found]:
    """The browser sends the cookie, and a proxy or CDN keeps it from the application."""
    seen_there = given.members.get("app_seen_headers")
    if not isinstance(seen_there, dict) or not is_refused(returned) or not returned.request_header("cookie"):
        return
    if any(isinstance(name, str) and name.lower() == "cookie" for name in seen_there):
        return
    names = ", ".join(f"`{name}`" for name in list(sent_cookies(returned))[:3])
    via = returned.reply.header("via") or returned.reply.header("server")
    yield Found(
        cause=f"The browser sends its cookie ({names}) with the callback, and the application sees no `Cookie` header: the proxy or CDN "
        f"before it{f' (`{via[:60]}`)' if via else ''} drops cookies instead of forwarding them, so the session of the sign-in is not "
        "found.",
        help="At the proxy or CDN, forward cookies and the whole query for the sign-in's paths, and do not cache them (CloudFront: an "
        "origin "
        "request policy that passes all cookies, such as `AllViewer`; Varnish, Fastly: no `unset req.http.Cookie` there).",
        evidence=(
            returned.evidence("request.headers.Cookie", got=names),
            Evidence(None, "given.app_seen_headers", "Cookie", "missing"),
        ),
    )


@rule(Section("RFC 6749", "10.12"), explains=("callback-failed", "request-refused"))
def sign_in_state_not_shared(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The cookie came back, and the application does not find the sign-in behind it."""
    if not is_refused(returned) or not returned.sent.state:
        return
    started = start_of(returned, scene)
    said = _SAYS_LOST.search(f"{returned.reply.words} {returned.reply.header('location')} {scene.given.local_error}"[:8000])
    if started is None or said is None:
        return
    sent = sent_cookies(returned)
    kept = next((one for one in cookies_of(started) if sent.get(one.name) == one.value), None)
    was_sent = bool(sent) and not cookies_of(started) and any(name in sent_cookies(started) for name in sent)
    without = not sent and not cookies_of(started) and not sent_cookies(started)
    if not (kept is not None or was_sent or without) or _was_used(returned, scene):
        return
    name = kept.name if kept is not None else next(iter(sent), "")
    back = f"the `state`, with the cookie `{name}`," if name else "the `state`"
    here, there = instance_of(started), instance_of(returned)
    evidence = [
        returned.evidence("request.headers.Cookie", got=f"{name}=…")
        if name
        else returned.evidence(".state", got=returned.sent.state or ""),
        returned.evidence("response", expected="the sign-in that the state belongs to", got=said[0][:120]),
    ]
    if here and there and here[0] == there[0] and here[1] != there[1]:
        evidence.append(returned.evidence(f"response.headers.{here[0]}", expected=here[1], got=there[1]))
        yield Found(
            cause=f"The start of the sign-in was answered by one instance of the application (`{here[0]}: {here[1]}`) and the callback by "
            f"another instance (`{there[1]}`); {back} came back as it should, but the other one does not "
            "know it: each instance keeps the state of its sign-ins in its own memory (or has its own key for cookies).",
            help="Keep sessions in a store that all instances share (Redis, say) and give them the same cookie secret; as a "
            "stopgap, switch on sticky sessions (session affinity) at the load balancer.",
            evidence=tuple(evidence),
            certainty=Certainty.LIKELY,
        )
        return
    yield Found(
        cause=f"{back[0].upper()}{back[1:]} came back as it should, and yet the application does not find the sign-in that it "
        "belongs to: its side of the session is lost. Most likely it is kept in the memory of one instance and another instance (replica, "
        "pod, worker) answered, or the application restarted, or its entry expired.",
        help="Keep sessions in a store that all instances share, with the same cookie secret, or switch on sticky sessions at the load "
        "balancer; see whether the application restarted in between, and how long an entry lives.",
        evidence=tuple(evidence),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate("Several instances answer, and each has a store or a cookie secret of its own.", "Share the store and the secret."),
            Candidate("The application restarted between the two requests.", "Keep sessions outside of its memory."),
            *(() if name else (Candidate("The browser's cookie is lost, and the capture leaves cookies out.", "Record it with cookies."),)),
            Candidate("The entry of the sign-in had expired, or was used up by another callback.", "Raise its lifetime."),
        ),
        probe="Run a single instance: if the sign-in works then, the instances do not share their sessions.",
    )


def _was_used(returned: Returned, scene: Scene) -> bool:
    """Whether another callback or sign-in had the state's place: other rules tell of that."""
    if any(one.sent.state == returned.sent.state and one.is_direct for one in scene.before(returned.id, AuthorizationResponse)):
        return True
    asked = [one.sent for one in scene.before(returned.id, AuthorizationRequest)]
    mine = [one for one in asked if one.state == returned.sent.state]
    return not mine or any(one.client_id == mine[0].client_id and one.state != mine[0].state for one in asked)
