"""What the headers of a page forbid: requests, forms, frames.

Here: content policies, mixed content, framing. Not here: popups (`popups`), whether a server lets another
origin read its answers (`cors`).
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
# What browsers show all the same.
_HARMLESS = re.compile(
    r"insecure (?:image|favicon|video|audio|prefetch|element)|passive content|upgraded to https|automatically upgraded", re.IGNORECASE
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
    if not _MIXED.search(said) or _HARMLESS.search(said):
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


def _log(said: str) -> Evidence:
    return Evidence(None, "given.local_error", "", said[:200])
