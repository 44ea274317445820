"""Refresh tokens that rotate: each is good for one use, and the answer brings the next.

Here: old ones that are sent again, two that refresh at once. Not here: refresh tokens that have ended otherwise (`refresh`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Candidate, Certainty
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.given import Given
from oauthctl.rules.refresh import age_if_unused, is_refused_refresh, successor
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import says, seconds_between
from oauthctl.specs import Section

_AT_ONCE = 1.0
_REUSED = r"re-?us(e|ed)\b|already (been )?(used|redeemed|consumed|rotated)|\breplay"


@rule(
    Section("RFC 6749", "6"),
    Section("RFC 9700", "4.14.2"),
    explains=("refresh-token-reused", "refresh-token-revoked", "refresh-token-expired"),
)
def refresh_token_not_kept(seen: Seen[TokenRequest], scene: Scene, given: Given) -> Iterator[Found]:
    """The old refresh token is sent although a refresh had brought a new one."""
    if not is_refused_refresh(seen, scene) or given.items("store_events"):
        return
    found = successor(seen, scene)
    if found is None or abs(seconds_between(found[0], seen)) < _AT_ONCE:
        return
    earlier = found[0]
    yield Found(
        cause=f"The provider rotates refresh tokens: the refresh in exchange {earlier.id} brought a new refresh token, yet this request "
        "sends the old one again, which is no longer good.",
        help="In the client, save the `refresh_token` of every refresh response, in one step with the access token, and send the newest; "
        "keep the old one only when a response brings none.",
        evidence=(
            earlier.evidence("response.body.refresh_token", got="a new refresh token"),
            seen.evidence(".refresh_token", expected="the new one", got=f"the one that exchange {earlier.id} used up"),
        ),
        certainty=Certainty.LIKELY,
        candidates=(
            Candidate("The client does not store the new refresh token.", "Save it from every response."),
            Candidate(
                "Another process refreshed, and this one still had the old token.", "Lock the store, and read it again before a refresh."
            ),
        ),
        probe="Look into the client's store after a refresh: which refresh token is there?",
    )


@rule(Section("RFC 9700", "4.14.2"), explains=("refresh-token-revoked", "refresh-token-expired"))
def refresh_token_reused(seen: Seen[TokenRequest], scene: Scene, given: Given) -> Iterator[Found | Refuted]:
    """The same rotating refresh token is used by two at the same time."""
    if age_if_unused(seen, scene) is not None:
        yield Refuted()
        return
    if not is_refused_refresh(seen, scene) or given.items("store_events"):
        return
    found = successor(seen, scene)
    help_ = (
        "Let one process refresh at a time: take a lock (a lock file across processes), read the store again once the lock is held, and "
        "refresh only if the token there is still the old one; a grace period for reuse at the provider helps, too."
    )
    if found is not None:
        apart = abs(seconds_between(found[0], seen))
        if apart >= _AT_ONCE:
            return
        yield Found(
            cause=f"Two refresh requests with the same refresh token were sent {apart * 1000:.0f} ms apart, a race of concurrent "
            f"processes or tabs: exchange {found[0].id} won and got a new token, the loser's request counts as reuse, for which a server "
            "may revoke the whole family of tokens.",
            help=help_,
            evidence=(
                found[0].evidence(".refresh_token", got="the same refresh token"),
                seen.evidence(".refresh_token", expected="a token that nobody has used", got=f"used in exchange {found[0].id}"),
            ),
        )
    elif says(seen, _REUSED):
        yield Found(
            cause="The refresh token had been used before: it rotates, and a second use counts as theirs who stole it. Two processes that "
            "refresh at the same time do that, or a client that keeps the old token.",
            help=help_,
            evidence=(seen.evidence(".refresh_token", expected="a token that nobody has used", got="used before"),),
            certainty=Certainty.LIKELY,
        )


@rule(Section("RFC 9700", "4.14.2"), explains=("refresh-token-not-kept", "refresh-token-reused", "refresh-token-revoked"))
def tokens_overwritten(seen: Seen[TokenRequest], scene: Scene, given: Given) -> Iterator[Found]:
    """A process that lost the race for a refresh deletes or overwrites the tokens that the winner stored."""
    if not is_refused_refresh(seen, scene):
        return
    spoiled = _spoiling(given.items("store_events"))
    if spoiled is None:
        return
    writer, spoiler, what = spoiled
    yield Found(
        cause=f"Two processes refreshed at once: process {writer} won and stored its new tokens, then process {spoiler}, whose old refresh "
        f"token was refused, {what} what the other process had just stored. The race, not the server, lost the sign-in.",
        help="In the client, read the store again when a refresh is refused, and remove the tokens only if the refresh token there is "
        "still the one that was refused; lock the store during a refresh.",
        evidence=(seen.evidence(".refresh_token", got="the token that another process had already used"),),
    )


def _spoiling(events: tuple[Any, ...]) -> tuple[str, str, str] | None:
    """Who wrote new tokens, who then spoiled them, and how."""
    writer = ""
    for event in events:
        if not isinstance(event, dict):
            continue
        pid = str(event.get("pid", event.get("process", "")))[:40]
        for kind, what in (("delete", "deleted"), ("write", "overwrote")):
            if kind in event and writer and pid != writer:
                return writer, pid, what
        if "write" in event:
            writer = pid
    return None
