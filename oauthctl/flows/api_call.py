"""An API call with an access token, and what its refusal asks for.

Here: one call, and reading a refusal. Not here: refreshing and trying again (`cli.call`), since tokens belong to the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.flows.steps import Flow, send
from oauthctl.flows.tls import require_tls
from oauthctl.http import Request
from oauthctl.messages.challenge import Challenge, bearer_challenge
from oauthctl.record.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Called:
    """The exchange, and the challenge that came with a refusal."""

    exchange: Exchange
    challenge: Challenge | None = None

    @property
    def status(self) -> int:
        """The answer's status; 0 when none came."""
        return self.exchange.response.status if self.exchange.response else 0

    @property
    def wants_fresh_token(self) -> bool:
        """Whether a new access token may help.

        Source: RFC 6750 section 3.1: `invalid_token` says that the token is expired, revoked or malformed. A 401 whose challenge gives no
        error at all is taken the same way, since many APIs leave it out.
        """
        if self.status != 401:
            return False
        return self.challenge is None or self.challenge.get("error") in ("", "invalid_token")

    @property
    def lacking_scope(self) -> tuple[str, ...] | None:
        """The scopes that a 403 `insufficient_scope` names, possibly none; None when the answer is no such refusal."""
        if self.status != 403 or self.challenge is None or self.challenge.get("error") != "insufficient_scope":
            return None
        return tuple(self.challenge.get("scope").split())


def call(request: Request, access_token: str, *, token_type: str = "Bearer") -> Flow[Called]:
    """Send the request with the token in its `Authorization` header; the body of an answer that is no 401 or 403 is streamed.

    Raises `ConfigError` for plain http off loopback. Source: RFC 6750 sections 2.1 and 5.3.
    """
    require_tls(request.url, "the token")
    scheme = "Bearer" if token_type.lower() in ("", "bearer") else token_type
    authorized = Request(request.method, request.url, request.headers.with_("Authorization", f"{scheme} {access_token}"), request.body)
    exchange = yield from send(authorized, "api", stream=True)
    challenge = bearer_challenge(exchange.response) if exchange.response else None
    return Called(exchange, challenge)
