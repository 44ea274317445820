"""The latest requests of a provider that runs, and what the rules find wrong in them.

Here: keeping some of them, in memory, and having them judged when somebody looks. Not here: judging (`verdicts`), the page that shows them
(`provider.home_page`).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from oauthctl.http import Request, Response
from oauthctl.provider.answers import claimed_client
from oauthctl.provider.back import SCRIPT_PATH
from oauthctl.provider.changing import changed
from oauthctl.provider.client import Client
from oauthctl.provider.control import ENDPOINT as CONTROL
from oauthctl.provider.exchange_parts import parts_of
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.misplaced import misplaced_secrets
from oauthctl.provider.missing import shown_path
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Arrival
from oauthctl.provider.state import ProviderState
from oauthctl.record.exchange import Channel, Exchange, Recording
from oauthctl.shell.running_provider import Handler
from oauthctl.shell.verdicts import Received, wrong_with_last

FindWrong: TypeAlias = Callable[[tuple[Received, ...], str], tuple[tuple[str, str], ...]]
"""What is wrong with the last of these requests to this issuer: rules, and what each says."""
_KEPT, _KEPT_WRONG, _LOOKED_BACK = 50, 30, 14
_BODY = 64 * 1024
"""Bytes that are kept of an answer's body."""
_JUDGED_BODY, _JUDGED_CONTEXT = 16 * 1024, 16 * 1024
"""Bytes of the bodies that a verdict is found in: its own request's, and those of the ones before. Longer ones would take too long."""
_OF_BROWSERS = ("/favicon.ico", "/apple-touch-icon", "/.well-known/appspecific/")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A request, and of one that was refused what came before it: it may stay when that has gone."""

    number: int
    received: Received
    reason: str
    clients: Mapping[str, Client] = field(repr=False)
    context: tuple[Received, ...] = ()
    unread_bytes: int = 0
    """The length of a body that is too long to be kept and judged."""

    @property
    def misplaced(self) -> tuple[str, ...]:
        """Secrets where names should be. Looked for when somebody looks at the request: most are never looked at."""
        return misplaced_secrets(self.clients, self.received.request)

    @property
    def is_refused(self) -> bool:
        return bool(self.reason) or self.received.response.status >= 400

    @property
    def content(self) -> tuple[object, ...]:
        """What makes it the same request as another, with the same answer."""
        request, status = self.received.request, self.received.response.status
        return request.method, request.url, request.headers.pairs, request.body, status

    def as_arrival(self) -> Arrival:
        """What is known of it before it is judged."""
        request, response = self.received.request, self.received.response
        misplaced = self.misplaced
        path, who = shown_path(request.path, misplaced.__contains__), claimed_client(request)
        who = "(secret)" if who in misplaced else who
        unread = f"its body of {self.unread_bytes} bytes is too long to be judged and shown here" if self.unread_bytes else ""
        reason = "; ".join(filter(None, (self.reason, unread)))
        return Arrival(self.number, self.received.at, request.method, path, who, response.status, reason)


class RequestLog:
    """A handler around another: it keeps the latest requests, and has them in the state when the start page is made.

    Those in which something is wrong stay longer. Each is judged once, by what had come until then: that a client does better later does
    not take back what was wrong. Since that takes time, it waits until somebody looks, and is done beside the requests; the page waits for
    it, `patience` seconds at most, and shows what is known by then.
    """

    def __init__(self, handler: Handler, *, patience: float = 5.0, find_wrong: FindWrong = wrong_with_last) -> None:
        self._handler = handler
        self._find_wrong = find_wrong
        self._patience = patience
        # Both are replaced as a whole, never changed: one thread answers while another judges.
        self._kept: tuple[_Kept, ...] = ()
        self._judged: Mapping[int, Arrival] = {}
        self._judge: threading.Thread | None = None
        self._starting = threading.Lock()
        # One for all rows, so that the same code is seen to be the same in each.
        self._salt = secrets.token_bytes(24)

    def answer(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        """As the handler within. Called by one request at a time."""
        if _is_for_start_page(state, request):
            arrivals = tuple(self._judged.get(one.number) or one.as_arrival() for one in self._kept)
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
        unread = len(request.body) if len(request.body) > _JUDGED_BODY else 0
        read = replace(request, body=b"") if unread else request
        received = Received(place_of(state, request), read, _bounded(response), moment.now)
        one = _Kept(self._kept[-1].number + 1 if self._kept else 1, received, reason, state.clients, unread_bytes=unread)
        if one.is_refused:
            one = replace(one, context=_before(self._kept, len(self._kept)))
        kept = (*self._kept, one)
        old, latest = kept[:-_KEPT], kept[-_KEPT:]
        if old and not (old[-1].is_refused or self._is_wrong(old[-1])):
            old = old[:-1]
        self._kept = (*old[-_KEPT_WRONG:], *latest)

    def _is_wrong(self, one: _Kept) -> bool:
        judged = self._judged.get(one.number)
        return judged is not None and bool(judged.wrong)

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
        """Judge what is not judged yet, until there is none: first what was refused, and the latest first."""
        while True:
            kept = self._kept
            waiting = [at for at, one in enumerate(kept) if one.number not in self._judged]
            if not waiting:
                return
            self._judged = {one.number: self._judged[one.number] for one in kept if one.number in self._judged}
            shown = _without_secrets(kept, salt=self._salt)
            harmless: dict[tuple[object, ...], Arrival] = {}
            for at in sorted(waiting, key=lambda at: (kept[at].is_refused, at), reverse=True):
                one = kept[at]
                alike = harmless.get(one.content)
                judged = self._verdict_on(one, one.context or _before(kept, at), issuer) if alike is None else alike
                judged = replace(judged, number=one.number, at=one.received.at, parts=parts_of(shown[at]))
                if one.received.request.method == "GET" and not (judged.wrong or judged.reason):
                    # What a client asks for over and over again is judged once: each verdict takes its time.
                    harmless[one.content] = judged
                self._judged = {**self._judged, one.number: judged}

    def _verdict_on(self, one: _Kept, context: tuple[Received, ...], issuer: str) -> Arrival:
        arrival = replace(one.as_arrival(), is_judged=True)
        if one.unread_bytes:
            return arrival
        try:
            return replace(arrival, wrong=self._find_wrong((*context, one.received), issuer))
        except Exception as error:  # noqa: BLE001 - a bug that one request brings out must not keep the others from being judged: its row tells
            return replace(arrival, reason="; ".join(filter(None, (one.reason, _bug(error)))))


def _bug(error: Exception) -> str:
    """Its text may hold secrets."""
    return f"oauthctl has a bug: this request can't be judged ({type(error).__name__})"


def _before(kept: tuple[_Kept, ...], at: int) -> tuple[Received, ...]:
    """What a verdict on the request at this place looks back at."""
    found: list[Received] = []
    left = _JUDGED_CONTEXT
    for one in reversed(kept[max(0, at - _LOOKED_BACK) : at]):
        left -= len(one.received.request.body)
        if left < 0:
            break
        if not one.unread_bytes:
            found.append(one.received)
    return tuple(reversed(found))


def _without_secrets(kept: tuple[_Kept, ...], *, salt: bytes) -> tuple[Exchange, ...]:
    """The requests and answers, all at once: what is known for a secret by one is one in the others, too."""
    from oauthctl.record.redact import redact

    received = (one.received for one in kept)
    exchanges = (Exchange(number, "", Channel.WIRE, one.request, one.at, response=one.response) for number, one in enumerate(received, 1))
    known = dict.fromkeys(secret for one in kept for secret in one.misplaced)
    return redact(Recording(tuple(exchanges)), salt=salt, known=known).exchanges


def _is_for_start_page(state: ProviderState, request: Request) -> bool:
    return request.path == f"{state.base_path}/"


def _is_listed(state: ProviderState, request: Request) -> bool:
    """Whether the request is one of a client or a test, be it for a path that is none; what browsers ask for by themselves is not."""
    return request.path.removeprefix(state.base_path) != SCRIPT_PATH and not request.path.startswith(_OF_BROWSERS)


def _reason(before: ProviderState, after: ProviderState) -> str:
    """What the provider said to its own log of what it refused just now, or was told to do wrong."""
    last = before.log[-1].number if before.log else 0
    return "; ".join(event.reason for event in after.log[-3:] if event.number > last and (event.error or event.endpoint == CONTROL))


def _bounded(response: Response) -> Response:
    return replace(response, body=response.body[:_BODY]) if len(response.body) > _BODY else response
