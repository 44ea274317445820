"""The rehearsal: a flow carried through with partners who answer by themselves, nothing sent.

Here: what the driver does, without a world. Not here: the partners, answers that are only placeholders (`dry_run`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from oauthctl import __version__
from oauthctl.flows.steps import Ask, AwaitPing, Draw, Drawn, Flow, Listen, Offer, Send, Show, Step, Visit, Wait
from oauthctl.http import Request, Response
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange, Recording

T = TypeVar("T")


class Partners(Protocol):
    """The servers, and the person at the browser."""

    @property
    def certificate(self) -> str:
        """The thumbprint of the client's certificate, if it has one."""

    def answer(self, request: Request) -> Response:
        """What a server answers."""

    def come_back(self, url: str) -> Request:
        """The request with which the browser comes back that was handed this URL."""

    def shown(self, step: Show) -> None:
        """The person sees where to go with another device."""

    def notified(self, step: AwaitPing) -> Request:
        """What the provider sends to the client when the person has decided."""

    def offered(self, offer: Offer) -> None:
        """What a server may fetch from the client from now on."""

    def fetched(self) -> tuple[tuple[Request, Response], ...]:
        """What servers fetched since, and got; each is told once."""

    def wait(self, seconds: float) -> None:
        """Time passes."""


def rehearse(
    flow: Flow[T], partners: Partners, *, issuer: str, at: datetime, on_exchange: Callable[[Exchange], None] = lambda _: None
) -> tuple[Recording, T]:
    """The recording, and what the flow returns. Only waiting takes time; the reply to a callback, no message of OAuth, is left out.

    `on_exchange` is told of each exchange: that is what remains of a flow that ends with an error.
    """
    recording = Recording(tool_version=__version__, issuer=issuer)
    visited = ""
    answer: Any = None
    try:
        while True:
            step = flow.send(answer)
            match step:
                case Visit(url=url, offer=offer):
                    visited = url
                    if offer is not None:
                        partners.offered(offer)
                case Draw():
                    answer = Drawn(at, f"{len(recording.exchanges):043}")
                    continue
                case Wait(seconds=seconds):
                    at += timedelta(seconds=seconds)
                    partners.wait(seconds)
                    answer = None
                    continue
                case Show():
                    partners.shown(step)
                    answer = None
                    continue
                case Ask():
                    answer = ""
                    continue
            answer = _carried_out(step, partners, at=at, visited=visited)
            # Before the browser comes back the server came for what it was offered.
            for request, response in partners.fetched():
                came = Exchange(recording.next_id, purposes.REQUEST_OBJECT, Channel.CALLBACK, request, at, response=response)
                recording = recording.with_exchange(came)
                on_exchange(came)
            answer = replace(answer, id=recording.next_id)
            recording = recording.with_exchange(answer)
            on_exchange(answer)
    except StopIteration as end:
        value: T = end.value
        return recording, value
    finally:
        flow.close()


def _carried_out(step: Step, partners: Partners, *, at: datetime, visited: str) -> Exchange:
    """The exchange, its number still to come."""
    match step:
        case Visit(url=url, purpose=purpose):
            return Exchange(0, purpose, Channel.BROWSER, Request("GET", url), at)
        case Listen():
            return Exchange(0, purposes.CALLBACK, Channel.CALLBACK, partners.come_back(visited), at)
        case AwaitPing():
            return Exchange(0, purposes.NOTIFICATION, Channel.CALLBACK, partners.notified(step), at, response=Response(204))
        case Send(request=request, purpose=purpose, with_certificate=certified):
            shown = partners.certificate if certified else ""
            return Exchange(0, purpose, Channel.WIRE, request, at, response=partners.answer(request), certificate=shown)
        case _:
            raise AssertionError(f"{type(step).__name__} exchanges nothing")
