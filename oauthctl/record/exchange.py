"""`Exchange` and `Recording`: what was truly seen, nothing invented.

Here: the values. Not here: their file (`har`), hiding their secrets (`redact`), their meaning (`transaction`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from oauthctl.http import Request, Response, decimal


class Channel(StrEnum):
    """How an exchange was seen."""

    WIRE = "wire"
    """Sent by us, and answered."""
    BROWSER = "browser"
    """A URL handed to the browser; its answer is unseen."""
    CALLBACK = "callback"
    """A request that came to our listener, and our reply."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it.

    `purpose` is a slug (`discovery`, `jwks`, `authorization`, `callback`, `token`, `userinfo` …). `id` counts from 1 within the recording.
    `failure` is set instead of `response` when no HTTP answer came. `started_at` is aware UTC; `seconds` is the time to the last byte.
    `certificate` is the thumbprint (`x5t#S256`) of the client's certificate that was held ready for the TLS handshake. `page` numbers the
    browser's page or tab that sent it; 0 where nobody knows.
    """

    id: int
    purpose: str
    channel: Channel
    request: Request
    started_at: datetime
    seconds: float = 0.0
    response: Response | None = None
    failure: str = ""
    certificate: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges of one run, in the order in which they began."""

    exchanges: tuple[Exchange, ...] = ()
    tool_version: str = ""
    issuer: str = ""
    command: str = ""
    error: str = ""
    """What ended the run, in the client's own words; empty when nothing did, or when it isn't known."""

    def with_exchange(self, exchange: Exchange) -> Recording:
        """A copy in which this exchange stands in the place of the one with its id, or last."""
        if any(known.id == exchange.id for known in self.exchanges):
            return replace(self, exchanges=tuple(exchange if known.id == exchange.id else known for known in self.exchanges))
        return replace(self, exchanges=(*self.exchanges, exchange))

    @property
    def next_id(self) -> int:
        """The id that the next exchange gets."""
        return max((exchange.id for exchange in self.exchanges), default=0) + 1


def is_body_unseen(exchange: Exchange) -> bool:
    """Whether the answer had a body that the recording does not hold: nobody knows then what it said."""
    response = exchange.response
    length = (response.headers.get("content-length") or "0") if response else "0"
    return response is not None and not response.body and (decimal(length, digits=12) or 0) > 0
