"""`Transport`: sends a request and reads the answer, within bounds of size and time.

Here: HTTP on the wire. Redirects are never followed, certificates always verified, nothing is retried. Not here: the connections
themselves (`connections`), what an answer means.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import SplitResult, quote, unquote, urlsplit

from oauthctl import __version__
from oauthctl.errors import BadAnswer, ConfigError
from oauthctl.http import Headers, Request, Response, is_loopback, origin

if TYPE_CHECKING:
    import ssl

    import httpcore

    from oauthctl.jose.client_certificate import ClientCertificate
    from oauthctl.shell.network_errors import Kind

BODY_LIMIT = 1024 * 1024
"""A thousand times what any of the protocols answers, and little enough to be searched for secrets without anybody waiting."""
_IDLE_SECONDS = 4.0
"""Many servers close an idle connection after 5 s, and a request that crosses the closing is lost."""
_PIECE = 64 * 1024
_TARGET = "".join(chr(code) for code in range(0x21, 0x7F))

Sink: TypeAlias = Callable[[bytes], None]
StreamTo: TypeAlias = Callable[[Response], Sink | None]


class Transport:
    """Sends requests over connections that it keeps. `ca_file` is a PEM file of further certificates to trust.

    `client_certificate` is presented to every server that asks for one: such a transport gets the requests alone that are meant to have it.
    `may_connect` says of an address whether it may be asked at all; nothing that a proxy connects to is seen by it.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        ca_file: str = "",
        client_certificate: ClientCertificate | None = None,
        body_limit: int = BODY_LIMIT,
        may_connect: Callable[[str], bool] | None = None,
    ) -> None:
        from oauthctl.shell.connections import Connections

        self._environ = environ or {}
        self._ca_file = ca_file
        self._client_certificate = client_certificate
        self._body_limit = body_limit
        self._connections = Connections(may_connect=may_connect)
        self._keeps_open: set[str] = set()
        self._pools: dict[tuple[str, bool], httpcore.ConnectionPool] = {}
        self._tls: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def completed(self, request: Request) -> Request:
        """The request with the headers that are sent with it unless it has them: what truly goes over the wire.

        `ConfigError` when the URL is none that HTTP can go to.
        """
        headers = request.headers
        if "Host" not in headers:
            parts, host = _taken_apart(request.url)
            ascii_url = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}" + (f":{parts.port}" if parts.port else "")
            headers = Headers((("Host", origin(ascii_url).partition("://")[2]), *headers.pairs))
        for name, value in (("User-Agent", f"oauthctl/{__version__}"), ("Accept-Encoding", "gzip, deflate")):
            headers = headers if name in headers else Headers((*headers.pairs, (name, value)))
        has_body = bool(request.body) or request.method in ("POST", "PUT", "PATCH")
        if has_body and "Content-Length" not in headers and "Transfer-Encoding" not in headers:
            headers = headers.with_("Content-Length", str(len(request.body)))
        return Request(request.method, request.url, headers, request.body)

    def send(self, request: Request, *, timeout_seconds: float, stream_to: StreamTo | None = None) -> tuple[Response, float]:
        """The answer, and the seconds until its last byte. `timeout_seconds` is for everything together.

        `stream_to` is shown the answer's head. When it gives a sink, the body goes there as it arrives, of any size, the time counts anew
        with each piece, and the response's body is empty.
        """
        import httpcore

        from oauthctl.shell.network_errors import network_error

        if self._client_certificate is not None and not request.url.lower().startswith("https:"):
            raise _without_tls(request.url)
        wire = self._wire_request(self.completed(request))
        proxy = self._proxy(request.url)
        pool = self._pool(proxy, secure=request.url.lower().startswith("https:"))
        deadline = self._connections.deadline
        began = time.monotonic()
        deadline.at = began + timeout_seconds
        wire.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), timeout_seconds)
        try:
            answer = pool.handle_request(wire)
            try:
                response = self._read(answer, timeout_seconds=timeout_seconds, stream_to=stream_to)
            finally:
                answer.close()
            if answer.extensions.get("http_version") == b"HTTP/1.1" and (response.headers.get("connection") or "").lower() != "close":
                self._keeps_open.add(origin(request.url))
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as cause:
            error = network_error(cause, request.url, kind=_kind(cause), timeout_seconds=timeout_seconds, proxy=proxy)
            if self._client_certificate is not None:
                error.notes = (*error.notes, "a server that does not accept the client certificate may end the connection like this")
            raise error from None
        finally:
            deadline.at = None
        return response, time.monotonic() - began

    def prepare(self, url: str) -> None:
        """Open a connection (TCP and TLS) to the URL's server in the background, for the next request to it; sends nothing.

        A small server on this machine may serve one connection at a time, and the browser would wait behind ours: plain HTTP to loopback is
        prepared only where an earlier answer kept its connection open.
        """
        try:
            parts, host = _taken_apart(url)
        except ConfigError:
            return  # whoever sends a request there is told
        if self._proxy(url):
            return
        secure = parts.scheme == "https"
        if not secure and is_loopback(url) and origin(url) not in self._keeps_open:
            return
        self._connections.prepare(host, parts.port or (443 if secure else 80), self._tls_context if secure else None)

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()
        for pool in self._pools.values():
            pool.close()

    def _wire_request(self, request: Request) -> httpcore.Request:
        import httpcore

        parts, host = _taken_apart(request.url)
        # Only what HTTP can't carry is encoded; the rest goes out as it was written, odd or not.
        query = quote(parts.query, safe=_TARGET)
        target = quote(parts.path or "/", safe=_TARGET) + (f"?{query}" if "?" in request.url.partition("#")[0] else "")
        url = httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target=target)
        headers = [(name.encode("utf-8"), value.encode("utf-8")) for name, value in request.headers]
        return httpcore.Request(request.method, url, headers=headers, content=request.body)

    def _proxy(self, url: str) -> str:
        from oauthctl.shell.proxies import proxy_for

        return proxy_for(url, self._environ)

    def _pool(self, proxy: str, *, secure: bool) -> httpcore.ConnectionPool:
        """The pool of connections for this way out."""
        tls = self._tls_context() if secure else None
        with self._lock:
            if (proxy, secure) not in self._pools:
                self._pools[proxy, secure] = self._new_pool(proxy, tls)
            return self._pools[proxy, secure]

    def _new_pool(self, proxy: str, tls: ssl.SSLContext | None) -> httpcore.ConnectionPool:
        import httpcore

        if not proxy:
            return httpcore.ConnectionPool(ssl_context=tls, keepalive_expiry=_IDLE_SECONDS, network_backend=self._connections)
        try:
            parts, host = _taken_apart(proxy)
        except ConfigError:
            scheme = proxy.partition(":")[0]
            raise ConfigError(
                f"a proxy like the `{scheme}://…` of the environment is not supported",
                slug="proxy-unsupported",
                help="give an `http://` proxy in `HTTPS_PROXY`, or except the host with `NO_PROXY`",
            ) from None
        return httpcore.HTTPProxy(
            proxy_url=httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target="/"),
            proxy_auth=(unquote(parts.username), unquote(parts.password or "")) if parts.username is not None else None,
            ssl_context=tls,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=self._connections,
        )

    def _tls_context(self) -> ssl.SSLContext:
        """Verifies against certifi's and the system's authorities, `SSL_CERT_FILE`, `SSL_CERT_DIR` and `ca_file`."""
        import httpx

        with self._lock:
            if self._tls is None:
                context = httpx.create_ssl_context(trust_env=False)
                context.load_default_certs()
                directory = self._environ.get("SSL_CERT_DIR") or None
                for path in filter(None, (self._environ.get("SSL_CERT_FILE"), self._ca_file)):
                    try:
                        context.load_verify_locations(cafile=path, capath=directory)
                    except OSError as cause:
                        raise ConfigError(
                            f"the certificates in `{path}` can't be read: {cause.strerror or 'it is no PEM file'}",
                            slug="ca-file-unreadable",
                        ) from None
                if self._client_certificate is not None:
                    from oauthctl.shell.client_certificate import load_into

                    load_into(context, self._client_certificate)
                    # Some servers ask for it once they know what is wanted of them (TLS 1.3).
                    context.post_handshake_auth = True
                self._tls = context
            return self._tls

    def _read(self, answer: httpcore.Response, *, timeout_seconds: float, stream_to: StreamTo | None) -> Response:
        headers = Headers(tuple((name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in answer.headers))
        version, reason = (answer.extensions.get(name, b"").decode("latin-1") for name in ("http_version", "reason_phrase"))
        head = Response(answer.status, headers, http_version=version, reason=reason)
        sink = stream_to(head) if stream_to is not None else None
        decode = _decoder(headers.get("content-encoding") or "")
        held = bytearray()
        for chunk in answer.iter_stream():
            for piece in decode(chunk):
                if sink is not None:
                    sink(piece)
                    continue
                held += piece
                if len(held) > self._body_limit:
                    raise BadAnswer(f"the answer is larger than we read ({self._body_limit // 1024} KiB)", slug="answer-too-large")
            if sink is not None:
                self._connections.deadline.at = time.monotonic() + timeout_seconds
        return replace(head, body=bytes(held))


def _without_tls(url: str) -> ConfigError:
    return ConfigError(
        f"`{url.partition('?')[0]}` is plain http, where no client certificate can be presented",
        slug="certificate-without-tls",
        spec="RFC 8705 section 2",
        notes=("of a provider's endpoints, `mtls_endpoint_aliases` of its metadata may name others, of https",),
        help="give the https address, or leave the certificate out",
    )


def _kind(cause: Exception) -> Kind:
    import httpcore

    match cause:
        case httpcore.TimeoutException():
            return "timeout"
        case httpcore.ProxyError():
            return "proxy"
        case httpcore.LocalProtocolError():
            return "request"
        case httpcore.RemoteProtocolError():
            return "answer"
        case _:
            return "connection"


def _taken_apart(url: str) -> tuple[SplitResult, str]:
    """The URL's parts, and its host as DNS and certificates spell it."""
    unusable = ConfigError(f"`{url.partition('?')[0]}` is no http or https URL", slug="url-unusable")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise unusable from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise unusable
    if host.isascii():
        return parts, host
    import httpx

    try:
        return parts, httpx.URL(url).raw_host.decode("ascii")
    except httpx.InvalidURL:
        raise unusable from None


def _decoder(encoding: str) -> Callable[[bytes], Iterator[bytes]]:
    """Undoes a content encoding piece by piece, at most 64 KiB each, so that a bomb is met before it has gone off."""
    names = [name.strip().lower() for name in encoding.split(",") if name.strip().lower() not in ("", "identity")]
    if names not in (["gzip"], ["x-gzip"], ["deflate"]):
        return lambda chunk: iter((chunk,))
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    is_first = True

    def decode(chunk: bytes) -> Iterator[bytes]:
        nonlocal inflater, is_first
        # Some servers mean raw deflate by `deflate`, without zlib's header, whose first byte is 8 in its lower half.
        if is_first and names == ["deflate"] and chunk and chunk[0] & 0x0F != 8:
            inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        is_first, rest, piece = is_first and not chunk, chunk, b""
        while rest or len(piece) == _PIECE:
            try:
                piece = inflater.decompress(rest, _PIECE)
            except zlib.error:
                raise BadAnswer(f"the answer says `Content-Encoding: {names[0]}` and is not", slug="answer-malformed") from None
            if piece:
                yield piece
            rest = inflater.unconsumed_tail

    return decode
