"""The latest requests of a provider that runs, and what the rules find wrong in them.

Here: keeping some of them, in memory, and judging them when somebody looks. Not here: the page that shows them (`provider.home_page`).
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from oauthctl.findings import Severity
from oauthctl.http import Request, Response
from oauthctl.provider.answers import claimed_client
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Arrival
from oauthctl.provider.state import ProviderState
from oauthctl.record.exchange import Channel, Exchange, Recording

if TYPE_CHECKING:
    from oauthctl.rules.diagnosis import Diagnosis

Handler: TypeAlias = Callable[[ProviderState, Request, Moment], tuple[ProviderState, Response]]
T = TypeVar("T", Request, Response)
_KEPT, _LOOKED_BACK = 50, 15
_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came, the endpoint that it was for (`token`, `authorize`, `metadata` …; empty: none), and what was answered."""

    endpoint: str
    request: Request
    response: Response
    at: datetime


def diagnosed(received: Iterable[Received], issuer: str) -> Diagnosis:
    """What the rules find in the requests and their answers, as far as a server sees them; exchanges are numbered as they came, from 1."""
    from oauthctl.record.material import Material
    from oauthctl.rules.diagnosis import diagnose
    from oauthctl.rules.evidence import scene_of

    exchanges = tuple(
        Exchange(number, "", Channel.WIRE, one.request, one.at, response=one.response)
        for number, one in enumerate(received, 1)
        if one.endpoint
    )
    recording = Recording(exchanges, issuer=issuer)
    return diagnose(scene_of(Material("recording", recording), now=None, salt=secrets.token_bytes(24)))


class RequestLog:
    """A handler around another: it keeps the latest requests, and has them in the state when the start page is made.

    Each is judged once, by what had come until then: that a client does better later does not take back what was wrong.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._kept: deque[Received] = deque(maxlen=_KEPT)
        self._arrivals: deque[Arrival] = deque(maxlen=_KEPT)
        self._unjudged = 0

    def answer(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        """As the handler within. Called by one request at a time."""
        if request.path == f"{state.base_path}/":
            self._judge(state.issuer)
            after, response = self._handler(replace(state, arrivals=tuple(self._arrivals)), request, moment)
            return replace(after, arrivals=()), response
        after, response = self._handler(state, request, moment)
        place = place_of(state, request)
        if place:
            self._kept.append(Received(place, _bounded(request), _bounded(response), moment.now))
            self._arrivals.append(Arrival(moment.now, request.method, request.path, "", response.status, _reason(state, after)))
            self._unjudged = min(self._unjudged + 1, _KEPT)
        return after, response

    def _judge(self, issuer: str) -> None:
        # Whatever takes time waits until somebody looks.
        received = tuple(self._kept)
        for end in range(len(received) - self._unjudged, len(received)):
            wrong = _wrong_with_last(received[max(0, end + 1 - _LOOKED_BACK) : end + 1], issuer)
            self._arrivals[end] = replace(self._arrivals[end], who=claimed_client(received[end].request), wrong=wrong)
        self._unjudged = 0


def _reason(before: ProviderState, after: ProviderState) -> str:
    """What the provider said to its own log of what it refused just now."""
    last = before.log[-1].number if before.log else 0
    return "; ".join(event.reason for event in after.log[-3:] if event.number > last and event.error)


def _wrong_with_last(received: tuple[Received, ...], issuer: str) -> tuple[tuple[str, str], ...]:
    """The rules that find something which shows in the last of these requests, and what each says."""
    return tuple(
        (finding.rule, finding.message)
        for finding in diagnosed(received, issuer).findings
        if finding.severity is not Severity.NOTE and max((one.exchange or 0 for one in finding.evidence), default=0) == len(received)
    )


def _bounded(message: T) -> T:
    return replace(message, body=message.body[:_BODY]) if len(message.body) > _BODY else message
