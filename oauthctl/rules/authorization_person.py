"""The person in front of the authorization request: the browser they use, whether they are signed in, how.

Here: what the request asks of the person. Not here: their answer (`callback`), an organization's policies (`policy`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import origin
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.rules.dialects import said_by_provider
from oauthctl.rules.front_channel import as_provider_says, refusal_of, was_tried_again
from oauthctl.rules.registry import Candidate, Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Asked = Seen[AuthorizationRequest]
Returned = Seen[AuthorizationResponse]

_EMBEDDED = re.compile(
    r"; wv\)|\bFBA[NV]/|\bFB_IAB|Instagram|\bLine/|MicroMessenger|\bTwitter|LinkedInApp"
    r"|Snapchat|Pinterest/|TikTok|musical_ly|BytedanceWebview"
    r"|Electron/|\bJavaFX/|QtWebEngine|\bWebView\b|\bGSA/|KAKAOTALK|NAVER\(|Teams/|Slack_SSB|HeadlessChrome|PhantomJS",
    re.IGNORECASE,
)
_SAYS_EMBEDDED = re.compile(
    r"disallowed.?user.?agent|user.?agent[^.]{0,80}(not (permitted|allowed|supported|secure)|blocked)|embedded|web.?view"
    r"|browser or app may not be secure|in-app browser",
    re.IGNORECASE,
)
_WANTS_PERSON = ("login_required", "interaction_required", "consent_required", "account_selection_required")
_WANTED = {
    "login_required": "is not signed in there, or their session has ended",
    "interaction_required": "must answer a question of the provider or do something first",
    "consent_required": "must give their consent first",
    "account_selection_required": "must choose an account first",
}
_NATIVE = re.compile(r"native (?:client|app)", re.IGNORECASE)
_SAYS_CONTEXT = re.compile(
    r"unmet_authentication_requirements|\bacr\b|acr_values|authentication (context|level|requirements)", re.IGNORECASE
)


_OWN_SITE = ", or have the provider under the application's own site (a custom domain), where its cookies are no third party's"


@rule(Section("RFC 8252", "8.12"), explains=("authorization-refused", "user-denied"), decisive=True)
def embedded_browser_refused(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """The sign-in page was opened in an embedded browser, which the provider refuses."""
    refusal = refusal_of(asked, returned)
    agent = asked.request_header("user-agent")
    marker = _marker(agent)
    if refusal is None or (agent and not marker):
        return
    if not refusal.says(_SAYS_EMBEDDED):
        yield from as_provider_says(refusal.seen, "embedded-browser-refused")
        return
    seen = f": the User-Agent has `{marker}`" if marker else ""
    yield Found(
        cause=f"The authorization page was opened in an embedded browser (a web view inside of another app){seen}; the provider refuses "
        f"these, "
        "since the app around it could read what is typed.",
        help="In the app, open the authorization URL in the system browser (Custom Tabs, ASWebAuthenticationSession); if a chat app "
        "opened a link, "
        "tell people to open it in their browser.",
        evidence=(asked.evidence("request.headers.User-Agent", expected="a browser", got=agent or "not recorded"), refusal.evidence),
        certainty=Certainty.CERTAIN if marker else Certainty.LIKELY,
    )


@rule(Section("OIDC Core", "3.1.2.6"), explains=("authorization-refused", "user-denied"), decisive=True)
def sign_in_needed_without_prompt(asked: Asked, returned: Returned | None, scene: Scene) -> Iterator[Found]:
    """The request forbids any page, but the person has to do something first."""
    refusal = refusal_of(asked, returned)
    if refusal is None or "none" not in (asked.sent.prompt or ()):
        return
    error = next((word for word in _WANTS_PERSON if word in refusal.words), "")
    if was_tried_again(asked, scene):
        return
    if not error:
        yield from as_provider_says(refusal.seen, "sign-in-needed-without-prompt")
        return
    is_framed = asked.request_header("sec-fetch-dest") == "iframe"
    has_cookies = bool(asked.request_header("cookie"))
    what = {
        "consent_required": "must give consent",
        "account_selection_required": "must choose an account",
        "interaction_required": "must answer a question of the provider",
    }.get(
        error,
        "is not signed in at the provider" if is_framed and not has_cookies else "has no session at the provider (no longer signed in)",
    )
    if error == "interaction_required" and _NATIVE.search(refusal.words):
        what = "must confirm each sign-in of a native client (one that is registered as `native`) on a page of this provider"
    before = _signed_in_before(asked, scene) if error == "login_required" else None
    is_over = before is not None and has_cookies
    framed = (
        " It came from an iframe without a cookie, as in browsers that block third-party cookies." if is_framed and not has_cookies else ""
    )
    if before is not None:
        framed += (
            f" They had signed in there before (exchange {before.id}), so the session is still there and the frame does not see it."
            if framed
            else f" They had signed in there before (exchange {before.id}): that session has ended (expired, or signed out elsewhere)."
            if has_cookies
            else ""
        )
    yield Found(
        cause=f"The request was sent with `prompt=none`, which forbids any page, but the person {what} first (`{error}`).{framed}",
        help="In the client, take this answer as a sign to start an ordinary sign-in, without `prompt=none`; to renew tokens, use a "
        "refresh token "
        f"instead of a hidden frame{'' if is_over else _OWN_SITE}.",
        evidence=(asked.evidence(".prompt", expected="no none, or a signed-in person", got="none"), refusal.evidence),
        # A frame without a cookie shows no session, be there one or not.
        certainty=Certainty.LIKELY if framed and not has_cookies else Certainty.CERTAIN,
        candidates=(
            Candidate("The person's session at the provider is over, or never began.", "Start an ordinary sign-in."),
            Candidate("The browser keeps third-party cookies from the frame.", "Use a refresh token, or the provider under the same site."),
        )
        if error == "login_required" and not (framed and has_cookies)
        else (),
    )


@rule(Section("OIDC Core", "3.1.2.6"), explains=("callback-refused", "authorization-refused", "request-refused"))
def person_needed(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The provider wants something of the person and may not ask, or could not."""
    error = returned.sent.error or ""
    attempt = scene.attempt_of(returned.id)
    asked = attempt.asked if attempt is not None else None
    if (
        error not in _WANTS_PERSON
        or not any(one.id == returned.id for one in scene.failures)
        or next(iter(said_by_provider(returned)), None)
    ):
        return
    if asked is not None and (
        asked.sent.request or asked.sent.request_uri or "none" in (asked.sent.prompt or ()) or _is_asked_again(asked, scene)
    ):
        return
    what = _WANTED[error]
    silent = (
        "the request that was not seen forbids any page (`prompt=none`, a silent renewal in a hidden frame)"
        if asked is None
        else "the request does not forbid pages (`prompt=none` is not in it), so the provider's own rules, or a request that it was merged "
        "with, keep it from asking"
    )
    yield Found(
        cause=f"The provider answers `{error}`: the person {what}, and the provider shows no page for it: {silent}.",
        help="In the client, take this answer as a sign to start an ordinary interactive sign-in, without `prompt=none`; where a hidden "
        "frame renews the tokens, use a refresh token instead (browsers keep third-party cookies from frames).",
        evidence=(returned.evidence(".error", expected="a code", got=error),),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The request has `prompt=none`, and the person has no session, or must answer first.", "Start an ordinary sign-in."),
            Candidate("A hidden frame does not get the provider's cookies (third-party cookies).", "Use a refresh token, or a redirect."),
            Candidate(
                "The provider's policy wants a step (a factor, consent, an account) that this client does not offer.", "Ask its log."
            ),
        ),
    )


@rule(Section("OIDC Unmet Requirements"), explains=("authorization-refused", "user-denied"), decisive=True)
def authentication_context_unmet(asked: Asked, returned: Returned | None) -> Iterator[Found]:
    """The way of signing in that the request asks for is not to be had."""
    refusal = refusal_of(asked, returned)
    wanted = " ".join(asked.sent.acr_values or ()) or ("in `claims`" if "acr" in (asked.sent.claims or "") else "")
    if refusal is None:
        return
    if not wanted or not refusal.says(_SAYS_CONTEXT):
        yield from as_provider_says(refusal.seen, "authentication-context-unmet")
        return
    place = ".acr_values" if asked.sent.acr_values else ".claims"
    yield Found(
        cause=f"The request asks for the authentication context (acr) {f'`{wanted}`' if place == '.acr_values' else wanted}, and the "
        f"provider could "
        "not sign the person in that way: it does not know that value, or the person has no such factor.",
        help="Send an acr value that the provider lists in `acr_values_supported`, or set up that way of signing in for the person.",
        evidence=(asked.evidence(place, got=wanted), refusal.evidence),
        certainty=Certainty.CERTAIN if "unmet_authentication_requirements" in refusal.words else Certainty.LIKELY,
    )


def _signed_in_before(asked: Asked, scene: Scene) -> Seen[AuthorizationRequest] | None:
    """The earlier request to the same provider that was answered with a code."""
    earlier = (one for one in scene.attempts if one.asked is not None and one.asked.id < asked.id and one.returned is not None)
    good = (one.asked for one in earlier if one.returned is not None and one.returned.sent.code and one.asked is not None)
    return next((one for one in good if origin(one.url) == origin(asked.url)), None)


def _is_asked_again(asked: Asked, scene: Scene) -> bool:
    return any(one.sent.client_id == asked.sent.client_id for one in scene.after(asked.id, AuthorizationRequest))


def _marker(agent: str) -> str:
    """What gives an embedded browser away; on iOS it is the missing `Safari/`."""
    found = _EMBEDDED.search(agent)
    if found:
        return found[0].strip("; )")
    return "AppleWebKit without Safari" if re.search(r"iPhone|iPad", agent) and "AppleWebKit" in agent and "Safari/" not in agent else ""
