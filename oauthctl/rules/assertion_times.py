"""The times of an assertion: issued in the future, ended, good for too long.

Here: `iat`, `nbf` and `exp` of assertions. Not here: their other claims (`client_assertion`, `assertion_claims`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.claim_values import LAST_SECOND
from oauthctl.messages.param import Message, number
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.assertion_held import Assertion, assertion_of
from oauthctl.rules.clock_precision import PRECISION, before, certainty_of
from oauthctl.rules.hosts import host_of
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.time_zones import zone_hint
from oauthctl.rules.token_refused import in_words, says
from oauthctl.specs import Section

_HALF_A_YEAR, _HOUR, _USUAL = 15777000, 3600, 600
_SKEW = 30
# What providers take at most, in seconds; Source: their pages on JWT grants and on private_key_jwt.
_LIMITS = {"box.com": 60, "auth0.com": 300, "epic.com": 300}


@rule(Section("RFC 7523", "3"), explains=("assertion-expired", "client-secret-wrong", "confidential-client-without-secret"))
def assertion_lives_too_long(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The assertion's expiry is too far from its issue."""
    held = assertion_of(seen, scene)
    if held is None or seen.sent.raw("requested_token_use"):
        # On behalf of a user: the assertion is a token that the provider made, for as long as it likes.
        return
    issued, ends = number(held.claims.get("iat")), number(held.claims.get("exp"))
    if ends is None:
        return
    life = ends - (issued if issued is not None else held.at.timestamp())
    limit = _limit(held, seen)
    is_strict = held.name in ("client_secret", "assertion")
    is_longer = life > limit + 1 and (is_strict or says(seen, r"lifetime|too (long|far|large)|short.?lived|\bexp\b|expir"))
    is_told = limit == _HOUR and says(seen, r"too (long|far|large)|lifetime[^.]{0,40}\b(exceed|long|more)|\bexp\b[^.]{0,60}\bfuture")
    if not is_longer and not (is_told and life > _USUAL):
        return
    allowed = {_HALF_A_YEAR: "six months (15777000 seconds)", _HOUR: "an hour"}.get(limit, f"{limit} seconds")
    if not is_longer:
        is_strict, allowed = False, "less, as it says (five or ten minutes are usual, 60 seconds at some)"
    yield Found(
        cause=f"The {held.words} has a lifetime that is too long: `exp` lies {in_words(life)} after `iat`, and the server takes {allowed}"
        f"{' at most' if is_longer else ''}.",
        help=f"In the client, set `exp` of the {held.words} to {f'at most {allowed}' if is_longer else 'five minutes or less'} after "
        "`iat`; better, make a new one for each use.",
        evidence=(
            seen.evidence(f".{held.name}.claims.exp", expected=f"at most {allowed} after iat" if is_longer else "less", got=in_words(life)),
        ),
        certainty=Certainty.CERTAIN if is_strict else Certainty.LIKELY,
    )


@rule(Section("RFC 7523", "3"), explains=("assertion-expired",), decisive=True)
def assertion_clock_wrong(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The clock that the assertion was made by is wrong."""
    held = assertion_of(seen, scene)
    if held is None:
        return
    ahead = max((held.seconds(claim) or 0 for claim in ("iat", "nbf")), default=0)
    if ahead <= _SKEW or any((number(held.claims.get(claim)) or 0) > LAST_SECOND for claim in ("iat", "nbf")):
        return
    clock = "the server's `Date` header" if held.is_server_time else "the time of the request"
    yield Found(
        cause=f"The {held.words} was issued in the future: its `iat` lies {in_words(ahead)} after {clock}, so the clock of the machine "
        f"that made it is fast, and its `iat` and `exp` are refused.{zone_hint(ahead)}",
        help="On the machine that signs the assertion, set the clock (NTP); in the client, take `iat` from the current time in seconds.",
        evidence=(
            seen.evidence(f".{held.name}.claims.iat", expected=f"no later than {held.at:%H:%M:%S} UTC", got=f"{in_words(ahead)} later"),
        ),
    )


@rule(Section("RFC 7523", "3"), explains=("client-unknown",))
def assertion_expired(seen: Seen[Message], scene: Scene) -> Iterator[Found | Refuted]:
    """The assertion has ended."""
    held = assertion_of(seen, scene)
    left = held.seconds("exp") if held is not None else None
    if held is None or left is None:
        return
    if left > PRECISION:
        yield Refuted()
        return
    yield Found(
        cause=f"The {held.words} expired {before(-left)} the server got it: the client reuses one that it made earlier, or "
        "its clock is slow.",
        help="In the client, make a new assertion for each request, with `iat` now and `exp` some minutes later; check the machine's "
        "clock.",
        evidence=(seen.evidence(f".{held.name}.claims.exp", expected="a moment to come", got=f"{before(-left)} it came"),),
        certainty=certainty_of(-left),
    )


def _limit(held: Assertion, seen: Seen[Message]) -> int:
    """The longest life, in seconds, that the server is known to take."""
    if held.name == "client_secret":
        return _HALF_A_YEAR
    host = host_of(seen.url)
    return next((limit for ending, limit in _LIMITS.items() if host == ending or host.endswith(f".{ending}")), _HOUR)
