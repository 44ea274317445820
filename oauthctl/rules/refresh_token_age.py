"""Refresh tokens that are older than their provider lets them become.

Here: the age that is known from the client (`refresh_token_issued_at`) against limits. Not here: what the recording itself tells of a
refresh token's end (`refresh`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from oauthctl.findings import Certainty
from oauthctl.messages.token import TokenRequest
from oauthctl.rules.clock_precision import PRECISION
from oauthctl.rules.given import Given
from oauthctl.rules.hosts import host_of
from oauthctl.rules.refresh import is_refused_refresh
from oauthctl.rules.registry import Candidate, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import in_words
from oauthctl.specs import Section

_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class _Limit:
    """After how many days a provider ends refresh tokens, and of what kind."""

    hosts: tuple[str, ...]
    days: float
    what: str
    advice: str
    only_from_pages: bool = False


# The shortest limit first. Each from the provider's own documentation.
_LIMITS = (
    _Limit(
        ("microsoftonline.com", "microsoftonline.us", "ciamlogin.com", "b2clogin.com"),
        1,
        "24 hours, the limit for single-page applications (redirect URIs of the type SPA)",
        "Sign in again without interaction (`prompt=none`), or redeem the code on a server, whose refresh tokens live longer.",
        only_from_pages=True,
    ),
    _Limit(
        ("googleapis.com", "google.com"),
        7,
        "7 days, the limit for apps whose publishing status is Testing",
        "In the Google Cloud console, publish the app (In production), then sign in again; Testing suits tests alone.",
    ),
    _Limit(("xero.com",), 60, "60 days without use", "Sign in again, and refresh regularly."),
    _Limit(("box.com",), 60, "60 days without use", "Sign in again, and refresh regularly."),
    _Limit(
        ("microsoftonline.com", "microsoftonline.us"),
        90,
        "90 days without use",
        "Sign in again; a job without a person needs credentials of its own.",
    ),
    _Limit(("zoom.us",), 90, "90 days", "Sign in again, and keep the refresh token of each refresh."),
    _Limit(("atlassian.com",), 90, "90 days without use", "Sign in again, and refresh regularly."),
    _Limit(("intuit.com",), 100, "100 days", "Connect again, and keep the refresh token of each refresh: each brings a new period."),
    _Limit(("googleapis.com", "google.com"), 180, "6 months without use", "Sign in again, and use the refresh token regularly."),
    _Limit(("linkedin.com",), 365, "365 days", "Sign in again: a refresh does not renew this period."),
    _Limit(
        ("amazoncognito.com", "amazonaws.com"), 30, "30 days, Cognito's default", "Sign in again, or raise the app client's expiration."
    ),
)


@rule(
    Section("RFC 6749", "1.5"),
    explains=("refresh-token-expired", "refresh-token-unused-too-long", "refresh-token-revoked", "session-ended"),
)
def refresh_token_too_old(seen: Seen[TokenRequest], scene: Scene, given: Given) -> Iterator[Found]:
    """The refresh token is older than its provider lets it become."""
    issued = _moment(given)
    if issued is None or not is_refused_refresh(seen, scene):
        return
    age = (seen.exchange.started_at - issued).total_seconds()
    life = given.number("refresh_token_expires_in")
    if life is not None:
        if 0 < life < age - PRECISION:
            yield _found(
                seen,
                age,
                f"the {in_words(life)} that it was good for",
                "Sign in again, and refresh before that time is over.",
                Certainty.CERTAIN,
            )
        return
    is_page = bool(seen.request_header("origin"))
    host = host_of(seen.url)
    passed = [
        one
        for one in _LIMITS
        if age > one.days * _DAY
        and any(host == name or host.endswith(f".{name}") for name in one.hosts)
        and (is_page or not one.only_from_pages)
    ]
    if passed:
        # The longest limit that has passed says the most: a token of nine months ended by disuse, whatever the app's status.
        limit = max(passed, key=lambda one: one.days)
        yield _found(seen, age, limit.what, limit.advice, Certainty.LIKELY)


def _found(seen: Seen[TokenRequest], age: float, limit: str, advice: str, certainty: Certainty) -> Found:
    return Found(
        cause=f"The refresh token has expired: it was issued {in_words(age)} before this refresh, which is more than {limit}.",
        help=advice,
        evidence=(seen.evidence(".refresh_token", expected=f"younger than {limit[:120]}", got=in_words(age)),),
        certainty=certainty,
        candidates=()
        if certainty is Certainty.CERTAIN
        else (
            Candidate(f"It is past {limit}.", advice),
            Candidate("The person, a changed password or an administrator took the access back.", "Let the person sign in again."),
        ),
    )


def _moment(given: Given) -> datetime | None:
    """When the token was issued: ISO text, or seconds since 1970."""
    seconds = given.number("refresh_token_issued_at")
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC)
        said = given.text("refresh_token_issued_at")
        if said.isdecimal():
            return datetime.fromtimestamp(int(said[:12]), UTC)
        found = datetime.fromisoformat(said) if said else None
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
