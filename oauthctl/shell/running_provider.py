"""`RunningProvider`: one provider while it runs.

Here: its state behind a lock, the clock and the randomness of each request, and what is fetched from clients or sent to them. Not here: the
sockets (`serve`), HTTP (`serve_app`), what is answered (`provider`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import takewhile
from traceback import extract_tb
from typing import TypeAlias, TypedDict, Unpack

from oauthctl.http import Request, Response, origin
from oauthctl.provider import client_references, request_reference
from oauthctl.provider.answers import claimed_client
from oauthctl.provider.backchannel import notified
from oauthctl.provider.changing import changed
from oauthctl.provider.client_document import is_document_url, learned, needed
from oauthctl.provider.delivery import Delivery
from oauthctl.provider.handle import handle
from oauthctl.provider.key_rotation import begun, is_due, rotated
from oauthctl.provider.local_clients import local_origins
from oauthctl.provider.missing import shown_path
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Event, Outgoing
from oauthctl.provider.state import ProviderState
from oauthctl.shell.client_requests import fetch_document, send_to_client
from oauthctl.shell.errands import Errands

PATIENCE_SECONDS = 8.0
"""How long a request waits for what its client has elsewhere: time for two slow places, and a few ways round."""
Handler: TypeAlias = Callable[[ProviderState, Request, Moment], tuple[ProviderState, Response]]


class Means(TypedDict, total=False):
    """What a provider has of the world around it; what is left out is as a provider has it that is on its own.

    `handler` is what answers, and `clock` is its time. `keep` is given the state before and after each change, before the answer goes
    out. `before` says what takes its time before a request is answered, and is done beside others. `on_log` is called with each new event
    and `on_answer` with each request, its answer and the time, from the server's thread. `fetch` gets what clients have by URL
    (documents, keys, request objects), and `notify` sends to clients what the provider has for them; without them both go out by HTTP.
    """

    handler: Handler
    clock: Callable[[], datetime]
    keep: Callable[[ProviderState, ProviderState], None]
    before: Callable[[ProviderState, Request], Callable[[], None] | None]
    on_log: Callable[[Event], None]
    on_answer: Callable[[Request, Response, datetime], None]
    fetch: Callable[[str], Response | None]
    notify: Callable[[Request], Response | None]
    patience_seconds: float


class RunningProvider:
    """A provider that goes from state to state, one request at a time."""

    def __init__(self, state: ProviderState, **means: Unpack[Means]) -> None:
        self._state = state
        self._handler = means.get("handler", handle)
        self._clock = means.get("clock", lambda: datetime.now(UTC))
        self._keep = means.get("keep")
        self._before = means.get("before")
        self._on_log = means.get("on_log")
        self._on_answer = means.get("on_answer")
        self._fetch = means.get("fetch")
        self._notify = means.get("notify", lambda request: send_to_client(request, local=local_origins(self.state)))
        self._patience_seconds = means.get("patience_seconds", PATIENCE_SECONDS)
        self._errands = Errands()
        self._lock = threading.Lock()

    @property
    def state(self) -> ProviderState:
        """The provider as it is now."""
        with self._lock:
            return self._state

    @property
    def now(self) -> datetime:
        """The provider's time."""
        return self._clock()

    def update(self, change: Callable[[ProviderState], ProviderState]) -> None:
        """Change the provider between two requests."""
        with self._lock:
            self._go_on(change(self._state))

    def handle(self, request: Request, *, certificate: bytes = b"") -> tuple[Response, Delivery | None]:
        """One answer, and how it goes onto the wire where a fault wants that to be wrong; the state goes on.

        `certificate` is the client's in the TLS handshake.
        """
        moment = self._moment(certificate)
        with self._lock:
            before = self._state
            after, response = self._handler(_with_fresh_keys(before, moment), request, moment)
            self._go_on(after)
        self._tell(before, after)
        return response, after.delivery

    async def answer(self, request: Request, *, certificate: bytes = b"") -> tuple[Response, Delivery | None]:
        """The same with what goes on beside it: before, what the client has of its own is fetched; then it is sent what waits for it."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._fetch_needed(request)
        except TimeoutError:
            self._become(partial(_impatient, request=request, seconds=self._patience_seconds))
        work = self._before(self.state, request) if self._before is not None else None
        if work is not None:
            await asyncio.to_thread(work)
        answer = self.handle(request, certificate=certificate)
        await self._send_outgoing()
        return answer

    def tell_answer(self, request: Request, response: Response) -> None:
        """Pass on what was answered, to whoever wants to know of all."""
        if self._on_answer is not None:
            self._on_answer(request, response, self.now)

    def tell_refusal(self, status: HTTPStatus, reason: str, request: Request | None, *, count: int = 1) -> None:
        """Log that a request was refused before it came to the provider, or so many of the kind since it was last told.

        None where not even the head could be read.
        """
        who = f"{request.method} {shown_path(request.path)}" if request is not None else ""
        said = reason if count == 1 else f"{reason}; and {count - 1} more like it before"
        self._become(lambda state, moment: state.logged(moment, "http", who, error=f"{status.value} {status.phrase}", reason=said))

    def tell_bug(self, error: Exception, request: Request) -> None:
        """Log that answering this request ended in a bug of ours: of what kind, and where; its text and the query may hold secrets."""
        place = next((f"{frame.filename} line {frame.lineno}" for frame in reversed(extract_tb(error.__traceback__))), "an unknown place")
        what = f"a bug of the provider: {type(error).__name__} at {place}"
        self._become(
            lambda state, moment: state.logged(moment, "bug", f"{request.method} {request.path}", error="server_error", reason=what)
        )

    def _go_on(self, after: ProviderState) -> None:
        """With this state from now on; it is kept first, so that no answer goes out that a restart would not know of."""
        if self._keep is not None:
            self._keep(self._state, after)
        self._state = after

    async def _send_outgoing(self) -> None:
        """Send to clients what the provider has for them, beside the loop, which goes on answering: they ask back at once."""
        with self._lock:
            if not self._state.outgoing:
                return
            outgoing = self._state.outgoing
            self._go_on(changed(self._state, outgoing=()))
        for one in outgoing:
            answer = None
            # A client that is told may ask back at once, and before it answers have its keys fetched from the same place.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience_seconds):
                    answer = await self._errands.run(f"told {origin(one.request.url)}", partial(self._notify, one.request))
            self._become(partial(_told, sent=one, answer=answer))

    async def _fetch_needed(self, request: Request) -> None:
        """Fetch what has to be known of clients before this request is answered."""
        await self._learn_client(request)
        referred = client_references.needed(self.state, request, self._moment)
        await self._fetch_referred(referred, local=client_references.opened(self.state, request))
        await self._fetch_request(request)

    async def _fetched(self, url: str, *, local: frozenset[str] = frozenset()) -> Response | None:
        """What stands there; `local` are origins of this machine that may be asked, beside those that always may."""
        fetch = self._fetch or partial(fetch_document, local=local_origins(self.state) | local)
        # Beside the loop, which goes on answering: what is fetched may even be one of ours.
        return await self._errands.run(origin(url), partial(fetch, url))

    async def _learn_client(self, request: Request) -> None:
        """Fetch what the client says of itself, where its identifier is a URL and the provider doesn't know it yet."""
        if not is_document_url(claimed_client(request)):
            return
        document = needed(self.state, request, self._moment())
        if document:
            answer = await self._fetched(document)
            if answer is not None:
                await self._fetch_referred(client_references.named_in(self.state, answer.body, self._moment()))
            self._become(lambda state, moment: learned(state, document, answer, moment))

    async def _fetch_referred(self, urls: tuple[str, ...], *, local: frozenset[str] = frozenset()) -> None:
        """Fetch what a client's metadata name by URL."""
        for url in urls:
            answer = await self._fetched(url, local=local)
            self._become(partial(_with_referred, url=url, answer=answer, local=local))

    async def _fetch_request(self, request: Request) -> None:
        """Fetch the request object that the browser brings the address of."""
        if "request_uri" not in request.query:
            return
        uri = request_reference.needed(self.state, request, self._moment())
        if uri:
            answer = await self._fetched(uri.partition("#")[0])
            self._become(lambda state, moment: request_reference.fetched(state, request, answer, moment))

    def _become(self, change: Callable[[ProviderState, Moment], ProviderState]) -> None:
        """Take over what came from outside, and tell what the log says to it."""
        with self._lock:
            before = self._state
            after = change(before, self._moment())
            self._go_on(after)
        self._tell(before, after)

    def _moment(self, certificate: bytes = b"") -> Moment:
        return Moment(self._clock(), secrets.token_bytes(32), certificate)

    def _tell(self, before: ProviderState, after: ProviderState) -> None:
        if self._on_log is not None:
            seen = before.log[-1].number if before.log else 0
            for event in reversed(tuple(takewhile(lambda one: one.number > seen, reversed(after.log)))):
                self._on_log(event)


def _told(state: ProviderState, moment: Moment, *, sent: Outgoing, answer: Response | None) -> ProviderState:
    return notified(state, sent, answer, moment)


def _with_referred(state: ProviderState, moment: Moment, *, url: str, answer: Response | None, local: frozenset[str]) -> ProviderState:
    return client_references.fetched(state, url, answer, moment, local=local)


def _impatient(state: ProviderState, moment: Moment, *, request: Request, seconds: float) -> ProviderState:
    reason = f"what the client has by URL did not come within {seconds:g} seconds"
    return state.logged(moment, "client requests", claimed_client(request), error="temporarily_unavailable", reason=reason)


def _with_fresh_keys(state: ProviderState, moment: Moment) -> ProviderState:
    """The state with new signing keys, where those that it has are old enough."""
    from oauthctl.jose.jwk import generate

    if not is_due(state, moment):
        return begun(state, moment)
    return rotated(state, tuple(generate(alg) for alg in dict.fromkeys(key.alg for key in state.keys)), moment)
