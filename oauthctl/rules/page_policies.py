"""What the headers of a page forbid: requests, forms, frames, windows that talk to each other.

Here: content policies, mixed content, framing, popups. Not here: whether a server lets another origin read its answers (`cors`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.messages.param import Message
from oauthctl.record.transaction import describe
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_SAID = re.compile(r"Content.Security.Policy|blocked:csp|NS_ERROR_CONTENT_BLOCKED|ERR_BLOCKED_BY_(?:CSP|RESPONSE|ORB)", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"\b(connect-src|form-action|frame-src|child-src|frame-ancestors|script-src|worker-src|navigate-to|default-src)\b", re.I
)
_MIXED = re.compile(r"mixed[. :-]{1,3}(?:active |passive )?content", re.IGNORECASE)
_URL = re.compile(r"\b(?:https?|[a-z][a-z0-9+.-]{2,40})://[^\s\"'<>`“”‘’]{1,500}", re.IGNORECASE)
_PLAIN = re.compile(r"http://[^\s\"'<>`“”‘’]{1,500}", re.IGNORECASE)
_FRAMED = re.compile(
    r"(?:refused to (?:display|frame|load)|frame|framing|blocked)[^\n]{0,300}(?:X-Frame-Options|frame-ancestors)"
    r"|(?:X-Frame-Options|frame-ancestors)[^\n]{0,200}(?:refus|den(?:y|ied)|block|prevent|does not permit)"
    r"|refused to connect[^\n]{0,40}iframe|can.?t open this page[^\n]{0,80}frame",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"cross-origin-opener-policy|\bCOOP\b|window\.opener|\bno (?:window )?opener\b|opener is (?:null|undefined)"
    r"|popup (?:window )?(?:was )?closed"
    r"|reading 'postMessage'|popup_closed|user_?cancelled_?popup|popupClosed|blocked? the window\.(?:closed|close|postMessage)",
    re.IGNORECASE,
)
_POPUP_BLOCKED = re.compile(
    r"popup_window_error|empty_window_error|auth/popup-blocked|(?:popups?|pop-ups?)(?: windows?)?[^.\n]{0,30}\bblock"
    r"|block\w*[^.\n]{0,30}\bpop-?up"
    r"|(?:unable|failed) to open (?:a |the )?(?:new )?(?:popup|pop-up|window)",
    re.IGNORECASE,
)
_POPUP_HELP = (
    "In the application, open the window directly in the click's handler (without waiting for anything before), or sign in by redirecting "
    "the whole page."
)


@rule(Section("Content Security Policy"), explains=("cross-origin-not-allowed", "connection-reset"))
def blocked_by_content_policy(scene: Scene) -> Iterator[Found]:
    """The page's own policy forbids the request."""
    for seen in scene.failures:
        if not seen.reply.has_answer and _SAID.search(seen.reply.failure):
            said = f"{seen.reply.failure} {scene.given.local_error}"
            evidence = (seen.evidence("response", "an answer", seen.reply.failure[:200]), *_policy_header(scene, _directive(said)))
            yield _policy(_directive(said), f"the {describe(seen.exchange)} to", host_of(seen.url), evidence)
            return
    said = scene.given.local_error
    if _SAID.search(said) and not _FRAMED.search(said):
        match = _URL.search(said)
        yield _policy(_directive(said), "a request of the sign-in to", host_of(match[0]) if match else "", (_log(said),))


def _directive(said: str) -> str:
    found = _DIRECTIVE.search(said)
    return found[1].lower() if found else ""


def _policy_header(scene: Scene, directive: str) -> tuple[Evidence, ...]:
    """Where the policy itself was seen."""
    for seen in scene.seen:
        policy = seen.reply.header("content-security-policy")
        if seen.is_direct and policy and (directive or "default-src") in policy:
            return (seen.evidence("response.headers.Content-Security-Policy", got=policy[:200]),)
    return ()


def _policy(directive: str, what: str, host: str, evidence: tuple[Evidence, ...]) -> Found:
    target = f"`{host}`" if host else "another origin"
    if directive == "form-action":
        cause = (
            "The browser blocked the redirect after a form of the sign-in was sent: the page with the form has a Content Security Policy "
            f"with `form-action`, which browsers apply to the redirects that follow, too, and the answer leads to {target}, which the "
            "directive does not list."
        )
        advice = (
            "At the server whose page holds the form (the authorization server, or a proxy that adds headers there), add the origin of the "
            "client's redirect_uri, or its custom scheme, to `form-action`, or leave that directive out of the Content-Security-Policy."
        )
    elif directive in ("frame-src", "child-src"):
        cause = (
            f"The application's own page forbids frames of {target} in its Content Security Policy (`{directive}`), so the hidden iframe "
            "for the silent sign-in, or the session check, was never loaded."
        )
        advice = (
            f"In the application's `Content-Security-Policy`, add the provider's origin to `{directive}`; or renew with refresh tokens, "
            "without an iframe."
        )
    else:
        named = f" (`{directive}`)" if directive else ""
        cause = (
            f"The browser blocked {what} {target} because of the page's own Content Security Policy{named}, not because of the server "
            "that was asked: it never saw the request."
        )
        advice = (
            f"In the application's `Content-Security-Policy`, add {target} (the provider's origin, token endpoint and all) to "
            f"`{directive or 'connect-src'}`"
            + ("" if directive else ", or to the directive that the console names (`frame-src`, `form-action`)")
            + "."
        )
    return Found(cause, advice, evidence, Certainty.LIKELY)


@rule(Section("Mixed Content"), explains=("blocked-by-content-policy", "cross-origin-not-allowed", "plain-http-refused"))
def mixed_content(scene: Scene) -> Iterator[Found]:
    """A page that came by https asks for an http URL, and the browser refuses."""
    said, place = scene.given.local_error, None
    for seen in scene.failures:
        if not seen.reply.has_answer and _MIXED.search(seen.reply.failure):
            said, place = f"{seen.reply.failure} {seen.url}", seen
    if not _MIXED.search(said):
        return
    match = _PLAIN.search(said)
    url = match[0] if match else ""
    shown = f" `{url[:160]}`" if url else ""
    yield Found(
        cause=f"A page that was loaded by https refers to an http URL{shown} (mixed content), and the browser blocks that. "
        f"The server that wrote the URL{f', `{host_of(url)}`,' if url else ''} takes itself for reached over http: TLS ends at a proxy "
        "before it, and it is not told the outer scheme.",
        help="At the proxy, send `X-Forwarded-Proto: https`, and let the server trust it, or configure its public https URL (Keycloak: "
        "`proxy-headers` and `hostname`; elsewhere base URL, issuer or forwarded headers); no page may hold http URLs then.",
        evidence=(place.evidence("request.url", "https", url or "http") if place is not None else _log(said),),
        certainty=Certainty.LIKELY,
    )


@rule(
    Section("RFC 7034", "2.1"),
    explains=("blocked-by-content-policy", "embedded-browser-refused", "sign-in-needed-without-prompt", "cross-origin-not-allowed"),
)
def sign_in_page_framed(scene: Scene) -> Iterator[Found]:
    """The provider's page was loaded in a frame, which it forbids."""
    said = scene.given.local_error
    framed = next(((seen, header) for seen in scene.seen if (header := _forbids_frame(seen)) and _is_in_frame(seen)), None)
    is_said = _FRAMED.search(said) is not None
    if framed is None and not is_said:
        return
    asked = next((one for one in reversed(scene.each(AuthorizationRequest)) if framed is None or one.id <= framed[0].id), None)
    is_silent = asked is not None and "none" in (asked.sent.prompt or ())
    why = (
        "although `prompt=none` was sent, a page came (an error page, or a provider that does not honour it)"
        if is_silent
        else "the request lacks `prompt=none`, so the provider showed its sign-in page"
        if asked is not None and framed is not None
        else "nobody was signed in, or the application itself runs in a frame"
    )
    name = framed[1] if framed is not None else "X-Frame-Options" if "x-frame" in said.lower() else "frame-ancestors"
    yield Found(
        cause=f"The provider's page was loaded in an iframe, and it forbids to be framed (`{name}`), so the browser shows nothing there: "
        f"{why}.",
        help="In the client, open the sign-in in the top-level window (redirect) or a popup; for a silent renewal in a frame send "
        "`prompt=none` and take `login_required` as the sign to do so, or use refresh tokens. The header is the provider's protection "
        "against clickjacking and stays.",
        evidence=(
            *(
                (framed[0].evidence(f"response.headers.{framed[1]}", "a redirect, and no page", framed[0].reply.header(framed[1])[:120]),)
                if framed
                else ()
            ),
            *((_log(said),) if is_said else ()),
        ),
        certainty=Certainty.CERTAIN if framed is not None else Certainty.LIKELY,
    )


def _is_in_frame(seen: Seen[Message]) -> bool:
    return (
        seen.is_direct
        and seen.request_header("sec-fetch-dest").lower() in ("iframe", "frame")
        and "cross" in seen.request_header("sec-fetch-site")
    )


def _forbids_frame(seen: Seen[Message]) -> str:
    """The header of a page that keeps it from being framed by another site; empty when none does, or when the answer is no page."""
    if seen.reply.status // 100 == 3 or "html" not in seen.reply.header("content-type"):
        return ""
    if seen.reply.header("x-frame-options").strip().lower() in ("deny", "sameorigin"):
        return "X-Frame-Options"
    policy = seen.reply.header("content-security-policy")
    match = re.search(r"frame-ancestors\s+([^;]*)", policy, re.IGNORECASE)
    return "Content-Security-Policy" if match and "http" not in match[1] and "*" not in match[1] else ""


@rule(Section("HTML"))
def popup_cut_off(scene: Scene) -> Iterator[Found]:
    """A page's Cross-Origin-Opener-Policy cuts the popup off from the window that opened it."""
    said = scene.given.local_error
    if not _OPENER.search(said):
        return
    found = [
        seen
        for seen in scene.seen
        if seen.is_direct and seen.reply.header("cross-origin-opener-policy").strip().lower().startswith("same-origin")
    ]
    strict = [seen for seen in found if "allow-popups" not in seen.reply.header("cross-origin-opener-policy")]
    is_named = re.search(r"cross-origin-opener-policy|\bCOOP\b", said, re.IGNORECASE) is not None
    if not strict and not is_named:
        return
    theirs = next((seen for seen in strict if isinstance(seen.sent, AuthorizationRequest)), None)
    seen = theirs or (strict[0] if strict else None)
    where = f"The page of `{host_of(seen.url)}`" if seen is not None else "A page of the sign-in"
    advice = (
        "That page is the provider's: let the popup's last page, at the redirect_uri on the application's own origin, hand its result over "
        "by `BroadcastChannel` or `localStorage` instead of `window.opener`, or sign in by redirecting the whole page."
        if theirs is not None
        else "On the application's pages, send `Cross-Origin-Opener-Policy: same-origin-allow-popups`, not `same-origin`; or hand the "
        "result over without `window.opener` (`BroadcastChannel`), or sign in by redirecting the whole page."
    )
    yield Found(
        cause=f"{where} is sent with `Cross-Origin-Opener-Policy: same-origin` (COOP), which cuts the popup off from the window that "
        "opened "
        "it: `window.opener` is null, `closed` is true at once, and the result of the sign-in can't be handed over.",
        help=advice,
        evidence=(
            *(
                (
                    seen.evidence(
                        "response.headers.Cross-Origin-Opener-Policy",
                        "same-origin-allow-popups",
                        seen.reply.header("cross-origin-opener-policy"),
                    ),
                )
                if seen is not None
                else ()
            ),
            _log(said),
        ),
        certainty=Certainty.LIKELY,
    )


@rule(Section("HTML"))
def popup_blocked(scene: Scene) -> Iterator[Found]:
    """The browser's popup blocker stopped the sign-in window."""
    said = scene.given.local_error
    if not _POPUP_BLOCKED.search(said):
        return
    yield Found(
        cause="The browser blocked the popup window of the sign-in: it was not opened directly by a click of the user (a user gesture), "
        "but on loading, by a timer, or after something that was waited for.",
        help=_POPUP_HELP,
        evidence=(_log(said),),
        certainty=Certainty.LIKELY,
    )


def _log(said: str) -> Evidence:
    return Evidence(None, "given.local_error", "", said[:200])
