"""`Server`: a provider behind real sockets.

Here: binding, the thread that answers, the clock and the randomness of each request. Not here: what is answered (`provider`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias
from urllib.parse import quote, urlsplit

from oauthctl.errors import ConfigError
from oauthctl.http import Headers, Request, Response, is_loopback_host
from oauthctl.provider import request_reference
from oauthctl.provider.answers import claimed_client
from oauthctl.provider.backchannel import notified
from oauthctl.provider.client_certificate import registered_certificates
from oauthctl.provider.client_document import is_document_url, learned, needed
from oauthctl.provider.delivery import Delivery
from oauthctl.provider.handle import handle
from oauthctl.provider.key_rotation import begun, is_due, rotated
from oauthctl.provider.local_clients import local_origins
from oauthctl.provider.moment import Moment
from oauthctl.provider.records import Event, Outgoing
from oauthctl.provider.state import ProviderState
from oauthctl.shell.client_requests import fetch_document, send_to_client
from oauthctl.shell.serve_connection import ABORT, CERTIFICATE
from oauthctl.shell.serve_delivery import Emit, Receive, deliver
from oauthctl.shell.serve_sockets import bind
from oauthctl.shell.serve_tls import MutualTls, https_context, server_context, tls_options
from oauthctl.shell.serve_uvicorn import MAX_HEAD, uvicorn_server, wait_for_start

if TYPE_CHECKING:
    import uvicorn

    from oauthctl.jose.client_certificate import ClientCertificate

MAX_BODY = 1024 * 1024
BODY_SECONDS = 10.0
_STOP_SECONDS = 3.0

Handler: TypeAlias = Callable[[ProviderState, Request, Moment], tuple[ProviderState, Response]]


class Server:
    """A provider that answers on this machine while the `with` block runs.

    `make_state` gets the issuer, which is known only once a port is bound. `issuer` replaces the one that follows from host and port, for
    a provider behind a proxy or with a path. A host that is not this machine needs `is_public`. `on_log` is called with each new event,
    from the server's thread. With `certificate` it speaks https. With `mtls` it answers on a second port, too, over TLS that takes
    client certificates.
    `latency_seconds` is waited before each answer. `handler` is what answers, and `clock` is its time.
    `keep` is given the state before and after each change, before the answer goes out. `fetch` gets the documents of
    clients that are known by a URL, and `notify` sends to clients what the provider has for them.
    """

    def __init__(
        self,
        make_state: Callable[[str], ProviderState],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        issuer: str = "",
        is_public: bool = False,
        on_log: Callable[[Event], None] | None = None,
        certificate: ClientCertificate | None = None,
        mtls: MutualTls | None = None,
        latency_seconds: float = 0,
        handler: Handler = handle,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        keep: Callable[[ProviderState, ProviderState], None] = lambda _before, _after: None,
        fetch: Callable[[str], Response | None] | None = None,
        notify: Callable[[Request], Response | None] | None = None,
    ) -> None:
        if not is_public and not is_loopback_host(host):
            raise ConfigError(
                f"`{host}` is not this machine alone: everyone who reaches it could sign in",
                slug="not-loopback",
                help="leave the host out, or allow it expressly",
            )
        self._make_state = make_state
        self._host = host.strip("[]")
        self._port = port
        self._given_issuer = issuer.rstrip("/")
        self._is_public = is_public
        self._on_log = on_log
        self._certificate = certificate
        self._mtls = mtls
        self._latency_seconds = latency_seconds
        self._handler = handler
        self._keep = keep
        self._clock = clock
        self._fetch = fetch or (lambda url: fetch_document(url, local=local_origins(self.state)))
        self._notify = notify or (lambda request: send_to_client(request, local=local_origins(self.state)))
        self._lock = threading.Lock()
        self._state: ProviderState | None = None
        self._servers: list[tuple[uvicorn.Server, threading.Thread]] = []
        self._failure: Exception | None = None
        self.issuer = ""
        self.port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The start page."""
        return self.issuer + "/"

    @property
    def state(self) -> ProviderState:
        """The provider as it is now."""
        with self._lock:
            if self._state is None:
                raise RuntimeError("the server was not started")
            return self._state

    def update(self, change: Callable[[ProviderState], ProviderState]) -> None:
        """Change the provider between two requests."""
        with self._lock:
            if self._state is None:
                raise RuntimeError("the server was not started")
            self._go_on(change(self._state))

    def _go_on(self, after: ProviderState) -> None:
        """With this state from now on; it is kept first, so that no answer goes out that a restart would not know of."""
        if self._state is not None:
            self._keep(self._state, after)
        self._state = after

    def start(self) -> None:
        """Bind the port, make the state, answer.

        Raises: ConfigError, when the port is busy or the host can't be bound.
        """
        sockets = bind(self._host, self._port)
        secured: list[socket.socket] = []
        try:
            self.port = sockets[0].getsockname()[1]
            self.issuer = self._given_issuer or f"{'https' if self._certificate else 'http'}://{host_of_url(self._host)}:{self.port}"
            secured = bind(self._host, self._mtls.port) if self._mtls is not None else []
            # Behind a proxy it is reached from elsewhere, whatever it is bound to.
            is_local = not self._is_public and is_loopback_host(urlsplit(self.issuer).hostname or "")
            self._state = replace(self._make_state(self.issuer), is_controllable=is_local)
            tls = tls_options(https_context(self._certificate)) if self._certificate is not None else {}
            ways = [(uvicorn_server(self._app, **tls), sockets)]
            if self._mtls is not None:
                origin = f"https://{host_of_url(self._host)}:{secured[0].getsockname()[1]}"
                self._state = replace(self._state, mtls_origin=origin, certificate_authorities=self._mtls.authorities)
                context = server_context(self._mtls, registered_certificates(self._state))
                ways.append((uvicorn_server(self._app, **tls_options(context)), secured))
        except BaseException:  # whatever it is goes on; the ports are given back first
            for bound in (*sockets, *secured):
                bound.close()
            raise
        for server, its_sockets in ways:
            thread = threading.Thread(target=server.run, args=(its_sockets,), name="oauthctl provider", daemon=True)
            thread.start()
            self._servers.append((server, thread))
            wait_for_start(server, thread)

    def stop(self) -> None:
        """Let running answers end, close everything. Does nothing when the server does not run.

        Raises: what the handler raised, if it ever did.
        """
        for server, _ in self._servers:
            server.should_exit = True
        for _, thread in self._servers:
            thread.join(_STOP_SECONDS)
        self._servers = []
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def run_forever(self, *, on_ready: Callable[[], None] = lambda: None, is_over: Callable[[], bool] = lambda: False) -> None:
        """Answer until Ctrl-C or a SIGTERM, or until it `is_over`; none is an exception. `on_ready` is called once it answers."""
        ended = threading.Event()
        with _on_termination(ended.set), self:
            on_ready()
            # Waiting in slices, because on Windows nothing interrupts a wait without an end.
            while not ended.wait(0.2) and not is_over():
                pass

    def handle(self, request: Request, *, certificate: bytes = b"") -> Response:
        """One answer; the state goes on. Called by one request at a time. `certificate` is the client's in the TLS handshake."""
        return self._handled(request, certificate)[0]

    def _handled(self, request: Request, certificate: bytes) -> tuple[Response, Delivery | None]:
        moment = Moment(self._clock(), secrets.token_bytes(32), certificate)
        with self._lock:
            before = self._state
            if before is None:
                raise RuntimeError("the server was not started")
            after, response = self._handler(_with_fresh_keys(before, moment), request, moment)
            self._go_on(after)
        self._tell(before, after)
        return response, after.delivery

    async def _app(self, scope: Mapping[str, Any], receive: Receive, emit: Emit) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]))
        delivery = None
        try:
            response, delivery = await self._answer(scope, headers, receive)
        except Exception as error:  # noqa: BLE001 - a bug of ours: the browser gets an answer, `stop` raises the error
            self._failure = self._failure or error
            response = _plain(500, "the provider has a bug")
        await deliver(response, emit, now=self._clock(), abort=scope[ABORT], delivery=delivery)

    async def _answer(self, scope: Mapping[str, Any], headers: Headers, receive: Receive) -> tuple[Response, Delivery | None]:
        if sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
            return _plain(431, "the header fields are too large"), None
        host = headers.get("host") or ""
        if not self._is_expected_host(host):
            # A page of another site whose name was bent to this machine must not read our answers (DNS rebinding).
            return _plain(421, "this server does not answer for that host"), None
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read_body(receive)
        except TimeoutError:
            return _plain(408, "the body did not come in time"), None
        if body is None:
            return _plain(413, "the body is too large"), None
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)
        raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        query: bytes = scope["query_string"]
        path = raw_path.decode("latin-1").partition("?")[0]
        url = f"{scope['scheme']}://{host}{path}" + (f"?{query.decode('latin-1')}" if query else "")
        request = Request(scope["method"], url, headers, body)
        await self._learn_client(request)
        await self._fetch_request(request)
        answer = self._handled(request, scope[CERTIFICATE])
        await self._send_outgoing()
        return answer

    async def _send_outgoing(self) -> None:
        """Send to clients what the provider has for them, beside the loop, which goes on answering: they ask back at once."""
        with self._lock:
            if self._state is None or not self._state.outgoing:
                return
            outgoing = self._state.outgoing
            self._go_on(replace(self._state, outgoing=()))
        for one in outgoing:
            answer = await asyncio.to_thread(self._notify, one.request)
            self._become(partial(_told, sent=one, answer=answer))

    async def _learn_client(self, request: Request) -> None:
        """Fetch what the client says of itself, where its identifier is a URL and the provider doesn't know it yet."""
        if not is_document_url(claimed_client(request)):
            return
        document = needed(self.state, request, self._moment())
        if document:
            # Beside the loop, which goes on answering: even the document may be one of ours.
            answer = await asyncio.to_thread(self._fetch, document)
            self._become(lambda state, moment: learned(state, document, answer, moment))

    async def _fetch_request(self, request: Request) -> None:
        """Fetch the request object that the browser brings the address of."""
        if "request_uri" not in request.query:
            return
        uri = request_reference.needed(self.state, request, self._moment())
        if uri:
            answer = await asyncio.to_thread(self._fetch, uri.partition("#")[0])
            self._become(lambda state, moment: request_reference.fetched(state, request, answer, moment))

    def _become(self, change: Callable[[ProviderState, Moment], ProviderState]) -> None:
        """Take over what came from outside, and tell what the log says to it."""
        with self._lock:
            before = self._state
            if before is None:
                return
            after = change(before, self._moment())
            self._go_on(after)
        self._tell(before, after)

    def _moment(self) -> Moment:
        return Moment(self._clock(), secrets.token_bytes(32))

    def _tell(self, before: ProviderState, after: ProviderState) -> None:
        if self._on_log is not None:
            seen = before.log[-1].number if before.log else 0
            for event in after.log:
                if event.number > seen:
                    self._on_log(event)

    def _is_expected_host(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return self._is_public or is_loopback_host(name) or name == urlsplit(self.issuer).hostname


def _told(state: ProviderState, moment: Moment, *, sent: Outgoing, answer: Response | None) -> ProviderState:
    return notified(state, sent, answer, moment)


def _with_fresh_keys(state: ProviderState, moment: Moment) -> ProviderState:
    """The state with new signing keys, where those that it has are old enough."""
    from oauthctl.jose.jwk import generate

    if not is_due(state, moment):
        return begun(state, moment)
    return rotated(state, tuple(generate(alg) for alg in dict.fromkeys(key.alg for key in state.keys)), moment)


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body; None when it is larger than we read."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _plain(status: int, text: str) -> Response:
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), ("Connection", "close"))
    return Response(status, Headers(headers), f"{text}\n".encode())


def host_of_url(host: str) -> str:
    """How others name the host that is listened on, in a URL."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


@contextlib.contextmanager
def _on_termination(then: Callable[[], None]) -> Iterator[None]:
    """Calls `then` at a Ctrl-C or SIGTERM, as long as the block runs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda _number, _frame: then()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
