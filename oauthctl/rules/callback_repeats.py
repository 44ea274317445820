"""Callbacks that come more than once.

Here: the same code again, two codes for one sign-in, and who came first. Not here: a code that is redeemed twice (`code`), two sign-ins at
once (`callback`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.cookies import is_refused
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

Returned = Seen[AuthorizationResponse]

_EXPLAINED = ("code-reused", "token-request-refused", "cookie-not-returned", "request-refused", "callback-failed", "code-expired")
# Programs that open links before the person does: previews in messengers, scanners of mail gateways, crawlers.
_PROGRAM = re.compile(
    r"BingPreview|SkypeUriPreview|Slackbot|Slack-ImgProxy|WhatsApp|TelegramBot|Discordbot|facebookexternalhit|Twitterbot|LinkedInBot"
    r"|Google-?(?:Safety|Read|Image)|GoogleImageProxy|Barracuda|Mimecast|Proofpoint|Safe ?Links|TrendMicro|MessageLabs|FireEye|Cisco"
    r"|\b(?:bot|crawler|spider|scanner|preview|prefetch(?:er)?|urlscan|linkcheck\w*)\b|HeadlessChrome|python-requests|Go-http-client|curl/"
    r"|okhttp|Java/|ms-office|Microsoft Office|Outlook",
    re.IGNORECASE,
)


@rule(Section("RFC 6749", "4.1.2"), explains=_EXPLAINED)
def callback_loaded_twice(returned: Returned, scene: Scene) -> Iterator[Found]:
    """The same callback was loaded twice, and the second time it was refused."""
    code = returned.sent.code or ""
    before = [one for one in scene.before(returned.id, AuthorizationResponse) if one.is_direct and one.sent.code == code]
    if not code or not returned.is_direct or not is_refused(returned) or not before or is_refused(before[0]):
        return
    redeemed = [one for one in scene.each(TokenRequest) if one.sent.code == code]
    if len(redeemed) == 1 and redeemed[0].id > returned.id:
        # The first load, a prefetch perhaps, used nothing up.
        return
    first = before[0]
    if first.exchange.request.method != "HEAD" and first.reply.status == 204:
        return
    yield Found(
        *_who(first, returned),
        evidence=(first.evidence(*_mark(first)), returned.evidence(".code", got=f"{code} again")),
    )


@rule(Section("RFC 6749", "4.1.2"), explains=(*_EXPLAINED, "parallel-sign-ins", "sign-in-state-not-shared"))
def consent_submitted_twice(returned: Returned, scene: Scene) -> Iterator[Found]:
    """One sign-in brought two codes, and the second callback finds its state used."""
    sent = returned.sent
    if not sent.code or not sent.state or not returned.is_direct or not is_refused(returned):
        return
    before = [one for one in scene.before(returned.id, AuthorizationResponse) if one.is_direct and one.sent.state == sent.state]
    if (
        len(
            [
                one
                for one in scene.before(returned.id, AuthorizationRequest)
                if one.is_direct and one.sent.state == sent.state and one.reply.status // 100 == 3
            ]
        )
        > 1
    ):
        # The request itself was repeated.
        return
    first = next((one for one in before if one.sent.code and one.sent.code != sent.code and not is_refused(one)), None)
    if first is None:
        return
    yield Found(
        cause=f"The callback came twice for one sign-in, with the same `state` and two different codes (exchanges {first.id} and "
        f"{returned.id}): the form of the provider's page was submitted twice (a double click, a slow answer), and the first callback used "
        "the state up.",
        help="In the application, take a callback whose `state` was just used as the repetition that it is: where its session is signed in "
        "already, go on to the page instead of showing an error. The provider can disable its button after the first click.",
        evidence=(first.evidence(".state", got=sent.state), returned.evidence(".state", "another, or the same code", sent.state)),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "10.12"), explains=(*_EXPLAINED, "state-mismatch", "consent-submitted-twice", "sign-in-state-not-shared"))
def state_used_again(returned: Returned, scene: Scene) -> Iterator[Found]:
    """A sign-in was begun with the state of an earlier one, which is over."""
    state = returned.sent.state or ""
    if not state or not returned.sent.code or not is_refused(returned):
        return
    earlier = [one for one in scene.before(returned.id, AuthorizationResponse) if one.is_direct and one.sent.state == state]
    first = next((one for one in earlier if one.sent.code and one.sent.code != returned.sent.code and not is_refused(one)), None)
    if first is None:
        return
    # Asked for again after that, and not by one consent that was sent twice.
    asked = [one for one in scene.before(returned.id, AuthorizationRequest) if one.sent.state == state and one.id > first.id]
    if not asked:
        return
    yield Found(
        cause="This sign-in has the same `state` as an earlier one, whose callback was taken already with another code: the application "
        "knows a state once. The link to the provider is a fixed one: copied into a page or a bookmark, or opened again from the history.",
        help="Let each sign-in begin at the application's own login route, which makes a new `state` each time (a button of the "
        "library, no "
        "copied authorization URL); answer a state that is over with a new start instead of an error.",
        evidence=(
            first.evidence(".state", got=state),
            asked[-1].evidence(".state", expected="a new one", got=state),
            returned.evidence(".state", expected="a new one", got=state),
        ),
    )


def _who(first: Returned, returned: Returned) -> tuple[str, str]:
    """What came first, and what to do about it."""
    purpose = _prefetch(first)
    if purpose:
        return (
            f"The browser loaded the callback ahead of time (a prefetch or prerender: `{purpose}` in exchange {first.id}), which used the "
            f"code up; when the person then came there (exchange {returned.id}), it was refused, since a code works only once.",
            "In the application, answer a request with `Sec-Purpose: prefetch` (or `Purpose`, `X-Moz`) at the callback with 204 and "
            "without "
            "redeeming anything, and send `Cache-Control: no-store`.",
        )
    agent = first.request_header("user-agent")
    own = returned.request_header("user-agent")
    is_program = agent != own and (_PROGRAM.search(agent) is not None)
    if first.exchange.request.method == "HEAD" or is_program:
        who = f" (`User-Agent: {agent[:100]}`)" if agent else ""
        return (
            f"A program opened the link before the person did{who}: a link scanner, a preview of a mail gateway or messenger, or a bot. "
            "Its "
            f"request (exchange {first.id}) used the one-time code up, so the person's own (exchange {returned.id}) was refused.",
            "In the application, use up a one-time link by a POST from a page with a button, never by GET or HEAD alone, and bind the "
            "callback to a cookie of the browser that began; have the scanner exempt these URLs.",
        )
    if own and not first.request_header("cookie") and returned.request_header("cookie"):
        return (
            f"Another program loaded the callback first: exchange {first.id} came without the cookie that the browser sends with the "
            "same URL "
            f"in exchange {returned.id}, and its load used the code up. Antivirus programs, link scanners and download managers fetch "
            "pages so.",
            "In the application, refuse a callback without the cookie of its sign-in before redeeming the code; have the antivirus "
            "or scanner "
            "exempt the application's host.",
        )
    if agent and own and agent != own:
        return (
            f"Two different browsers or programs loaded the same callback (exchange {first.id} with another `User-Agent` than exchange "
            f"{returned.id}): the first one used the code up.",
            "In the application, bind the callback to a cookie of the browser that began the sign-in; find out who else opens the link: a "
            "link scanner, an antivirus, a preview, an app that claims the URL.",
        )
    return (
        f"The browser loaded the same callback twice (exchange {first.id} and again exchange {returned.id}), with the same code and state: "
        "the first load used them up.",
        "In the application, answer the callback with a redirect to a page without the code, so that reloading, the back button or a "
        "prefetch repeat nothing; in a script, take care that an effect runs once.",
    )


def _mark(first: Returned) -> tuple[str, str, str]:
    if _prefetch(first):
        return "request.headers.Sec-Purpose", "a visit", _prefetch(first)
    if first.exchange.request.method == "HEAD":
        return "request.method", "GET", "HEAD"
    return ".code", "", first.sent.code or ""


def _prefetch(seen: Seen[Message]) -> str:
    for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"):
        value = seen.request_header(name)
        if re.search(r"prefetch|prerender|preview", value, re.IGNORECASE):
            return value[:40]
    return ""
