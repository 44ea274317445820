"""An API call with an access token, and what its refusal asks for.

Here: one call, and reading a refusal. Not here: refreshing and trying again (`cli.call`), since tokens belong to the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.flows.steps import Flow, send
from oauthctl.flows.tls import require_tls
from oauthctl.flows.token_endpoint import check_usable
from oauthctl.http import Request, decimal
from oauthctl.messages.challenge import Challenge, bearer_challenge
from oauthctl.messages.token_type import scheme_of
from oauthctl.record.exchange import Exchange


@dataclass(frozen=True, slots=True)
class StepUp:
    """The sign-in that an API wants: of one of these levels, at most so many seconds old; each may be left open."""

    acr_values: tuple[str, ...] = ()
    max_age: int | None = None


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
    def wants_bound_token(self) -> bool:
        """Whether a 401 asks for DPoP of a call that came without a proof. Source: RFC 9449 section 7.1.

        One that wants another sign-in first says so, and may ask for DPoP afterwards.
        """
        if self.status != 401 or self.challenge is None or self.challenge.scheme.lower() != "dpop":
            return False
        return "dpop" not in self.exchange.request.headers and self.wanted_sign_in is None

    @property
    def wants_fresh_token(self) -> bool:
        """Whether a new access token may help.

        Source: RFC 6750 section 3.1: `invalid_token` says that the token is expired, revoked or malformed. Nothing else says so: a 401 of a
        proxy, or one that asks for a password, may come after the call had its effect, and a second one would have it twice.
        """
        return self.status == 401 and self.challenge is not None and self.challenge.get("error") == "invalid_token"

    @property
    def has_bare_challenge(self) -> bool:
        """Whether a 401 asks for a token and gives no reason, though it got one (RFC 6750 section 3 says that it SHOULD give one)."""
        return self.status == 401 and self.challenge is not None and not self.challenge.get("error")

    @property
    def wanted_sign_in(self) -> StepUp | None:
        """The sign-in that a 401 `insufficient_user_authentication` asks for; None when the answer is no such refusal.

        A `max_age` that is no number of seconds is left out. Source: RFC 9470 section 3.
        """
        if self.status != 401 or self.challenge is None or self.challenge.get("error") != "insufficient_user_authentication":
            return None
        return StepUp(tuple(self.challenge.get("acr_values").split()), decimal(self.challenge.get("max_age")))

    @property
    def lacking_scope(self) -> tuple[str, ...] | None:
        """The scopes that a 403 `insufficient_scope` names, possibly none; None when the answer is no such refusal."""
        if self.status != 403 or self.challenge is None or self.challenge.get("error") != "insufficient_scope":
            return None
        return tuple(self.challenge.get("scope").split())


def call(request: Request, access_token: str, *, token_type: str = "Bearer") -> Flow[Called]:
    """Send the request with the token in its `Authorization` header; the body of an answer that is no 401 or 403 is streamed.

    Raises `ConfigError` for plain http off loopback, `BadAnswer` for a token that can't be sent. Source: RFC 6750 sections 2.1 and 5.3.
    """
    require_tls(request.url, "the token")
    check_usable(access_token, token_type)
    authorized = Request(
        request.method, request.url, request.headers.with_("Authorization", f"{scheme_of(token_type)} {access_token}"), request.body
    )
    exchange = yield from send(authorized, "api", stream=True)
    challenge = bearer_challenge(exchange.response) if exchange.response else None
    return Called(exchange, challenge)
