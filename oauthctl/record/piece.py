"""`Piece`: one thing in what somebody pasted, such as a URL or an answer.

Here: the value, and its names for people. Not here: finding pieces in a text (`pasted`), reading each form (`http_text`, `curl_output` …).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from oauthctl.http import Request, Response
from oauthctl.record.exchange import Channel
from oauthctl.record.tokens import HeldToken

UNSEEN = Request("", "")
"""The request of an answer that was pasted alone: no URL and no body, so that nothing can be said of it."""
REQUEST_UNSEEN = "the request was not pasted: nothing about it was checked"
"""The note on such an answer."""

TITLES = {
    "callback-url": "a callback URL",
    "authorization-url": "an authorization URL",
    "logout-url": "a logout URL",
    "error-body": "an error body",
    "error-page": "an error page",
    "token-response": "a token response",
    "http-response": "an HTTP response",
    "http-request": "an HTTP request",
    "http-exchange": "HTTP requests and responses",
    "curl-output": "the output of `curl -v`",
    "curl-command": "a curl command",
    "fetch-call": "a `fetch` call",
    "form": "the body of a request",
    "token": "a token",
    "challenge": "a `WWW-Authenticate` challenge",
    "metadata": "a metadata document",
    "key-set": "a key set",
    "answer": "a JSON answer",
    "log-line": "lines of a log",
    "postman-collection": "a Postman collection",
    "insomnia-export": "an Insomnia export",
    "mixed": "several things that belong together",
    "unknown": "nothing that OAuth knows",
}
"""What each kind of evidence is called."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One exchange, whole or in part, or a token, or words of a log.

    `request` None says that the piece is no exchange at all; `UNSEEN` is a request that must have been and wasn't pasted. `is_request` says
    that an answer may follow it. `words` are for `local_error`. `notes` never hold anything secret.
    """

    kind: str
    request: Request | None = None
    response: Response | None = None
    purpose: str = ""
    channel: Channel = Channel.WIRE
    failure: str = ""
    tokens: tuple[HeldToken, ...] = ()
    words: str = field(default="", repr=False)
    written: str = field(default="", repr=False)
    """The URL as it stood there, if it was escaped for HTML."""
    notes: tuple[str, ...] = ()
    written_at: datetime | None = None
    """The time stamp of the log's line that it is of."""

    @property
    def is_exchange(self) -> bool:
        """Whether it stands for an exchange."""
        return self.request is not None

    @property
    def is_request(self) -> bool:
        """Whether it is a request whose answer may follow."""
        return self.request is not None and self.request != UNSEEN and self.response is None and not self.failure

    @property
    def is_words(self) -> bool:
        """Whether it has a log's words alone."""
        return self.request is None and bool(self.words) and not self.tokens

    @property
    def is_answer(self) -> bool:
        """Whether it is an answer, or a failure, whose request may stand before it."""
        return self.request == UNSEEN and (self.response is not None or bool(self.failure))

    @property
    def answered_at(self) -> datetime | None:
        """When the server answered, by its own `Date`, else by the log that tells of it."""
        said = self.response.headers.get("date") if self.response else None
        try:
            moment = parsedate_to_datetime(said) if said else None
        except (ValueError, IndexError, TypeError, OverflowError):
            return self.written_at
        if moment is None:
            return self.written_at
        try:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None


@dataclass(slots=True)
class Attempts:
    """How often a JSON text may still turn out to be none: each failure can cost the whole text, hence there is a bound."""

    left: int = 64

    def decode(self, text: str, at: int) -> tuple[Any, int] | None:
        """The JSON value that begins here, and where it ends."""
        if self.left <= 0:
            return None
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            self.left -= 1
            return None
        return value, end


_DECODER = json.JSONDecoder(strict=False)
