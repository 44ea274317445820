"""Sign-ins that follow each other faster than a person signs in, where the pages between them were not recorded.

Here: the rounds alone, also where a `state` tells of those before. Not here: the page that begins the next
round, and its cookies (`sign_in_loop`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.rules.cookies import is_refused
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.sign_in_loop import ADVICE, CANDIDATES, MANY, SAME
from oauthctl.specs import Section

_PAUSE = 15
"""Seconds between a callback and the next round at most."""
_LONGEST = 8000
_DEEPEST = 6


@rule(Section("RFC 6265", "5.4"), explains=("cookie-not-returned",))
def sign_in_repeated(returned: Seen[AuthorizationResponse], scene: Scene) -> Iterator[Found]:
    """The same sign-in succeeds and begins again at once, over and over."""
    rounds = scene.once(_rounds)
    if len(rounds) < MANY or rounds[0][1].id != returned.id:
        return
    asked, last = rounds[0][0], rounds[-1][1]
    yield Found(
        cause=f"The sign-in succeeds, and at once the same one begins again ({len(rounds)} times here, a redirect loop): each callback "
        "gets a code and is taken, and then the application finds no session. Its cookie is not kept or does not come back, or the session "
        "behind it is not found (another process, another secret), or it is refused.",
        help=ADVICE,
        evidence=(
            asked.evidence(".state", got="the first round"),
            returned.evidence(".code", got="a code"),
            last.evidence(".code", got=f"a code again, in round {len(rounds)}"),
        ),
        certainty=Certainty.LIKELY,
        candidates=CANDIDATES,
        probe="The callback's `Set-Cookie`, and the `Cookie` header of the request after it.",
    )


def _rounds(scene: Scene) -> list[tuple[Seen[AuthorizationRequest], Seen[AuthorizationResponse]]]:
    """The longest run of sign-ins that are the same but for their state, each begun right after the one before was answered well."""
    longest: list[tuple[Seen[AuthorizationRequest], Seen[AuthorizationResponse]]] = []
    run: list[tuple[Seen[AuthorizationRequest], Seen[AuthorizationResponse]]] = []
    for attempt in scene.attempts:
        asked, returned = attempt.asked, attempt.returned
        if asked is None or returned is None or not returned.is_direct or not returned.sent.code or asked.sent.prompt:
            run = []
            continue
        if is_refused(returned) or returned.reply.failed or attempt.redeemed:
            run = []
            continue
        if run and not _follows(run[-1], asked):
            run = []
        run.append((asked, returned))
        longest = run if len(run) > len(longest) else longest
    return longest


def _follows(before: tuple[Seen[AuthorizationRequest], Seen[AuthorizationResponse]], asked: Seen[AuthorizationRequest]) -> bool:
    first, returned = before
    if any(first.sent.raw(name) != asked.sent.raw(name) for name in SAME) or first.sent.state == asked.sent.state:
        return False
    pause = (asked.exchange.started_at - returned.exchange.started_at).total_seconds()
    return asked.id > returned.id and 0 <= pause <= _PAUSE and asked.reply.status // 100 == 3


@rule(Section("RFC 6749", "10.12"), explains=("sign-in-repeated", "cookie-not-returned"))
def callback_as_return_page(returned: Seen[AuthorizationResponse]) -> Iterator[Found]:
    """The page to return to after the sign-in is the callback itself."""
    path, state = split_url(returned.url).path, returned.sent.state or ""
    if not returned.is_direct or len(path) < 2 or not state:
        return
    rounds = _rounds_in(state, path)
    if not rounds:
        return
    times = f"{rounds} earlier callbacks are nested in it" if rounds > 1 else "an earlier callback is in it"
    yield Found(
        cause=f"The page to return to, which the `state` carries, is the callback itself (`{path[:120]}` with a code; {times}): a redirect "
        "loop. The callback is guarded like any other page, so it is not handled but starts the next sign-in, which comes back to it "
        "again.",
        help="At the access proxy or middleware exclude the callback's path from the sign-in and route it to what handles the callback "
        "(its `redirect_uri` must be exactly the path that this handler has); never keep the callback as the page to return to.",
        evidence=(returned.evidence(".state", expected="a page of the application", got=f"{path[:120]}?code=…"),),
        certainty=Certainty.LIKELY,
    )


def _rounds_in(state: str, path: str) -> int:
    """How many callbacks of this path a state holds, however often each was encoded."""
    text = state[:_LONGEST]
    for _ in range(_DEEPEST):
        if (plain := unquote(text)) == text:
            break
        text = plain
    return len(re.findall(rf"{re.escape(path)}\?(?:[^\s#?]{{0,2000}}?&)?code=", text))
