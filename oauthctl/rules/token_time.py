"""The times in a token, and the clocks that they are compared with.

Here: `exp`, `nbf`, `iat`, and a clock that is wrong. Not here: the times of a client's assertion
(`client_assertion`) and of a DPoP proof (`dpop`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.claim_values import LAST_SECOND, length, time_text
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenResponse
from oauthctl.record.exchange import Channel
from oauthctl.record.tokens import Role
from oauthctl.rules.clock_precision import PRECISION, before, certainty_of, gap
from oauthctl.rules.presented import (
    exchange_of,
    is_at_stake,
    is_new_id_token,
    is_pasted,
    is_received,
    judged_at,
    number_of,
    refusing,
    server_time,
    use_of,
    words_about,
)
from oauthctl.rules.registry import Found, Jwt, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.time_zones import zone_hint
from oauthctl.specs import Section

_TIMES = ("exp", "nbf", "iat")
_ATTESTED = (Role.ATTESTATION, Role.ATTESTATION_PROOF)
_UNUSED = (Role.REFRESH_TOKEN, Role.CLIENT_ASSERTION, Role.ASSERTION, Role.DPOP_PROOF, Role.REQUEST_OBJECT, *_ATTESTED)
_SKEW, _OWN_CLOCK = 60, 5
# A token that was just received is compared with the client's clock, whose error of a few minutes is told by the `Date` header elsewhere.
_RECEIVED_TOLERANCE = 300
_LONGEST_STALE = 60 * 86400
_OF_TIME = re.compile(
    r"expire|not (?:yet )?(?:valid|active)|before|\bnbf\b|\biat\b|\bexp\b|future|clock|skew|too (?:early|late|old)|lifetime|time"
)


@rule(Section("RFC 7519", "4.1.4"), decisive=True, explains=("api-call-refused",))
def token_expired(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token had expired when it was used."""
    if jwt.held.role in _UNUSED or not (is_pasted(jwt) or refusing(jwt, scene)):
        return
    stated, now = number_of(jwt, "exp"), judged_at(jwt, scene)
    end = stated if stated is not None or jwt.held.token.claims is not None else _end_by_answer(jwt, scene)
    if end is None or now is None or end > LAST_SECOND:
        return
    late, tolerance = now - end, _tolerance(scene, 0)
    if late < tolerance - PRECISION:
        return
    begun = number_of(jwt, "iat")
    lifetime = f" It was made for {length(end - begun)}." if begun is not None and 0 < end - begun < 366 * 86400 else ""
    cached = "a cached copy was handed out without a margin" if late < 300 else "a cached or stored copy is still in use"
    yield Found(
        cause=f"The {use_of(jwt, scene.given)} expired at {time_text(end)} ({'`exp`' if stated is not None else '`expires_in`'}), "
        f"{before(late)} it was used at {time_text(now)}: {cached}.{lifetime}",
        help="In whatever hands the token out (client, credential plugin, cache), get a new token (refresh it) shortly before "
        "it ends, clear the cache to recover at once, and keep the clock in sync (NTP).",
        evidence=(jwt.evidence(".claims.exp" if stated is not None else "", f"after {time_text(now)}", time_text(end)),),
        certainty=certainty_of(late - tolerance),
    )


def _end_by_answer(jwt: Jwt, scene: Scene) -> float | None:
    """When an opaque token ends by the answer that brought it."""
    issued = scene.issued_by(jwt.held.token.compact, "access_token")
    if issued is None or not isinstance(issued.back, TokenResponse) or issued.back.expires_in is None:
        return None
    return (server_time(issued) or issued.exchange.started_at.timestamp()) + issued.back.expires_in


@rule(Section("OIDC Core", "3.1.3.7"))
def token_expired_on_arrival(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token had expired when the client received it."""
    end, made, now = number_of(jwt, "exp"), number_of(jwt, "iat"), judged_at(jwt, scene)
    if jwt.held.role is not Role.ID_TOKEN or not is_received(jwt, scene) or end is None or made is None or now is None:
        return
    # An old example that somebody pasted is off by months, a clock by hours; an answer that tells its own time is no example.
    off, seen = now - made, exchange_of(jwt, scene)
    longest = _LONGEST_STALE if seen is not None and server_time(seen) is not None else 86400
    if not PRECISION < now - end < longest or not 0 < end - made < 86400:
        return
    is_old = off > 14 * 3600
    why = "it was kept and is handed out once more (a cache, a stored answer)" if is_old else f"the issuer's clock is {length(off)} behind"
    other = f"the issuer's clock is {length(off)} behind" if is_old else "its lifetime is too short"
    yield Found(
        cause=f"The ID token expired at {time_text(end)} (`exp`), {length(now - end)} before it was received, and was made at "
        f"{time_text(made)} (`iat`): {why}, or {other}.{zone_hint(off)}",
        help="At the issuer make a new ID token for each sign-in, set the clock (NTP) and count times in UTC seconds; give the ID token a "
        "lifetime of some minutes at least.",
        evidence=(jwt.evidence(".claims.exp", f"after {time_text(now)}", time_text(end)),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7519", "4.1.4"), explains=("token-expired", "token-expired-on-arrival", "token-issued-in-future"))
def expiry_before_issue(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The ID token ends before it was made."""
    end, made = number_of(jwt, "exp"), number_of(jwt, "iat")
    if end is None or made is None or not 0 < end < made <= LAST_SECOND or not is_new_id_token(jwt, scene):
        return
    yield Found(
        cause=f"The ID token ends at {time_text(end)} (`exp`), {length(made - end)} before it was made at {time_text(made)} (`iat`): it "
        "was never valid. Whatever makes it computes `exp` wrongly, for instance from another time zone or with the wrong sign.",
        help="In the code or the settings that make the token, compute `exp` as `iat` plus the lifetime, both in UTC seconds.",
        evidence=(jwt.evidence(".claims.exp", f"after {time_text(made)}", time_text(end)),),
    )


@rule(Section("RFC 7519", "4.1.5"), decisive=True, explains=("token-issued-in-future",))
def token_not_yet_valid(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token was used before it becomes valid."""
    begin, now = number_of(jwt, "nbf"), judged_at(jwt, scene)
    if begin is None or now is None or begin > LAST_SECOND or not is_at_stake(jwt, scene) or jwt.held.role in _UNUSED:
        return
    ahead, tolerance = begin - now, _tolerance(scene, _RECEIVED_TOLERANCE if is_received(jwt, scene) else 0)
    if ahead <= tolerance:
        return
    slight = f"is {gap(ahead)} behind the issuer's and no tolerance (leeway) covers that"
    large = f"is {gap(ahead)} behind the issuer's, or the issuer's is ahead: no small tolerance covers that"
    yield Found(
        cause=f"The token is not active before {time_text(begin)} (`nbf`) and was looked at {gap(ahead)} earlier: the verifier's "
        f"clock {slight if ahead <= 300 else large}.{zone_hint(ahead)}",
        help="Synchronise the clocks of issuer and verifier (NTP) and let the verifier allow a small tolerance (30 to 60 seconds) for "
        "`nbf` and `iat`.",
        evidence=(jwt.evidence(".claims.nbf", f"at most {time_text(now)}", time_text(begin)),),
        certainty=certainty_of(ahead - tolerance),
    )


@rule(Section("RFC 7519", "4.1.6"))
def token_issued_in_future(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token says that it was issued in the future."""
    made, now = number_of(jwt, "iat"), judged_at(jwt, scene)
    if made is None or now is None or made > LAST_SECOND or not is_at_stake(jwt, scene) or jwt.held.role in _UNUSED:
        return
    is_named = re.search(r"\biat\b|issued (?:in the future|at)|used before issued|future", words_about(jwt, scene)) is not None
    refused = refusing(jwt, scene)
    # By the very clock that refused it, seconds are enough; which other reason there may be is not seen then.
    is_by_own_clock = refused is not None and server_time(refused) is not None and not words_about(jwt, scene).strip(' {}"')[80:]
    tolerance = 0 if is_named else _RECEIVED_TOLERANCE if is_received(jwt, scene) else _OWN_CLOCK if is_by_own_clock else _SKEW
    if made <= now + _tolerance(scene, tolerance):
        return
    is_sure = made > now + (PRECISION if is_named else _SKEW)
    yield Found(
        cause=f"The token was issued at {time_text(made)} (`iat`), {gap(made - now)} after the moment at which it is looked at: the "
        f"verifier's clock is behind the issuer's.{zone_hint(made - now)}",
        help="Synchronise both clocks (NTP); let the verifier allow a small tolerance (30 to 60 seconds) for `iat`.",
        evidence=(jwt.evidence(".claims.iat", f"at most {time_text(now)}", time_text(made)),),
        certainty=Certainty.CERTAIN if is_sure else Certainty.LIKELY,
    )


@rule(
    Section("RFC 7519", "2"),
    explains=("token-not-yet-valid", "token-issued-in-future", "assertion-clock-wrong", "assertion-lives-too-long", "clock-wrong"),
)
def time_in_milliseconds(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A time in the token counts milliseconds instead of seconds."""
    wrong = [name for name in _TIMES if (number_of(jwt, name) or 0) > LAST_SECOND]
    # A refused assertion is judged by its times, too; nobody else reads them.
    if not wrong or not (is_at_stake(jwt, scene) or jwt.held.role in (Role.CLIENT_ASSERTION, Role.ASSERTION, Role.DPOP_PROOF)):
        return
    value = number_of(jwt, wrong[0]) or 0
    names = " and ".join(f"`{name}`" for name in wrong)
    yield Found(
        cause=f"{names} counts milliseconds: {value:.0f} has {len(f'{value:.0f}')} digits and, read in seconds, lies thousands of years "
        f"ahead. Divided by 1000 it is {time_text(value / 1000)}.",
        help=f"In the code that makes the token, divide by 1000 and round down when {names} is set: times such as `exp` are in seconds.",
        evidence=tuple(jwt.evidence(f".claims.{name}", "seconds", f"{number_of(jwt, name):.0f}") for name in wrong),
    )


@rule(Section("RFC 7519", "2"), explains=("required-claim-missing",))
def time_not_a_number(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """A time in the token is no number."""
    words, is_new = words_about(jwt, scene), is_new_id_token(jwt, scene)
    unreadable = [name for name in ("nbf", "iat", "auth_time") if name in jwt.claims and number_of(jwt, name) is None]
    wrong = [name for name in unreadable if is_new or is_pasted(jwt) or re.search(rf"\b{name}\b", words)]
    if not wrong or not is_at_stake(jwt, scene):
        return
    shown = {name: str(jwt.claims[name])[:60] for name in wrong}
    listed = " and ".join(
        f"`{name}` is {'a string' if isinstance(jwt.claims[name], str) else 'of another type'} (`{shown[name]}`)" for name in wrong
    )
    yield Found(
        cause=f"The token's {listed} and not a number of seconds since 1970, so its recipient can't read it.",
        help=f"In the code that makes the token, write `{wrong[0]}` as a JSON number of seconds: no text, no ISO date, no milliseconds.",
        evidence=tuple(jwt.evidence(f".claims.{name}", "a number of seconds", shown[name]) for name in wrong),
    )


@rule(Section("RFC 7519", "4.1.4"))
def expiry_missing(jwt: Jwt, scene: Scene) -> Iterator[Found]:
    """The token has no usable expiry."""
    if not jwt.claims or number_of(jwt, "exp") is not None or not is_at_stake(jwt, scene):
        return
    is_asked_for = re.search(r"\bexp\b|expir", words_about(jwt, scene)) is not None
    is_id_token = jwt.held.role is Role.ID_TOKEN
    if not (is_asked_for or is_id_token or "exp" in jwt.claims):
        return
    got = "missing" if "exp" not in jwt.claims else f"{jwt.claims['exp']!r:.60}"
    kind = "a string" if isinstance(jwt.claims.get("exp"), str) else "of another type"
    what = "has no `exp`" if got == "missing" else f"has an `exp` that is {kind} ({got}) and not a number"
    yield Found(
        cause=f"The token {what}, so that its recipient can't tell when it ends and refuses it.",
        help="In whatever makes the token, set `exp` to a number of seconds since 1970.",
        evidence=(jwt.evidence(".claims.exp", "a number of seconds", got),),
    )


@rule(
    Section("RFC 7519", "4.1.4"),
    explains=(
        "token-expired",
        "token-not-yet-valid",
        "token-issued-in-future",
        "dpop-proof-stale",
        "sign-in-too-old",
        "token-expired-on-arrival",
    ),
)
def clock_wrong(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The client's clock is wrong."""
    server = server_time(seen)
    started = seen.exchange.started_at.timestamp()
    if server is None or seen.exchange.channel is Channel.CALLBACK or started <= 0 or not seen.purpose:
        return
    off = server - started - seen.exchange.seconds
    if abs(off) <= _SKEW + seen.exchange.seconds or abs(off) > 10 * 366 * 86400:
        return
    if not _is_felt(seen, scene, off):
        return
    direction = "behind" if off > 0 else "ahead of"
    yield Found(
        cause=f"The client's clock is {length(abs(off))} {direction} the server's: the exchange began at {time_text(started)} by the "
        f"client and was answered at {time_text(server)} by the server's `Date` header.{zone_hint(off)}",
        help="Set the client's clock (NTP, time zone, a suspended virtual machine or container host), rather than widening tolerances.",
        evidence=(seen.evidence("response.headers.Date", time_text(started), time_text(server)),),
        certainty=Certainty.LIKELY,
    )


def _is_felt(seen: Seen[Message], scene: Scene, off: float) -> bool:
    """Whether something here fails by that clock: an answer or a log speaks of time, or a token is only good by the other one."""
    if scene.given.local_error and _OF_TIME.search(scene.given.local_error.lower()):
        return True
    failed = seen.id in scene.failed
    own = (Jwt(held, facts) for held, facts in scene.tokens_in(seen.id))
    return any(_is_stale_by(jwt, seen, off, failed=failed) for jwt in own)


def _is_stale_by(jwt: Jwt, seen: Seen[Message], off: float, *, failed: bool) -> bool:
    started = seen.exchange.started_at.timestamp()
    made, end = number_of(jwt, "iat"), number_of(jwt, "exp")
    if jwt.held.place.startswith("response."):
        # Fresh by the server's clock, not by the client's.
        is_fresh = jwt.held.role is Role.ID_TOKEN and made is not None and abs(made - started - off) <= _SKEW
        return is_fresh and abs(off) > _RECEIVED_TOLERANCE
    if not failed:
        return False
    if jwt.held.role in (Role.DPOP_PROOF, Role.CLIENT_ASSERTION, Role.ASSERTION):
        is_spoken_of = _OF_TIME.search(seen.reply.words.lower()) is not None or not seen.reply.description
        return is_spoken_of and made is not None and abs(made - started) <= _SKEW
    return jwt.held.role is Role.ACCESS_TOKEN and end is not None and started < end <= started + off


def _tolerance(scene: Scene, otherwise: float) -> float:
    given = scene.given.number("clock_tolerance")
    return given if given is not None else otherwise
