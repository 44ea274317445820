"""The steps that a flow yields, and one typed helper for each.

Here: what a flow may ask of the world. Not here: how it is carried out (`shell.driver`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from oauthctl.http import Request
from oauthctl.record.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request; the answer is its `Exchange`, whose `response` is set. Redirects are not followed.

    With `stream`, the body of a successful answer goes to the command's sink as it arrives and is not in the exchange. With `may_fail`, no
    answer is an answer too: the exchange has a `failure` instead of a response, and the flow goes on. `with_certificate` presents the
    client's certificate in the TLS handshake, on a connection that no other request gets.
    """

    request: Request
    purpose: str
    stream: bool = False
    may_fail: bool = False
    with_certificate: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What the server comes to fetch from us: where, as what, and the thing itself."""

    uri: str
    content_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """Hand a URL to the person's browser; the answer is an `Exchange` without a response. The `offer` can be had from then on."""

    url: str
    purpose: str
    offer: Offer | None = None


Opened: TypeAlias = Callable[[str], str]


def unopened(encrypted: str) -> str:
    """What a client without a key sees of an encrypted answer: nothing."""
    return ""


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for the callback; the answer is the callback's `Exchange`, whose reply stays open until the run is over.

    `state` is what the right answer must carry; an answer with another one is refused and the waiting goes on. `response_mode` is `query`,
    `form_post` or `fragment`, or one of these in a JWT. `keep_open` are URLs whose servers will be asked next: connections to them are kept
    open meanwhile. `brings` are the parameters that are promised. `opened` gives what is inside of an encrypted answer, and an empty text
    where the client has no key that opens it.
    """

    redirect_uri: str
    state: str
    response_mode: str = "query"
    keep_open: tuple[str, ...] = ()
    brings: tuple[str, ...] = ("code",)
    opened: Opened = field(default=unopened, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the person; the answer is a `str`. `secret` hides what is typed."""

    question: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """Show the person where to go with another device, and the code to type there; nothing is awaited.

    `complete_uri` has the code in it already, and is empty where the server gives none. `seconds` is how long both are good for.
    Source: RFC 8628 section 3.3.
    """

    verification_uri: str
    user_code: str
    complete_uri: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class AwaitPing:
    """Wait for the provider's word that the person has decided; the answer is its `Exchange`, or None when none came within `seconds`.

    It comes to `place`. Only one that shows `token` and names `auth_req_id` is right: any other is refused, and the waiting goes on.
    Source: OpenID Connect CIBA Core 1.0 section 10.2.
    """

    place: str
    token: str = field(repr=False)
    auth_req_id: str = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class Draw:
    """Draw the time and a random value, which a flow can't make by itself; the answer is a `Drawn`."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """This moment, aware, in UTC, and 43 characters that nobody can guess and no other drawing gets."""

    now: datetime
    random: str = field(repr=False)


BARE_CODE = "X-Oauthctl-Pasted"
"""Marks a callback made from a code that the person typed alone: it has no `state`, and nothing proves whose answer it is."""

Step: TypeAlias = Send | Visit | Listen | Wait | Ask | Show | AwaitPing | Draw
T = TypeVar("T")
Flow: TypeAlias = Generator[Step, Any, T]


def send(request: Request, purpose: str, *, stream: bool = False, may_fail: bool = False) -> Flow[Exchange]:
    """Send a request and give its exchange, whose response is set unless it `may_fail`."""
    exchange: Exchange = yield Send(request, purpose, stream=stream, may_fail=may_fail)
    return exchange


def visit(url: str, purpose: str = "authorization", *, offer: Offer | None = None) -> Flow[Exchange]:
    """Hand a URL to the browser."""
    exchange: Exchange = yield Visit(url, purpose, offer)
    return exchange


def listen(step: Listen) -> Flow[Exchange]:
    """Wait for the callback that carries the right state."""
    exchange: Exchange = yield step
    return exchange


def wait(seconds: float) -> Flow[None]:
    """Let time pass."""
    yield Wait(seconds)


def ask(question: str, *, secret: bool = False) -> Flow[str]:
    """Ask the person."""
    answer: str = yield Ask(question, secret=secret)
    return answer


def show(step: Show) -> Flow[None]:
    """Show the person where to go with another device."""
    yield step


def await_ping(step: AwaitPing) -> Flow[Exchange | None]:
    """Wait for the provider's word that the person has decided."""
    exchange: Exchange | None = yield step
    return exchange


def draw() -> Flow[Drawn]:
    """Draw this moment and a random value."""
    drawn: Drawn = yield Draw()
    return drawn
