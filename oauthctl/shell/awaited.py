"""`Awaited`: the one request that somebody waits for while a server's thread judges what comes.

Here: handing it over between the two threads, and those that were refused in its place. Not here: which request is the right one
(`callback`, `notification`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from oauthctl.http import Request, Response

_REFUSALS_KEPT = 50
_WAIT_SECONDS = 1.0
"""Windows does not interrupt a waiting thread with Ctrl-C, so no single wait is long."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was not the right one, what it was told (None when it was pasted), and why.

    The slug is `state-mismatch`, `state-missing`, `token-encrypted`, `wrong-path`, `wrong-host`, `wrong-method`, `prefetch` …
    """

    request: Request
    response: Response | None
    slug: str
    why: str


class Awaited:
    """`accept` and `refuse` are for the server's thread, `wait` and `unreported` for the other; who holds `lock` has both at rest."""

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self.accepted: Request | None = None
        self.refused: list[Refusal] = []
        self._told = 0

    def accept(self, request: Request) -> None:
        """This is the one. With `lock` held."""
        self.accepted = request
        self.lock.notify_all()

    def refuse(self, refusal: Refusal) -> Refusal:
        """This is not the one; of very many only the first are kept. With `lock` held."""
        if len(self.refused) < _REFUSALS_KEPT:
            self.refused.append(refusal)
            self.lock.notify_all()
        return refusal

    def wait(self, seconds: float, *, on_refused: Callable[[Refusal], None] | None = None) -> Request | None:
        """The right request; None when it does not come in time. `on_refused` is told of each other one meanwhile."""
        ends = monotonic() + seconds
        while True:
            with self.lock:
                left = max(0.0, ends - monotonic())
                self.lock.wait_for(lambda: self.accepted is not None or self._told < len(self.refused), min(left, _WAIT_SECONDS))
                accepted = self.accepted
            for refusal in self.unreported():
                if on_refused is not None:
                    on_refused(refusal)
            if accepted is not None or monotonic() >= ends:
                return accepted

    def unreported(self) -> tuple[Refusal, ...]:
        """The refusals that nobody was told of yet; each is given once."""
        with self.lock:
            news, self._told = tuple(self.refused[self._told :]), len(self.refused)
        return news
