"""`NotificationListener`: waits at the client's notification endpoint for the provider's word that a person has decided (CIBA, ping mode).

Here: which request is that word, and what every other one is told. Not here: sockets (`loopback_server`), what follows from it
(`flows.ciba`).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable

from oauthctl.http import Headers, Request, Response
from oauthctl.shell.awaited import Awaited, Refusal
from oauthctl.shell.loopback_server import SLOW_SECONDS, LoopbackServer
from oauthctl.shell.loopback_sockets import bind
from oauthctl.shell.redirect_uri import RedirectUri, read_redirect_uri

NAME = "notification endpoint"


class NotificationListener:
    """Listens on this machine alone. `open` binds; `wait` says which word is the right one, and gives it; `close` leaves no port open.

    What comes before anybody waits is held until then. The `Host` is not looked at: a tunnel may stand before this, and the token is what
    proves the provider. Source: OpenID Connect CIBA Core 1.0 section 10.2.
    """

    def __init__(self, uri: str, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self.uri = uri
        self._place: RedirectUri | None = None
        self._slow_seconds = slow_seconds
        self._awaited = Awaited()
        self._server: LoopbackServer | None = None
        self._expected: tuple[bytes, bytes] | None = None

    def open(self) -> str:
        """Bind, begin to listen, and give the address with its port."""
        place = read_redirect_uri(self.uri, name=NAME)
        sockets = bind(place)
        port = sockets[0].getsockname()[1]
        self._place, self.uri = place, self.uri if place.port else place.at(port)
        self._server = LoopbackServer(sockets, self._judge, Response, slow_seconds=self._slow_seconds)
        self._server.start()
        return self.uri

    def wait(self, token: str, auth_req_id: str, seconds: float, *, on_refused: Callable[[Refusal], None]) -> Request | None:
        """The request that shows the token and names the reference; None when it does not come in time. The others are told of."""
        with self._awaited.lock:
            self._expected = (token.encode(), auth_req_id.encode())
        if self._server is not None:
            self._server.reconsider()
        return self._awaited.wait(seconds, on_refused=on_refused)

    @property
    def refused(self) -> list[Refusal]:
        """The requests that were not the provider's word."""
        return self._awaited.refused

    def unreported(self) -> tuple[Refusal, ...]:
        """The refusals that nobody was told of yet; each is given once."""
        return self._awaited.unreported()

    def close(self) -> None:
        """Stop listening."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _judge(self, request: Request) -> Response | None:
        """The answer to a request, or None to hold it. Called in the server's thread."""
        with self._awaited.lock:
            if self._place is None or request.path != self._place.requested_path:
                return Response(404)
            if request.method != "POST":
                return Response(405, Headers.of({"Allow": "POST"}))
            if self._expected is None:
                return None
            problem = self._problem(request, *self._expected)
            if problem is not None:
                return self._refuse(request, *problem)
            if self._awaited.accepted is None:
                self._awaited.accept(request)
            return Response(204)

    @staticmethod
    def _problem(request: Request, token: bytes, auth_req_id: bytes) -> tuple[Response, str, str] | None:
        """What is wrong with a notification; the token first, so that nobody without it learns anything."""
        scheme, _, shown = (request.headers.get("authorization") or "").strip().partition(" ")
        if scheme.lower() != "bearer" or not shown.strip():
            return _challenge(""), "notification-token-missing", "it shows no token"
        if not hmac.compare_digest(shown.strip().encode("utf-8", "surrogatepass"), token):
            return _challenge("invalid_token"), "notification-token-differs", "its token is not the one that was sent"
        named = _named(request.body)
        if not named:
            return Response(400), "notification-unreadable", "it names no `auth_req_id`"
        if not hmac.compare_digest(named.encode("utf-8", "surrogatepass"), auth_req_id):
            return Response(400), "notification-request-differs", "it names another request"
        return None

    def _refuse(self, request: Request, response: Response, slug: str, why: str) -> Response:
        self._awaited.refuse(Refusal(request, response, slug, why))
        return response


def _challenge(error: str) -> Response:
    """Source: RFC 6750 section 3.1."""
    return Response(401, Headers.of({"WWW-Authenticate": f'Bearer error="{error}"' if error else "Bearer"}))


def _named(body: bytes) -> str:
    """The `auth_req_id` of a notification; empty where there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    named = value.get("auth_req_id") if isinstance(value, dict) else None
    return named if isinstance(named, str) else ""
