"""The latest requests of a provider that runs, and what the rules find wrong in them.

Here: keeping some of them, in memory, and having them judged when somebody looks. Not here: judging (`verdicts`), the page that shows them
(`provider.home_page`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from oauthctl.http import Request, Response
from oauthctl.provider.answers import claimed_client
from oauthctl.provider.back import SCRIPT_PATH
from oauthctl.provider.changing import changed
from oauthctl.provider.control import ENDPOINT as CONTROL
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.missing import shown_path
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Arrival
from oauthctl.provider.state import ProviderState
from oauthctl.shell.running_provider import Handler
from oauthctl.shell.verdicts import Received, wrong_with_last

T = TypeVar("T", Request, Response)
_KEPT, _LOOKED_BACK = 50, 15
_BODY = 64 * 1024
_OF_BROWSERS = ("/favicon.ico", "/apple-touch-icon", "/.well-known/appspecific/")


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    received: Received
    arrival: Arrival


class RequestLog:
    """A handler around another: it keeps the latest requests, and has them in the state when the start page is made.

    Each is judged once, by what had come until then: that a client does better later does not take back what was wrong. Since that takes
    time, it waits until somebody looks, and is done beside the requests; the page waits for it, `patience` seconds at most, and shows what
    is known by then.
    """

    def __init__(self, handler: Handler, *, patience: float = 1.0) -> None:
        self._handler = handler
        self._patience = patience
        # Both are replaced as a whole, never changed: one thread answers while another judges.
        self._kept: tuple[_Kept, ...] = ()
        self._judged: Mapping[int, Arrival] = {}
        self._judge: threading.Thread | None = None
        self._starting = threading.Lock()

    def answer(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        """As the handler within. Called by one request at a time."""
        if _is_for_start_page(state, request):
            arrivals = tuple(self._judged.get(one.number, one.arrival) for one in self._kept)
            after, response = self._handler(changed(state, arrivals=arrivals), request, moment)
            return changed(after, arrivals=()), response
        try:
            after, response = self._handler(state, request, moment)
        except Exception:
            self._list(state, request, Response(500), moment, "the provider has a bug: what it says in its terminal tells where")
            raise
        self._list(state, request, response, moment, _reason(state, after))
        return after, response

    def _list(self, state: ProviderState, request: Request, response: Response, moment: Moment, reason: str) -> None:
        if not _is_listed(state, request):
            return
        received = Received(place_of(state, request), _bounded(request), _bounded(response), moment.now)
        arrival = Arrival(moment.now, request.method, shown_path(request.path), "", response.status, reason)
        number = self._kept[-1].number + 1 if self._kept else 1
        self._kept = (*self._kept, _Kept(number, received, arrival))[-_KEPT:]

    def before(self, state: ProviderState, request: Request) -> Callable[[], None] | None:
        """What takes its time before this request is answered, to be done beside others; None where nothing does."""
        return partial(self._judge_a_while, state.issuer) if _is_for_start_page(state, request) else None

    def _judge_a_while(self, issuer: str) -> None:
        with self._starting:
            judge = self._judge
            if judge is None or not judge.is_alive():
                judge = self._judge = threading.Thread(target=self._judge_all, args=(issuer,), name="oauthctl request log", daemon=True)
                judge.start()
        judge.join(self._patience)

    def _judge_all(self, issuer: str) -> None:
        """Judge the oldest that is not judged yet, until there is none."""
        while True:
            kept = self._kept
            end = next((end for end, one in enumerate(kept, 1) if one.number not in self._judged), None)
            if end is None:
                return
            latest = kept[end - 1]
            wrong = wrong_with_last(tuple(one.received for one in kept[max(0, end - _LOOKED_BACK) : end]), issuer)
            judged = replace(latest.arrival, who=claimed_client(latest.received.request), wrong=wrong)
            known = {number: arrival for number, arrival in self._judged.items() if number >= kept[0].number}
            self._judged = {**known, latest.number: judged}


def _is_for_start_page(state: ProviderState, request: Request) -> bool:
    return request.path == f"{state.base_path}/"


def _is_listed(state: ProviderState, request: Request) -> bool:
    """Whether the request is one of a client or a test, be it for a path that is none; what browsers ask for by themselves is not."""
    return request.path.removeprefix(state.base_path) != SCRIPT_PATH and not request.path.startswith(_OF_BROWSERS)


def _reason(before: ProviderState, after: ProviderState) -> str:
    """What the provider said to its own log of what it refused just now, or was told to do wrong."""
    last = before.log[-1].number if before.log else 0
    return "; ".join(event.reason for event in after.log[-3:] if event.number > last and (event.error or event.endpoint == CONTROL))


def _bounded(message: T) -> T:
    return replace(message, body=message.body[:_BODY]) if len(message.body) > _BODY else message
