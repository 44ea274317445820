"""What a message of a diagram is called.

Here: telling the first visit of the authorization endpoint from those that the same sign-in comes back with. Not here: what a message is by
itself (`record.transaction`).
"""

from __future__ import annotations

from collections.abc import Iterable

from oauthctl.http import split_url
from oauthctl.messages.authorization import AuthorizationRequest
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange
from oauthctl.record.transaction import describe, known_purpose, request_message

AGAIN = ", continued"
_OF_ONE_SIGN_IN = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")


class Visits:
    """The sign-ins that were asked for so far, to be told of each message in its turn."""

    def __init__(self) -> None:
        self._known: set[tuple[str, ...]] = set()

    def label(self, exchange: Exchange) -> str:
        """What the message is; of a later visit of the same sign-in that it goes on with it."""
        named = describe(exchange)
        return f"{named}{AGAIN}" if self.is_again(exchange) and exchange.request.method == "GET" else named

    def is_again(self, exchange: Exchange) -> bool:
        """Whether the same sign-in came to the authorization endpoint before."""
        sent = request_message(exchange) if known_purpose(exchange) == purposes.AUTHORIZATION else None
        if not isinstance(sent, AuthorizationRequest) or not any(sent.raw(name) for name in _OF_ONE_SIGN_IN[2:]):
            return False
        key = tuple(repr(sent.raw(name)) for name in _OF_ONE_SIGN_IN)
        is_known = key in self._known
        self._known.add(key)
        return is_known


def host_of(exchange: Exchange) -> str:
    """The host that was asked, with its port."""
    return split_url(exchange.request.url).netloc.rpartition("@")[2]


def labels_of(exchanges: Iterable[Exchange]) -> dict[int, str]:
    """By id what the messages of a whole diagram are called."""
    visits = Visits()
    return {exchange.id: visits.label(exchange) for exchange in exchanges}
