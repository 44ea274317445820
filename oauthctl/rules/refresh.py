"""Refresh tokens: which one is sent, whether it is still good.

Here: refresh tokens that are no longer good. Not here: rotation (`refresh_rotation`), tokens that are the wrong ones
(`refresh_token_sent`), what is asked for with them (`refresh_scope`).
"""

from __future__ import annotations

from collections.abc import Iterator

from oauthctl.findings import Candidate, Certainty
from oauthctl.jose.jwt import take_apart
from oauthctl.messages.param import moment
from oauthctl.messages.token import RevocationRequest, TokenRequest, TokenResponse
from oauthctl.rules.clock_precision import PRECISION
from oauthctl.rules.given import Given
from oauthctl.rules.registry import Found, Refuted, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import in_words, is_refused, refuses_client, says, seconds_between
from oauthctl.specs import Section

FRESH = 300.0
_SESSION = (
    r"session.{0,40}(not active|not found|expired|ended|terminated|inactive|does ?n[o']t exist|invalid|no longer|timed out|closed|over)"
)
_NO_SESSION = r"(no|inactive|invalid|unknown|expired).{0,20}session|logged.?out|signed.?out"


def is_refused_refresh(seen: Seen[TokenRequest], scene: Scene) -> bool:
    """A refresh that was refused for another reason than the client's identity or an asked-for scope."""
    if seen.sent.refresh_token is None or (seen.sent.grant_type or "refresh_token") != "refresh_token":
        return False
    return is_refused(seen, scene) and not refuses_client(seen) and seen.reply.error != "invalid_scope"


def successor(seen: Seen[TokenRequest], scene: Scene) -> tuple[Seen[TokenRequest], TokenResponse] | None:
    """The earlier refresh with the same token that brought a new one."""
    for earlier in scene.before(seen.id, TokenRequest):
        back = earlier.back
        if earlier.sent.refresh_token != seen.sent.refresh_token or not isinstance(back, TokenResponse) or earlier.reply.failed:
            continue
        if back.refresh_token and back.refresh_token != seen.sent.refresh_token:
            return earlier, back
    return None


def age_if_unused(seen: Seen[TokenRequest], scene: Scene) -> float | None:
    """How many seconds before its first use the refresh token had been issued; None when that, or that it is the first, isn't known."""
    sent = seen.sent.refresh_token or ""
    issued = scene.issued_by(sent, "refresh_token")
    if issued is None or issued.id > seen.id or issued.sent.refresh_token == sent:
        return None
    is_first = all(one.sent.refresh_token != sent for one in scene.before(seen.id, TokenRequest))
    return seconds_between(issued, seen) if is_first else None


def _is_unused_and_fresh(seen: Seen[TokenRequest], scene: Scene) -> bool:
    """Whether the token had come a moment ago and was never used: then it did not end by time, nor by somebody's use."""
    age = age_if_unused(seen, scene)
    return age is not None and age < FRESH


def _is_punished(seen: Seen[TokenRequest], scene: Scene) -> bool:
    """Whether another refresh was refused before: for a reuse a server may revoke the whole family of tokens."""
    return any(one.sent.refresh_token and one.reply.failed for one in scene.before(seen.id, TokenRequest))


@rule(Section("RFC 6749", "5.2"), Section("RFC 6749", "1.5"), explains=("session-ended",))
def refresh_token_expired(seen: Seen[TokenRequest], scene: Scene, given: Given) -> Iterator[Found | Refuted]:
    """The refresh token's own lifetime is over."""
    if not is_refused_refresh(seen, scene) or successor(seen, scene):
        return
    ends = moment((take_apart(seen.sent.refresh_token or "").claims or {}).get("exp"))
    issued = scene.issued_by(seen.sent.refresh_token or "", "refresh_token")
    life = issued.back.raw("refresh_token_expires_in") or issued.back.raw("refresh_expires_in") if issued and issued.back else None
    given_end = moment(given.number("refresh_token_expires_at"))
    # How long each end that is known lies back.
    over = [(seen.exchange.started_at - one).total_seconds() for one in (ends, given_end) if one is not None]
    if over and max(over) > PRECISION:
        how, certainty = f"it ended {in_words(max(over))} before this request", Certainty.CERTAIN
    elif isinstance(life, int) and issued is not None and 0 < life < seconds_between(issued, seen) - PRECISION:
        how, certainty = (
            f"it was good for {in_words(life)}, and was issued {in_words(seconds_between(issued, seen))} before",
            Certainty.CERTAIN,
        )
    elif (over and max(over) < -PRECISION) or (isinstance(life, int) and life > 0) or _is_unused_and_fresh(seen, scene):
        yield Refuted()
        return
    elif says(seen, r"refresh.?token.{0,40}expired|expired.{0,20}refresh.?token|token (has|is) expired|token is not active|24 ?h"):
        if says(seen, r"inactiv|idle|access/refresh"):
            return
        how, certainty = "the server says that its lifetime is over", Certainty.LIKELY
    else:
        return
    yield Found(
        cause=f"The refresh token has expired: {how}.",
        help="Sign in again for new tokens; if sign-ins shall last longer, change the refresh token's lifetime at the provider, or ask for "
        "offline access.",
        evidence=(seen.evidence(".refresh_token", expected="a refresh token that is still good", got="expired"),),
        certainty=certainty,
    )


@rule(Section("RFC 6749", "5.2"), explains=("refresh-token-expired",))
def refresh_token_unused_too_long(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """The refresh token was left unused for too long."""
    if _is_unused_and_fresh(seen, scene):
        yield Refuted()
        return
    if not is_refused_refresh(seen, scene) or not says(seen, r"inactiv|\bidle\b|not (been )?used (for|in|within)|unused"):
        return
    if says(seen, _SESSION):
        return
    yield Found(
        cause="The refresh token was not used for longer than the provider allows: it ended by inactivity.",
        help="Sign in again; a job without a person should use its refresh token regularly, or credentials of its own "
        "(client_credentials).",
        evidence=(seen.evidence("response", got=(seen.reply.description or seen.reply.error)[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 7009", "2.1"), Section("RFC 6749", "10.4"))
def refresh_token_revoked(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found | Refuted]:
    """The refresh token was revoked."""
    if not is_refused_refresh(seen, scene) or successor(seen, scene):
        return
    revoked = next(
        (
            one
            for one in scene.before(seen.id, RevocationRequest)
            if one.sent.token and one.sent.token == seen.sent.refresh_token and not one.reply.failed
        ),
        None,
    )
    if revoked is None and _is_unused_and_fresh(seen, scene) and not _is_punished(seen, scene):
        yield Refuted()
        return
    if revoked is None and not says(seen, r"\brevoked\b"):
        return
    if revoked is None and says(seen, r"expired or revoked|revoked or expired|expired, revoked|, expired, revoked"):
        return
    how = (
        f": exchange {revoked.id} revoked it"
        if revoked
        else ", by the person, an administrator, a changed password or the provider's rules"
    )
    yield Found(
        cause=f"The refresh token was revoked{how}.",
        help="In the client, forget its tokens and let the person sign in again; after a revocation, don't use what was revoked."
        if revoked
        else "Let the person sign in again; look into the provider's log for who revoked the grant.",
        evidence=(
            *((revoked.evidence(".token", got="the same refresh token"),) if revoked else ()),
            seen.evidence(".refresh_token", expected="a refresh token that is still good", got="revoked"),
        ),
        certainty=Certainty.CERTAIN if revoked else Certainty.LIKELY,
    )


@rule(Section("OIDC Core", "12"), Section("RFC 6749", "5.2"))
def session_ended(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The person's session at the provider is over."""
    if not is_refused_refresh(seen, scene) or not (says(seen, _SESSION) or says(seen, _NO_SESSION)):
        return
    ends = moment((take_apart(seen.sent.refresh_token or "").claims or {}).get("exp"))
    if ends is not None and ends < seen.exchange.started_at:
        return
    still = " The refresh token itself would still be good." if ends is not None else ""
    yield Found(
        cause="The session at the provider that the refresh token belongs to is gone: the person logged out elsewhere, an administrator "
        f"ended it, it timed out, or a restart removed sessions that were kept in memory.{still}",
        help="Let the person sign in again; if access must outlive the session, ask for `offline_access`, and keep the provider's sessions "
        "in a store that survives restarts.",
        evidence=(seen.evidence("response", got=(seen.reply.description or seen.reply.error)[:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 6749", "1.5"), explains=("refresh-token-expired",))
def refresh_token_limit(seen: Seen[TokenRequest], scene: Scene, given: Given) -> Iterator[Found | Refuted]:
    """Newer sign-ins have pushed the refresh token out."""
    if not is_refused_refresh(seen, scene):
        return
    newer = given.number("newer_authorizations_same_user_and_app")
    limit = 100 if "google" in seen.url else 5
    if (newer is not None and newer < limit) or _is_unused_and_fresh(seen, scene):
        yield Refuted()
        return
    if newer is None and not says(seen, r"expired access/refresh token|too many (refresh )?tokens|token limit"):
        return
    known = newer is not None
    yield Found(
        cause=f"The provider keeps a limited number of refresh tokens for each user and app ({limit} here), and drops the oldest: "
        f"{f'{newer:.0f} newer sign-ins' if known and newer else 'newer sign-ins'} of the same user have pushed this one out.",
        help="Reuse one grant for each user instead of signing in anew on every installation; or check the app's refresh token policy at "
        "the provider, and sign in again.",
        evidence=(seen.evidence(".refresh_token", got="refused"),),
        certainty=Certainty.LIKELY if known else Certainty.POSSIBLE,
        candidates=(
            Candidate("Newer sign-ins of the same user pushed the token out.", "Reuse one grant."),
            Candidate("The app's refresh token policy ended it.", "Look up the policy at the provider."),
            Candidate("The user or an administrator revoked it.", "Sign in again."),
        ),
        probe="Count the sessions of this user and app in the provider's console.",
    )


@rule(Section("RFC 6749", "5.2"), Section("RFC 9470", "3"))
def reauthentication_required(seen: Seen[TokenRequest], scene: Scene) -> Iterator[Found]:
    """The provider wants the person to sign in again before it refreshes."""
    if not is_refused_refresh(seen, scene):
        return
    if not says(seen, r"re-?auth(entication|enticate|\b)|\brapt\b|invalid_rapt|rapt_required|interaction_required|login_required"):
        return
    if says(seen, r"\bexpired\b|\brevoked\b|\binactiv|\bnot found\b") and not says(seen, r"\brapt\b|_rapt|rapt_"):
        # Then signing in again is the advice, and not what is wrong.
        return
    yield Found(
        cause="The provider demands reauthentication: by a policy of the organization (its administrator limits how long a session lasts) "
        "the refresh token is not enough any more, and the person must sign in again.",
        help="Sign in again; for jobs without a person use a service account or client_credentials; the organization's administrator can "
        "lengthen the session or exempt the app.",
        evidence=(seen.evidence("response", got=(seen.reply.description or seen.reply.error)[:200]),),
        certainty=Certainty.LIKELY,
    )
