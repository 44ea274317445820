"""`Doorway`: a sender without sockets, through which somebody walks the pages of a provider in this process and leaves it.

Here: what is inside, and what was sent when somebody left. Not here: who answers inside, who walks (`scripted_user`).
"""

from __future__ import annotations

from collections.abc import Callable

from oauthctl.http import Request, Response
from oauthctl.shell.world import StreamTo


class Doorway:
    """As `Sender`. `answer` is asked for what `is_inside`; any other request goes nowhere: the last of them is kept as `left`."""

    def __init__(self, answer: Callable[[Request], Response], *, is_inside: Callable[[Request], bool]) -> None:
        self._answer = answer
        self._is_inside = is_inside
        self.left: Request | None = None

    def send(self, request: Request, *, timeout_seconds: float, stream_to: StreamTo | None = None) -> tuple[Response, float]:
        """The answer from inside; outside there is an empty page."""
        if self._is_inside(request):
            return self._answer(request), 0.0
        self.left = request
        return Response(200), 0.0

    def completed(self, request: Request) -> Request:
        """As `Sender`: nothing is added."""
        return request

    def prepare(self, url: str) -> None:
        """As `Sender`: there is no connection."""

    def close(self) -> None:
        """As `Sender`: there is no connection."""
