"""Requests that no provider gets to see: what is answered, and how often that is told.

Here: the answer's form, sparing the log. Not here: which requests these are (`serve_app`, `serve_protocol`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from oauthctl.http import JSON, Headers, Response
from oauthctl.provider.answers import CORS

_TOLD = 5
_SECONDS = 10.0


class NotTaken(Exception):
    """A request is refused before a provider sees it."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    @property
    def response(self) -> Response:
        """The answer, the last one on its connection: what of the request was not read stands in the way of the next.

        A script of another origin may read it, except where it asked for another host: that one has nothing to read here.
        """
        error = "temporarily_unavailable" if self.status is HTTPStatus.SERVICE_UNAVAILABLE else "invalid_request"
        cors = () if self.status is HTTPStatus.MISDIRECTED_REQUEST else CORS
        body = json.dumps({"error": error, "error_description": self.reason}).encode()
        headers = (("Content-Type", JSON), ("Cache-Control", "no-store"), ("Connection", "close"), *cors)
        return Response(self.status, Headers(headers), body)


class Sparing:
    """Whether one more of a kind is told: the first few in each span of time, so that nobody can flood whoever reads along."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._spans: dict[HTTPStatus, tuple[float, int]] = {}
        """Since when each kind is counted, and how many there were."""

    def count(self, kind: HTTPStatus) -> int:
        """How many this one stands for: 0 where it is not told, more than 1 where others before it were not."""
        now = self._clock()
        since, there_were = self._spans.get(kind, (now, 0))
        if now - since >= _SECONDS:
            self._spans[kind] = (now, 1)
            return 1 + max(0, there_were - _TOLD)
        self._spans[kind] = (since, there_were + 1)
        return 1 if there_were < _TOLD else 0
