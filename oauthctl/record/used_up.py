"""Secrets of a recording that are used up: to send one once more can end the sign-in that it belongs to.

Here: telling them. Not here: what is sent in their place (`replaying`). A server that rotates refresh tokens takes the second use of one
for theft and revokes all that came of it. Source: RFC 9700 section 4.14.2.
"""

from __future__ import annotations

from collections.abc import Iterable

from oauthctl.messages.token import TokenResponse
from oauthctl.record import purposes
from oauthctl.record.exchange import Exchange
from oauthctl.record.purposes import posted_fields
from oauthctl.record.secret_names import in_words
from oauthctl.record.transaction import response_message

_REFRESH = "refresh_token"
_ASKED_ABOUT = (purposes.INTROSPECTION, purposes.REVOCATION)


def used_up(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The refresh tokens that were sent, but those of which an answer shows that the server does not rotate them."""
    sent: set[str] = set()
    lasting: set[str] = set()
    rotated: set[str] = set()
    for exchange in exchanges:
        for token in _refresh_tokens(exchange):
            sent.add(token)
            found = _is_kept(exchange, token)
            if found is not None:
                (lasting if found else rotated).add(token)
    return frozenset(sent - (lasting - rotated))


def _refresh_tokens(exchange: Exchange) -> tuple[str, ...]:
    if exchange.purpose in _ASKED_ABOUT:
        return ()
    posted = ((name, value) for name, value in posted_fields(exchange.request) if isinstance(value, str) and value)
    return tuple(value for name, value in posted if in_words(name) == _REFRESH or name.lower() == "refreshtoken")


def _is_kept(exchange: Exchange, token: str) -> bool | None:
    """Whether an answer leaves the token as it is; None where no answer tells: it can have been rotated, and the answer been lost."""
    answer = response_message(exchange) if exchange.purpose == purposes.TOKEN else None
    if not isinstance(answer, TokenResponse) or not answer.access_token:
        return None
    # Source: RFC 6749 section 6: without a new one the old one stays.
    return answer.refresh_token in (None, "", token)
