"""The rehearsal: a flow carried through with partners who answer by themselves, nothing sent.

Here: what the driver does, without a world. Not here: the partners, answers that are only placeholders (`dry_run`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, TypeVar

from oauthctl import __version__
from oauthctl.flows.steps import Ask, Draw, Drawn, Flow, Listen, Send, Step, Visit, Wait
from oauthctl.http import Request, Response
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, Recording

T = TypeVar("T")


class Partners(Protocol):
    """The servers, and the person at the browser."""

    def answer(self, request: Request) -> Response:
        """What a server answers."""

    def come_back(self, url: str) -> Request:
        """The request with which the browser comes back that was handed this URL."""


def rehearse(flow: Flow[T], partners: Partners, *, issuer: str, at: datetime) -> tuple[Recording, T]:
    """The recording, and what the flow returns. Time stands still; the reply to a callback is left out, as it is none of the protocol's."""
    recording = Recording(tool_version=__version__, issuer=issuer)
    visited = ""
    answer: Any = None
    try:
        while True:
            step = flow.send(answer)
            match step:
                case Visit(url=url):
                    visited = url
                case Draw():
                    answer = Drawn(at, f"{len(recording.exchanges):043}")
                    continue
                case Wait() | Ask():
                    answer = "" if isinstance(step, Ask) else None
                    continue
            answer = _carried_out(step, partners, recording.next_id, at=at, visited=visited)
            recording = recording.with_exchange(answer)
    except StopIteration as end:
        value: T = end.value
        return recording, value
    finally:
        flow.close()


def _carried_out(step: Step, partners: Partners, number: int, *, at: datetime, visited: str) -> Exchange:
    match step:
        case Visit(url=url, purpose=purpose):
            return Exchange(number, purpose, Channel.BROWSER, Request("GET", url), at)
        case Listen():
            return Exchange(number, purposes.CALLBACK, Channel.CALLBACK, partners.come_back(visited), at)
        case Send(request=request, purpose=purpose):
            return Exchange(number, purpose, Channel.WIRE, request, at, response=partners.answer(request))
        case _:
            raise AssertionError(f"{type(step).__name__} exchanges nothing")
