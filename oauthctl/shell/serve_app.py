"""The providers as an ASGI application.

Here: a request as it comes, within bounds, and its answer. Not here: the sockets (`serve`), which provider it is for
(`provider.issuers`), what is answered (`running_provider`).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from oauthctl.http import JSON, Headers, Request, Response, is_loopback_host
from oauthctl.provider.delivery import Delivery
from oauthctl.provider.issuers import chosen, issuers_page
from oauthctl.shell.running_provider import RunningProvider
from oauthctl.shell.serve_connection import ABORT, AUTHORITY, CERTIFICATE, MAX_HEAD
from oauthctl.shell.serve_delivery import Emit, Receive, Silences, deliver, head_of
from oauthctl.shell.serve_refusals import NotTaken, Sparing

MAX_BODY = 256 * 1024
"""Several times what the longest assertion takes; a form of this length takes some tenths of a second to decode."""
MAX_PARAMS = 1000
MAX_FIELDS = 200
_SHOWN = 200
# Source: RFC 3986 section 3.2: a host that is a name or a literal address, and a port; without user info, which `Host` never has.
_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_SERVER = "*"
"""The target that is the server as a whole. Source: RFC 9112 section 3.2.4."""
_ONCE = (b"host", b"authorization", b"content-type")


class _Gone(Exception):
    """Nobody waits for the answer: the connection ended before the request was whole."""


class Application:
    """What answers for one provider or several, each with an issuer of its own.

    `latency_seconds` is waited before each answer; `is_public` lets any host be asked for.
    `failure` is the first exception that escaped from an answer, and `bugs` counts all of them.
    """

    def __init__(self, providers: tuple[RunningProvider, ...], *, is_public: bool, latency_seconds: float) -> None:
        self.providers = providers
        self._issuers = tuple(provider.state.reached_at for provider in providers)
        self._names = frozenset(urlsplit(issuer).hostname for issuer in self._issuers)
        self._is_public = is_public
        self._latency_seconds = latency_seconds
        self._sparing = Sparing(time.monotonic)
        self._silences = Silences()
        self.failure: Exception | None = None
        self.bugs = 0

    def end(self) -> None:
        """Hold no answer back any longer: the server ends."""
        self._silences.end()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, emit: Emit) -> None:
        if scope["type"] != "http":
            return
        try:
            await self._carry_out(scope, receive, emit)
        except asyncio.CancelledError:
            # The server ends, and uvicorn would answer by 500 for us.
            scope[ABORT]()
            raise

    async def _carry_out(self, scope: Mapping[str, Any], receive: Receive, emit: Emit) -> None:
        headers = Headers(tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]))
        host = scope.get(AUTHORITY) or headers.get("host") or ""
        request = Request(scope["method"], _url(scope, host if _name_in(host) is not None else ""), headers)
        now, delivery = self.providers[0].now, None
        try:
            response, delivery = await self._answer(scope, request, receive)
            head = head_of(response, now)
        except _Gone:
            return
        except NotTaken as refusal:
            self.tell(refusal, request)
            response = refusal.response
            head = head_of(response, now)
        except Exception as error:  # noqa: BLE001 - a bug of ours: the log tells it, the browser gets an answer, `stop` raises it
            self._tell_bug(error, request)
            response = _plain(500, "the provider has a bug")
            head, delivery = head_of(response, now), None
        await deliver(response, emit, head=head, abort=scope[ABORT], silences=self._silences, delivery=delivery)

    def tell(self, refusal: NotTaken, request: Request | None = None) -> None:
        """Have the log say that a request was refused; None where not even a head was read."""
        count = self._sparing.count(refusal.status)
        if count:
            provider = self._provider_of(request) if request is not None else self.providers[0]
            provider.tell_refusal(refusal.status, refusal.reason, request, count=count)

    def _tell_bug(self, error: Exception, request: Request) -> None:
        self.failure = self.failure or error
        self.bugs += 1
        self._provider_of(request).tell_bug(error, request)

    def _provider_of(self, request: Request) -> RunningProvider:
        return self.providers[chosen(self._issuers, request) or 0]

    async def _answer(self, scope: Mapping[str, Any], request: Request, receive: Receive) -> tuple[Response, Delivery | None]:
        """Raises: NotTaken, _Gone."""
        self._check_head(scope, request.headers)
        request = Request(request.method, request.url, request.headers, await _read_body(receive))
        _check_params(request, scope["query_string"])
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)
        which = chosen(self._issuers, request)
        if scope["path"] == _SERVER:
            response, delivery = _of_server(request.method), None
        elif which is None:
            response, delivery = issuers_page(self._issuers, request), None
        else:
            response, delivery = await self.providers[which].answer(request, certificate=scope[CERTIFICATE])
        self.providers[which or 0].tell_answer(request, response)
        return response, delivery

    def _check_head(self, scope: Mapping[str, Any], headers: Headers) -> None:
        """Raises: NotTaken."""
        if len(headers) > MAX_FIELDS or sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
            raise NotTaken(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the header fields are too large, or too many")
        names = [name for name, _ in scope["headers"]]
        twice = next((name for name in _ONCE if names.count(name) > 1), None)
        if twice is not None:
            raise NotTaken(HTTPStatus.BAD_REQUEST, f"the header field {twice.decode().title()} is there more than once")
        self._check_host(scope, headers)

    def _check_host(self, scope: Mapping[str, Any], headers: Headers) -> None:
        """Raises: NotTaken."""
        host = headers.get("host")
        if host is None and scope["http_version"] == "1.1":
            raise NotTaken(HTTPStatus.BAD_REQUEST, "the header field Host is missing")
        name = _name_in(host or "")
        if name is None:
            raise NotTaken(HTTPStatus.BAD_REQUEST, "the header field Host is no host")
        authority = scope.get(AUTHORITY)
        if authority is not None:
            # Source: RFC 9112 section 3.2.2: what Host says counts no more.
            name = _name_in(authority)
            if not name:
                raise NotTaken(HTTPStatus.BAD_REQUEST, "the target of the request has no host")
        if not (self._is_public or is_loopback_host(name) or name in self._names):
            # A page of another site whose name was bent to this machine must not read our answers (DNS rebinding).
            raise NotTaken(HTTPStatus.MISDIRECTED_REQUEST, f"this server does not answer for the host {name[:_SHOWN]}")


@lru_cache(maxsize=64)
def _name_in(host: str) -> str | None:
    """The name or address in a header field `Host`, lower case; None where it is not of the form that this field has.

    Source: RFC 9112 section 3.2: such a request is answered with 400, as one with two of them, or none.
    """
    if not _HOST.fullmatch(host):
        return None
    try:
        parts = urlsplit(f"//{host}")
        return (parts.hostname or "") if parts.port != 0 else None
    except ValueError:
        return None


def _of_server(method: str) -> Response:
    """The answer about the server as a whole. Source: RFC 9110 section 9.3.7. Raises: NotTaken, where another method has that target."""
    if method != "OPTIONS":
        raise NotTaken(HTTPStatus.BAD_REQUEST, f"`*` is a target of OPTIONS alone, not of {method}")
    return Response(204, Headers((("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS"),)))


def _url(scope: Mapping[str, Any], host: str) -> str:
    raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    query: bytes = scope["query_string"]
    path = "/" if scope["path"] == _SERVER else raw_path.decode("latin-1").partition("?")[0]
    return f"{scope['scheme']}://{host}{path}" + (f"?{query.decode('latin-1')}" if query else "")


async def _read_body(receive: Receive) -> bytes:
    """The whole body. Raises: NotTaken, _Gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise NotTaken(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        if not message.get("more_body", False):
            return bytes(body)


def _check_params(request: Request, query: bytes) -> None:
    """Raises: NotTaken."""
    count = query.count(b"&") + request.body.count(b"&")
    if count >= MAX_PARAMS and not (request.headers.get("content-type") or "").startswith(JSON):
        raise NotTaken(HTTPStatus.BAD_REQUEST, f"there are more than {MAX_PARAMS} parameters")


def _plain(status: int, text: str) -> Response:
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), ("Connection", "close"))
    return Response(status, Headers(headers), f"{text}\n".encode())
