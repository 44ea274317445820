"""`Server`: a provider behind real sockets, or several of them.

Here: binding, the threads that answer, their beginning and end. Not here: what a request is (`serve_app`) and does (`running_provider`).
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from oauthctl.errors import ConfigError
from oauthctl.http import Request, Response, is_loopback, is_loopback_host
from oauthctl.provider.client_certificate import registered_certificates
from oauthctl.provider.issuers import require_apart, require_distinct
from oauthctl.provider.state import ProviderState
from oauthctl.shell.running_provider import Means, RunningProvider
from oauthctl.shell.serve_app import Application
from oauthctl.shell.serve_sockets import bind
from oauthctl.shell.serve_tls import MutualTls, https_context, server_context, tls_options
from oauthctl.shell.serve_uvicorn import uvicorn_server, wait_for_start

if TYPE_CHECKING:
    import uvicorn

    from oauthctl.jose.client_certificate import ClientCertificate

_STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Hosted:
    """A provider that a server is to have.

    `make_state` gets the issuer, which is known only once a port is bound. `issuer` replaces the one that follows from host and port, for
    a provider behind a proxy or with a path; a path alone is one on this server.
    """

    make_state: Callable[[str], ProviderState]
    issuer: str = ""
    means: Means = field(default_factory=Means)

    def issuer_at(self, origin: str) -> str:
        """The issuer on a server that is reached at this origin."""
        return origin + self.issuer if self.issuer.startswith("/") else self.issuer or origin


class Server:
    """A provider that answers on this machine while the `with` block runs, with others `beside` it where several are wanted.

    `make_state`, `issuer` and the means are those of the first one (`Hosted`). A host that is not this machine needs `is_public`. With
    `certificate` it speaks https. With `mtls` it answers on a second port, too, over TLS that takes client certificates.
    `latency_seconds` is waited before each answer.
    """

    def __init__(
        self,
        make_state: Callable[[str], ProviderState],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        issuer: str = "",
        is_public: bool = False,
        certificate: ClientCertificate | None = None,
        mtls: MutualTls | None = None,
        latency_seconds: float = 0,
        beside: Sequence[Hosted] = (),
        **means: Unpack[Means],
    ) -> None:
        if not is_public and not is_loopback_host(host):
            raise ConfigError(
                f"`{host}` is not this machine alone: everyone who reaches it could sign in",
                slug="not-loopback",
                help="leave the host out, or allow it expressly",
            )
        self._hosted = (Hosted(make_state, issuer, means), *beside)
        self._host = host.strip("[]")
        self._port = port
        self._is_public = is_public
        self._certificate = certificate
        self._mtls = mtls
        self._latency_seconds = latency_seconds
        self._application: Application | None = None
        self._servers: list[tuple[uvicorn.Server, threading.Thread]] = []
        self.port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def issuer(self) -> str:
        """Who the first provider is; empty before the server is started."""
        return self.state.issuer if self._application is not None else ""

    @property
    def url(self) -> str:
        """The start page."""
        return self.state.reached_at + "/"

    @property
    def state(self) -> ProviderState:
        """The first provider as it is now."""
        return self._running[0].state

    @property
    def states(self) -> tuple[ProviderState, ...]:
        """All of them."""
        return tuple(provider.state for provider in self._running)

    def update(self, change: Callable[[ProviderState], ProviderState]) -> None:
        """Change the first provider between two requests."""
        self._running[0].update(change)

    def start(self) -> None:
        """Bind the port, make the state, answer.

        Raises: ConfigError, when the port is busy or the host can't be bound.
        """
        sockets = bind(self._host, self._port)
        secured: list[socket.socket] = []
        try:
            self.port = sockets[0].getsockname()[1]
            secured = bind(self._host, self._mtls.port) if self._mtls is not None else []
            ways = self._ways(self._begun(secured), sockets, secured)
        except BaseException:  # whatever it is goes on; the ports are given back first
            for bound in (*sockets, *secured):
                bound.close()
            raise
        for server, its_sockets in ways:
            thread = threading.Thread(target=server.run, args=(its_sockets,), name="oauthctl provider", daemon=True)
            thread.start()
            self._servers.append((server, thread))
            wait_for_start(server, thread)

    def _begun(self, secured: list[socket.socket]) -> tuple[ProviderState, ...]:
        """The first state of each provider, now that the ports are known."""
        origin = f"{'https' if self._certificate else 'http'}://{host_of_url(self._host)}:{self.port}"
        issuers = [hosted.issuer_at(origin) for hosted in self._hosted]
        require_distinct(issuers)
        # Behind a proxy it is reached from elsewhere, whatever it is bound to; and what is before one issuer is before all.
        is_local = not self._is_public and all(is_loopback(issuer) for issuer in issuers)
        changes: dict[str, Any] = {"is_controllable": is_local}
        if self._mtls is not None:
            changes["mtls_origin"] = f"https://{host_of_url(self._host)}:{secured[0].getsockname()[1]}"
            changes["certificate_authorities"] = self._mtls.authorities
        states = [replace(hosted.make_state(issuer), **changes) for hosted, issuer in zip(self._hosted, issuers, strict=True)]
        require_apart(states)
        places = [state.reached_at for state in states]
        return tuple(replace(state, neighbours=tuple(one for one in places if one != state.reached_at)) for state in states)

    def _ways(
        self, states: tuple[ProviderState, ...], sockets: list[socket.socket], secured: list[socket.socket]
    ) -> list[tuple[uvicorn.Server, list[socket.socket]]]:
        """What will answer at these sockets, from these states on."""
        providers = tuple(RunningProvider(state, **hosted.means) for state, hosted in zip(states, self._hosted, strict=True))
        self._application = Application(providers, is_public=self._is_public, latency_seconds=self._latency_seconds)
        tls = tls_options(https_context(self._certificate)) if self._certificate is not None else {}
        ways = [(uvicorn_server(self._application, **tls), sockets)]
        if self._mtls is not None:
            registered = tuple(dict.fromkeys(one for state in states for one in registered_certificates(state)))
            ways.append((uvicorn_server(self._application, **tls_options(server_context(self._mtls, registered))), secured))
        return ways

    def stop(self) -> None:
        """Let running answers end, close everything. Does nothing when the server does not run.

        Raises: what the handler raised, if it ever did.
        """
        self._close()
        if self._application is not None:
            failure, self._application.failure = self._application.failure, None
            if failure is not None:
                raise failure

    def _close(self) -> None:
        for server, _ in self._servers:
            server.should_exit = True
        if self._application is not None:
            self._application.end()
        for _, thread in self._servers:
            thread.join(_STOP_SECONDS)
        self._servers = []

    def run_forever(self, *, on_ready: Callable[[], None] = lambda: None, is_over: Callable[[], bool] = lambda: False) -> int:
        """Answer until Ctrl-C or a SIGTERM, or until it `is_over`; none is an exception. `on_ready` is called once it answers.

        The answer is how many requests met a bug of ours: each was told as it happened, so none is raised.
        """
        ended = threading.Event()
        with _on_termination(ended.set):
            self.start()
            try:
                on_ready()
                # Waiting in slices, because on Windows nothing interrupts a wait without an end.
                while not ended.wait(0.2) and not is_over():
                    pass
            finally:
                self._close()
        return self._application.bugs if self._application is not None else 0

    def handle(self, request: Request, *, certificate: bytes = b"") -> Response:
        """One answer of the first provider, whose state goes on; `certificate` is the client's in the TLS handshake.

        Called by one request at a time.
        """
        return self._running[0].handle(request, certificate=certificate)[0]

    @property
    def _running(self) -> tuple[RunningProvider, ...]:
        if self._application is None:
            raise RuntimeError("the server was not started")
        return self._application.providers


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
