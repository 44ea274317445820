"""`World`: everything outside that a run may use, joined in one value so that tests can give another.

Here: the value and its real parts. Not here: carrying out steps (`driver`).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias

from oauthctl import __version__
from oauthctl.errors import ConfigError
from oauthctl.flows.steps import Show
from oauthctl.http import Request, Response
from oauthctl.record.exchange import Exchange, Recording

if TYPE_CHECKING:
    from oauthctl.jose.client_certificate import ClientCertificate
    from oauthctl.shell.callback import CallbackListener
    from oauthctl.shell.notification import NotificationListener
    from oauthctl.shell.offered import OfferListener
    from oauthctl.shell.paste import Paste

Sink: TypeAlias = Callable[[bytes], None]
StreamTo: TypeAlias = Callable[[Response], Sink | None]
Asker: TypeAlias = Callable[[str, bool], str]


class Sender(Protocol):
    """What a transport can do; `shell.transport.Transport` is the real one."""

    def completed(self, request: Request) -> Request:
        """The request as it truly goes out."""

    def send(self, request: Request, *, timeout_seconds: float, stream_to: StreamTo | None = None) -> tuple[Response, float]:
        """The answer, and the seconds that it took."""

    def prepare(self, url: str) -> None:
        """Open a connection for the next request there."""

    def close(self) -> None:
        """Close all connections."""


def utc_now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def _nobody_to_visit(url: str) -> None:
    raise ConfigError("this command has no browser to hand a URL to", slug="no-browser")


def _nobody_to_show(step: Show) -> None:
    raise ConfigError(f"this command has nobody to show the page `{step.verification_uri}` to", slug="no-person")


def _nobody_to_ask(question: str, secret: bool) -> str:
    raise ConfigError(f"nobody can be asked: {question}", slug="no-input")


def _nothing(exchange: Exchange) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class World:
    """What a run may use, and the recording that it writes.

    `certified` sends what the client's certificate is presented with, over connections of its own; `certificate` is its thumbprint.
    `visit` hands a URL to the person (prints it, opens a browser) and returns at once: the callback's page is held until the run is over.
    `stream_to` is where a streamed answer's body goes. `on_begun` is told of each request before it is sent, `on_exchange` of each exchange
    when it is over; of a callback twice, when it came and when it was answered. `timeout_seconds` is for each request,
    `callback_timeout_seconds` for the person at the browser.
    """

    transport: Sender
    certified: Sender | None = None
    certificate: str = ""
    visit: Callable[[str], None] = _nobody_to_visit
    ask: Asker = _nobody_to_ask
    show: Callable[[Show], None] = _nobody_to_show
    listener: CallbackListener | None = None
    paste: Paste | None = None
    notifications: NotificationListener | None = None
    offers: OfferListener | None = None
    stream_to: StreamTo | None = None
    on_begun: Callable[[Exchange], None] = _nothing
    on_exchange: Callable[[Exchange], None] = _nothing
    timeout_seconds: float = 30.0
    callback_timeout_seconds: float = 300.0
    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep  # a test puts its own in this place
    token: Callable[[int], str] = secrets.token_urlsafe
    recording: Recording = field(default_factory=lambda: Recording(tool_version=__version__))
    open_callback: Exchange | None = None

    def record(self, exchange: Exchange) -> Exchange:
        """Write the exchange into the recording, in the place of the one with its id, and tell `on_exchange`."""
        self.recording = self.recording.with_exchange(exchange)
        self.on_exchange(exchange)
        return exchange

    def close(self) -> None:
        """Close the listeners and all connections."""
        if self.listener is not None:
            self.listener.close()
        if self.notifications is not None:
            self.notifications.close()
        if self.offers is not None:
            self.offers.close()
        self.transport.close()
        if self.certified is not None:
            self.certified.close()


def live_world(environ: Mapping[str, str], *, ca_file: str = "", timeout_seconds: float = 30.0) -> World:
    """A world with the real network; the rest is set by the command that needs it."""
    from oauthctl.shell.transport import Transport

    return World(Transport(environ, ca_file=ca_file), timeout_seconds=timeout_seconds)


def present(world: World, certificate: ClientCertificate, environ: Mapping[str, str], *, ca_file: str = "") -> None:
    """Let the world have this certificate for the requests that want one; all others stay without it."""
    from oauthctl.shell.transport import Transport

    if world.certified is not None:
        world.certified.close()
    world.certified = Transport(environ, ca_file=ca_file, client_certificate=certificate)
    world.certificate = certificate.thumbprint


def asker(stdin: TextIO, stderr: TextIO, *, can_ask: bool, flag: str) -> Asker:
    """Asks at the terminal, on stderr; where nobody can be asked it names the `flag` that answers instead."""

    def ask(question: str, secret: bool) -> str:
        if not can_ask:
            raise ConfigError(
                f"nobody can be asked here: {question}",
                slug="no-input",
                notes=("stdin is no terminal, or `--no-input`",),
                help=f"give {flag}",
            )
        if secret:
            from getpass import getpass

            return getpass(f"{question}: ", stderr)
        stderr.write(f"{question}: ")
        stderr.flush()
        line = stdin.readline()
        if not line:
            raise ConfigError(f"no answer came: {question}", slug="no-input", help=f"give {flag}")
        return line.rstrip("\r\n")

    return ask
