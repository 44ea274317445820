"""`Server`: a provider behind real sockets.

Here: binding, the threads that answer, their beginning and end. Not here: what a request is (`serve_app`) and does (`running_provider`).
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from oauthctl.errors import ConfigError
from oauthctl.http import Request, Response, is_loopback_host
from oauthctl.provider.client_certificate import registered_certificates
from oauthctl.provider.handle import handle
from oauthctl.provider.records import Event
from oauthctl.provider.state import ProviderState
from oauthctl.shell.running_provider import Handler, Means, RunningProvider
from oauthctl.shell.serve_app import Application
from oauthctl.shell.serve_sockets import bind
from oauthctl.shell.serve_tls import MutualTls, https_context, server_context, tls_options
from oauthctl.shell.serve_uvicorn import uvicorn_server, wait_for_start

if TYPE_CHECKING:
    import uvicorn

    from oauthctl.jose.client_certificate import ClientCertificate

_STOP_SECONDS = 3.0


class Server:
    """A provider that answers on this machine while the `with` block runs.

    `make_state` gets the issuer, which is known only once a port is bound. `issuer` replaces the one that follows from host and port, for
    a provider behind a proxy or with a path. A host that is not this machine needs `is_public`. With `certificate` it speaks https.
    With `mtls` it answers on a second port, too, over TLS that takes client certificates. `latency_seconds` is waited before each answer.
    The rest are its `Means`.
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
        self._certificate = certificate
        self._mtls = mtls
        self._latency_seconds = latency_seconds
        self._means = Means(handler, clock, keep, on_log, fetch, notify)
        self._provider: RunningProvider | None = None
        self._application: Application | None = None
        self._servers: list[tuple[uvicorn.Server, threading.Thread]] = []
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
        return self._running.state

    def update(self, change: Callable[[ProviderState], ProviderState]) -> None:
        """Change the provider between two requests."""
        self._running.update(change)

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
            state = replace(self._make_state(self.issuer), is_controllable=is_local)
            if self._mtls is not None:
                origin = f"https://{host_of_url(self._host)}:{secured[0].getsockname()[1]}"
                state = replace(state, mtls_origin=origin, certificate_authorities=self._mtls.authorities)
            ways = self._ways(state, sockets, secured)
        except BaseException:  # whatever it is goes on; the ports are given back first
            for bound in (*sockets, *secured):
                bound.close()
            raise
        for server, its_sockets in ways:
            thread = threading.Thread(target=server.run, args=(its_sockets,), name="oauthctl provider", daemon=True)
            thread.start()
            self._servers.append((server, thread))
            wait_for_start(server, thread)

    def _ways(
        self, state: ProviderState, sockets: list[socket.socket], secured: list[socket.socket]
    ) -> list[tuple[uvicorn.Server, list[socket.socket]]]:
        """What will answer at these sockets, from this state on."""
        self._provider = RunningProvider(state, self._means)
        self._application = Application(self._provider, is_public=self._is_public, latency_seconds=self._latency_seconds)
        tls = tls_options(https_context(self._certificate)) if self._certificate is not None else {}
        ways = [(uvicorn_server(self._application, **tls), sockets)]
        if self._mtls is not None:
            context = server_context(self._mtls, registered_certificates(state))
            ways.append((uvicorn_server(self._application, **tls_options(context)), secured))
        return ways

    def stop(self) -> None:
        """Let running answers end, close everything. Does nothing when the server does not run.

        Raises: what the handler raised, if it ever did.
        """
        for server, _ in self._servers:
            server.should_exit = True
        for _, thread in self._servers:
            thread.join(_STOP_SECONDS)
        self._servers = []
        if self._application is not None:
            failure, self._application.failure = self._application.failure, None
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
        return self._running.handle(request, certificate=certificate)[0]

    @property
    def _running(self) -> RunningProvider:
        if self._provider is None:
            raise RuntimeError("the server was not started")
        return self._provider


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
