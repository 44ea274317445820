"""`OfferListener`: hands out what a server is to fetch from us while a person is at its page (a request object by reference).

Here: who gets it, and what every other request is told. Not here: sockets (`loopback_server`), what is offered (`flows.request_object`).
"""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

from oauthctl.errors import ConfigError
from oauthctl.flows.steps import Offer
from oauthctl.http import Headers, Request, Response, is_loopback, is_safe_for_secrets
from oauthctl.shell.loopback_server import SLOW_SECONDS, LoopbackServer
from oauthctl.shell.loopback_sockets import bind
from oauthctl.shell.redirect_uri import read_redirect_uri

NAME = "request URI"
DEFAULT_URI = "http://127.0.0.1/request.jwt"
_FETCHES_KEPT = 50


class OfferListener:
    """Listens on this machine alone, at the URL itself, or at `port` where a tunnel leads from a URL elsewhere.

    `open` binds; `offer` says what is there; `fetched` gives what was asked since; `close` leaves no port open. Only requests for the URL's
    own host are answered: a page whose name was bent to this machine (DNS rebinding) must not read a `state`.
    """

    def __init__(self, uri: str = "", *, port: int = 0, slow_seconds: float = SLOW_SECONDS) -> None:
        self.uri = uri or DEFAULT_URI
        self._port = port
        self._slow_seconds = slow_seconds
        self._lock = threading.Lock()
        self._server: LoopbackServer | None = None
        self._hosts: frozenset[str] = frozenset()
        self._path = ""
        self._offer: Offer | None = None
        self._fetches: list[tuple[Request, Response]] = []

    def open(self) -> str:
        """Bind, begin to listen, and give the URL with its port."""
        is_here = is_loopback(self.uri)
        _check(self.uri, self._port)
        parts = urlsplit(self.uri)
        place = read_redirect_uri(self.uri if is_here else f"http://127.0.0.1:{self._port}{parts.path}", name=NAME)
        sockets = bind(place)
        port = sockets[0].getsockname()[1]
        self._hosts = place.hosts(port) if is_here else place.hosts(port) | {parts.netloc.lower()}
        self._path = place.requested_path
        self.uri = place.at(port) if is_here and place.port == 0 else self.uri
        self._server = LoopbackServer(sockets, self._judge, Response, slow_seconds=self._slow_seconds)
        self._server.start()
        return self.uri

    def offer(self, offer: Offer) -> None:
        """Hand this out from now on."""
        with self._lock:
            self._offer = offer

    def fetched(self) -> tuple[tuple[Request, Response], ...]:
        """The requests that came since, with what they were told; each is given once."""
        with self._lock:
            news, self._fetches = tuple(self._fetches), []
        return news

    def close(self) -> None:
        """Stop listening."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _judge(self, request: Request) -> Response:
        """The answer to a request. Called in the server's thread."""
        with self._lock:
            response = self._answer(request)
            if len(self._fetches) < _FETCHES_KEPT:
                self._fetches.append((request, response))
        return response

    def _answer(self, request: Request) -> Response:
        hosts = request.headers.all("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return Response(421)
        if self._offer is None or request.path != self._path:
            return Response(404)
        if request.method not in ("GET", "HEAD"):
            return Response(405, Headers.of({"Allow": "GET, HEAD"}))
        headers = Headers.of({"Content-Type": self._offer.content_type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
        return Response(200, headers, self._offer.body if request.method == "GET" else b"")


def _check(uri: str, port: int) -> None:
    """Source: RFC 9101 section 5.2: https. OpenID Connect Core 1.0 section 6.2 lets a signed one be anywhere: only on this machine here."""
    is_here = is_loopback(uri)
    if not is_safe_for_secrets(uri) or "#" in uri:
        raise ConfigError(
            f"`{uri}` can't be a request URI: it has to be https, or http on this machine, without a fragment",
            slug="request-uri-unusable",
            spec="RFC 9101 section 5.2",
        )
    if not is_here and not port:
        raise ConfigError(
            f"nothing of ours listens at `{uri}`",
            slug="request-uri-unusable",
            help="name the port on this machine to which it leads: `--request-port N`",
        )
