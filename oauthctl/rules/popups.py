"""Sign-in in a window of its own: whether it opens, and whether it can tell the page that opened it.

Here: popup blockers, openers, messages between windows. Not here: frames (`page_policies`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty, Evidence
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

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
_TARGET = re.compile(
    r"target origin provided \(?['\"]?(?P<target>[^'\")\s]{1,200})['\"]?\)? does not match the recipient window's "
    r"origin \(?['\"]?(?P<own>[^'\")\s]{1,200})"
    r"|unable to post message to (?P<target2>[^\s]{1,200})\. recipient has origin (?P<own2>[^\s]{1,200})",
    re.IGNORECASE,
)
_POPUP_HELP = (
    "In the application, open the window directly in the click's handler (without waiting for anything before), or sign in by redirecting "
    "the whole page."
)


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


@rule(Section("HTML"), explains=("popup-cut-off",))
def popup_message_refused(scene: Scene) -> Iterator[Found]:
    """The popup's message is for another origin than that of the page that opened it."""
    match = _TARGET.search(scene.given.local_error)
    if match is None:
        return
    target, own = match["target"] or match["target2"], (match["own"] or match["own2"]).rstrip(".")
    yield Found(
        cause=f"The popup sends its result by `postMessage` to the origin `{target}`, and the window that opened it has the origin "
        f"`{own}`: "
        "the two are not the same origin (scheme, host and port), so the browser drops the message and the opener waits in vain.",
        help=f"Open the application and the redirect_uri under one origin (both `{own}` or both `{target}`), or give `postMessage` the "
        "opener's real origin as its target, and let the opener accept that one alone.",
        evidence=(Evidence(None, "given.local_error", target, own),),
        certainty=Certainty.LIKELY,
    )


def _log(said: str) -> Evidence:
    return Evidence(None, "given.local_error", "", said[:200])
