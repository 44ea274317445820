"""The providers as an ASGI application.

Here: a request as it comes, within bounds, and its answer. Not here: the sockets (`serve`), which provider it is for
(`provider.issuers`), what is answered (`running_provider`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from oauthctl.http import Headers, Request, Response, is_loopback_host
from oauthctl.provider.delivery import Delivery
from oauthctl.provider.issuers import chosen, issuers_page
from oauthctl.shell.running_provider import RunningProvider
from oauthctl.shell.serve_connection import ABORT, CERTIFICATE, MAX_HEAD
from oauthctl.shell.serve_delivery import Emit, Receive, deliver, head_of

MAX_BODY = 1024 * 1024
BODY_SECONDS = 10.0


class Application:
    """What answers for one provider or several, each with an issuer of its own.

    `latency_seconds` is waited before each answer; `is_public` lets any host be asked for.
    `failure` is the first exception that escaped from an answer.
    """

    def __init__(self, providers: tuple[RunningProvider, ...], *, is_public: bool, latency_seconds: float) -> None:
        self.providers = providers
        self._issuers = tuple(provider.state.reached_at for provider in providers)
        self._is_public = is_public
        self._latency_seconds = latency_seconds
        self.failure: Exception | None = None

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, emit: Emit) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]))
        now, delivery = self.providers[0].now, None
        try:
            response, delivery = await self._answer(scope, headers, receive)
            head = head_of(response, now)
        except Exception as error:  # noqa: BLE001 - a bug of ours: the log tells it, the browser gets an answer, `stop` raises it
            self._tell_bug(error, Request(scope["method"], _url(scope, headers.get("host") or ""), headers))
            response = _plain(500, "the provider has a bug")
            head, delivery = head_of(response, now), None
        await deliver(response, emit, head=head, abort=scope[ABORT], delivery=delivery)

    def _tell_bug(self, error: Exception, request: Request) -> None:
        self.failure = self.failure or error
        self.providers[chosen(self._issuers, request) or 0].tell_bug(error, request)

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
        request = Request(scope["method"], _url(scope, host), headers, body)
        which = chosen(self._issuers, request)
        if which is None:
            return issuers_page(self._issuers, request), None
        return await self.providers[which].answer(request, certificate=scope[CERTIFICATE])

    def _is_expected_host(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return self._is_public or is_loopback_host(name) or any(name == urlsplit(issuer).hostname for issuer in self._issuers)


def _url(scope: Mapping[str, Any], host: str) -> str:
    raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    query: bytes = scope["query_string"]
    path = raw_path.decode("latin-1").partition("?")[0]
    return f"{scope['scheme']}://{host}{path}" + (f"?{query.decode('latin-1')}" if query else "")


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
