"""How the endpoints that a client talks to directly refuse: what several subjects' rules ask of an answer.

Here: questions about one refused exchange. Not here: rules.
"""

from __future__ import annotations

import re

from oauthctl.messages.authorization import AuthorizationRequest, AuthorizationResponse
from oauthctl.messages.param import Message
from oauthctl.messages.token import TokenRequest
from oauthctl.record import purposes
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen

DIRECT = (purposes.TOKEN, purposes.PUSHED_AUTHORIZATION, purposes.INTROSPECTION, purposes.REVOCATION, purposes.DEVICE_AUTHORIZATION)
"""Purposes of the requests by which a client proves who it is."""

_CLIENT_ERRORS = frozenset(
    ("invalid_client", "incorrect_client_credentials", "bad_client_secret", "invalid_client_secret", "invalid_client_id", "bad_client_id")
)
_EXAMPLES = re.compile(r"\(\s*e\.g\.?[^()]{0,400}\)", re.IGNORECASE)
_STATE = r"(?:invalid|incorrect|expired|revoked|malformed|not found|bad|doesn't exist|does not exist)"
_ALTERNATIVES = re.compile(rf"\b{_STATE}(?:,? or |, |/)(?:has |is |was |been |already )*{_STATE}\b[^.\"]{{0,200}}", re.IGNORECASE)
# `client_credentials` is the name of a grant, and says nothing of credentials that were sent.
_NO_GRANT = r"(?!_credentials|.credentials (?:grant|flow))"
_ABOUT_CLIENT = rf"invalid.client|client{_NO_GRANT}.{{0,15}}(credential|authenticat|secret)|(?<!client_)credentials(?! (?:grant|flow))"


def says(seen: Seen[Message], pattern: str) -> bool:
    """Whether the words of the answer have this in them, case ignored.

    What stands in a list says nothing: neither examples nor alternatives (`invalid, expired, revoked …`), as RFC 6749 has them.
    """
    words = _ALTERNATIVES.sub(" ", _EXAMPLES.sub(" ", seen.reply.words))
    return re.search(pattern, words, re.IGNORECASE) is not None


def stands(seen: Seen[Message], scene: Scene) -> bool:
    """Whether this exchange failed and nothing made good for it."""
    return seen.is_direct and seen.reply.failed and any(one.id == seen.id for one in scene.failures)


def is_refused(seen: Seen[Message], scene: Scene) -> bool:
    """Whether an HTTP answer said no, and nothing made good for it."""
    return seen.reply.has_answer and stands(seen, scene)


def refuses_client(seen: Seen[Message]) -> bool:
    """Whether the answer is about who the client is, rather than about what it asks for."""
    reply = seen.reply
    if seen.purpose not in DIRECT or not reply.failed or not reply.has_answer:
        return False
    if reply.error in _CLIENT_ERRORS:
        return True
    if reply.error in ("unauthorized_client", "invalid_request", "access_denied"):
        # Auth0 answers a wrong secret with 401 and `access_denied`.
        return says(seen, _ABOUT_CLIENT) or (reply.error == "access_denied" and reply.status == 401)
    return not reply.error and (reply.status == 401 or says(seen, r"invalid.client"))


def grant_of(sent: TokenRequest) -> str:
    """What is traded, by its short name; a request without a grant type trades what it carries."""
    said = (sent.grant_type or "").rpartition(":")[2]
    if said:
        return said
    return "authorization_code" if sent.code else "refresh_token" if sent.refresh_token else ""


def failures_with(seen: Seen[Message], scene: Scene) -> tuple[Seen[Message], ...]:
    """The failures of the sign-in that an exchange belongs to."""
    attempt = scene.attempt_of(seen.id)
    ids = attempt.ids() if attempt is not None else frozenset((seen.id,))
    return tuple(one for one in scene.failures if one.id in ids)


def asked_of(seen: Seen[Message], scene: Scene) -> Seen[AuthorizationRequest] | None:
    """The authorization request of the sign-in that this exchange itself belongs to; none where that one brought another code."""
    attempt = scene.attempt_of(seen.id)
    if attempt is None or seen.id not in attempt.ids():
        return None
    brought = attempt.returned.sent.code if attempt.returned is not None else None
    is_code_sent = isinstance(seen.sent, TokenRequest) and bool(seen.sent.code) and not seen.facts.get("code_changed")
    return None if is_code_sent and brought and brought != seen.sent.raw("code") else attempt.asked


def returned_of(seen: Seen[Message], scene: Scene) -> Seen[AuthorizationResponse] | None:
    """The answer with the code that this exchange redeems."""
    attempt = scene.attempt_of(seen.id)
    returned = attempt.returned if attempt is not None and seen.id in attempt.ids() else None
    if returned is None or not isinstance(seen.sent, TokenRequest) or not seen.sent.code:
        return None
    return returned if returned.sent.code == seen.sent.code or seen.facts.get("code_changed") else None


def seconds_between(earlier: Seen[Message], later: Seen[Message]) -> float:
    """How much later one exchange began than another."""
    return (later.exchange.started_at - earlier.exchange.started_at).total_seconds()


def in_words(seconds: float) -> str:
    """A span of time for people: `40 seconds`, `8 minutes`, `3 hours`, `2 days`."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}s"
    # Clocks that differ can make a span less than nothing.
    return f"{seconds:.0f} seconds" if seconds >= 2 else f"{max(0.0, seconds):.2f} seconds"
