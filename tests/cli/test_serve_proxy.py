"""A provider behind a reverse proxy that ends TLS: `--issuer` says what the proxy is called, and has a path."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from oauthctl.cli.practice_https import PracticeHttps, practice_https
from oauthctl.provider.client import practice_clients, practice_users
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.client_certificate import load_into
from oauthctl.shell.serve import Hosted, Server
from tests.cli.person import ALICE, isolated, oauthctl_with
from tests.cli.running import oauthctl
from tests.interop.pages import Page, browse
from tests.provider.world import keys

_OF_ONE_HOP = ("connection", "keep-alive", "transfer-encoding", "host", "date", "server")
SCOPE = "openid items.read offline_access"


class Proxy(ThreadingHTTPServer):
    """Ends TLS and hands each request on as it is, but for the host, which it may replace as nginx does by itself."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarding)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.upstream = 0
        self.keeps_host = True


class _Forwarding(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        target = f"127.0.0.1:{self.server.upstream}"
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
        headers["Host"] = self.headers["host"] if self.server.keeps_host else target
        connection = http.client.HTTPConnection(target, timeout=5)
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_ONE_HOP:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        connection.close()

    do_POST = do_GET

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the tests' stderr is not for this."""


def _state(issuer: str) -> ProviderState:
    state = new_state(issuer, clients=practice_clients(secret="s"), users=practice_users(), keys=keys())
    return replace(state, requires_dpop_nonce=True)


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> PracticeHttps:
    return practice_https(str(tmp_path_factory.mktemp("proxy")), host="127.0.0.1", issuers=(), now=datetime.now(UTC))


@contextmanager
def proxied(https: PracticeHttps, *paths: str, keeps_host: bool = True) -> Iterator[tuple[str, ...]]:
    """The issuers with these paths, behind one proxy."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load_into(context, https.certificate)
    with Proxy(context) as proxy:
        issuers = tuple(f"https://localhost:{proxy.server_port}{path}" for path in paths)
        with Server(_state, issuer=issuers[0], beside=tuple(Hosted(_state, one) for one in issuers[1:])) as server:
            proxy.upstream, proxy.keeps_host = server.port, keeps_host
            thread = threading.Thread(target=partial(proxy.serve_forever, 0.02))
            thread.start()
            try:
                yield issuers
            finally:
                proxy.shutdown()
                thread.join(5)


@pytest.mark.parametrize("keeps_host", [True, False], ids=["host kept", "host replaced"])
def test_whole_flows_go_through_a_proxy(https: PracticeHttps, tmp_path: Path, keeps_host: bool) -> None:
    trust = {"SSL_CERT_FILE": str(https.authority_file)}
    seen: list[httpx.Response] = []
    with proxied(https, "/auth/team", keeps_host=keeps_host) as (issuer,):
        words = ("login", issuer, "--client-id", "public", "--scope", SCOPE, "--dpop", "--par", "always", "-p", "team")
        ran, _ = oauthctl_with(lambda url: _signed_in(url, https, seen), *words, folder=tmp_path, environ=trust)
        assert ran.code == 0, ran.err
        # A proof names the URL that the client asks for, not the one that the provider is asked at (RFC 9449 section 4.3).
        called = oauthctl("call", f"{issuer}/api/vault", "-p", "team", environ=isolated(tmp_path) | trust)
        assert called.code == 0, called.err
    assert json.loads(called.out)["for"] == "alice"
    assert seen
    assert all(str(answer.url).startswith(f"{issuer}/") for answer in seen)
    cookies = [cookie for answer in seen for cookie in answer.headers.get_list("set-cookie")]
    assert cookies
    assert all("; Path=/auth/team; HttpOnly; SameSite=Lax; Secure" in cookie for cookie in cookies)


def test_several_issuers_share_a_proxy(https: PracticeHttps, tmp_path: Path) -> None:
    trust = {"SSL_CERT_FILE": str(https.authority_file)}
    with proxied(https, "/one", "/two") as issuers:
        for issuer in issuers:
            words = ("login", issuer, "--client-id", "public")
            ran, _ = oauthctl_with(lambda url: _signed_in(url, https, []), *words, folder=tmp_path, environ=trust)
            assert ran.code == 0, ran.err
            assert f"signed in at {issuer}\n" in ran.err


def _signed_in(url: str, https: PracticeHttps, seen: list[httpx.Response]) -> Page:
    context = ssl.create_default_context(cafile=str(https.authority_file))
    ours = url.partition("/authorize")[0]
    hooks = {"response": [lambda answer: seen.append(answer) if str(answer.url).startswith(ours) else None]}
    with httpx.Client(verify=context, trust_env=False, timeout=5, event_hooks=hooks) as browser:
        return browse(url, ALICE, client=browser)
