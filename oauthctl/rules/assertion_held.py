"""The assertion of a refused request, read once for all rules on assertions.

Here: `client_assertion`, the `assertion` of the JWT bearer grant, and a client secret that is a JWT. Not here: judging them
(`client_assertion`, `assertion_times`, `assertion_claims`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from oauthctl.jose.jwt import Kind, take_apart
from oauthctl.messages.param import Message, number
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.rules.token_refused import DIRECT, is_refused

_NAMES = {"client_assertion": "client assertion", "assertion": "assertion", "client_secret": "client secret (a JWT)"}
ERRORS = ("invalid_client", "invalid_grant", "invalid_request", "unauthorized_client", "invalid_client_assertion", "")


@dataclass(frozen=True, slots=True)
class Assertion:
    """The assertion of a refused request: under which name it was sent, its claims, the server's time when it came."""

    name: str
    header: dict[str, Any]
    claims: dict[str, Any]
    at: datetime
    is_server_time: bool

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return _NAMES[self.name]

    def seconds(self, claim: str) -> float | None:
        """How many seconds a claim's moment lies ahead; negative when it is past."""
        value = number(self.claims.get(claim))
        return None if value is None else value - self.at.timestamp()


def assertion_of(seen: Seen[Message], scene: Scene, *, errors: tuple[str, ...] = ERRORS) -> Assertion | None:
    """The assertion of a request that was refused with one of these errors; None when there is none."""
    if seen.purpose not in DIRECT:
        return None
    name = next((name for name in _NAMES if isinstance(seen.sent.raw(name), str) and seen.sent.raw(name)), "")
    if not name or not is_refused(seen, scene) or seen.reply.error not in errors:
        return None
    token = take_apart(seen.sent.raw(name))
    if token.kind not in (Kind.JWS, Kind.UNSECURED) or not token.claims:
        return None
    date = _date(seen)
    return Assertion(name, token.header or {}, token.claims, date or seen.exchange.started_at, date is not None)


def _date(seen: Seen[Message]) -> datetime | None:
    """The server's clock, as far as the answer shows it."""
    try:
        found = parsedate_to_datetime(seen.reply.header("date"))
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
