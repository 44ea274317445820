"""`Handover`: brings the browser to a URL that holds a secret, without the URL standing in a command line or on the terminal.

Here: one redirect, given once, at an address on this machine that nobody can guess. Not here: opening the browser (`browser`), sockets
(`loopback_server`).
"""

from __future__ import annotations

import hmac
import threading
from time import monotonic

from oauthctl.http import Headers, Request, Response
from oauthctl.shell.callback_page import Page, error_page, render
from oauthctl.shell.loopback_server import PREFETCH_HEADERS, SLOW_SECONDS, LoopbackServer
from oauthctl.shell.loopback_sockets import bind
from oauthctl.shell.redirect_uri import read_redirect_uri

_WAIT_SECONDS = 1.0
"""Windows does not interrupt a waiting thread with Ctrl-C, so no single wait is long."""


class Handover:
    """Leads whoever comes first to `target`; `secret_path` is fresh randomness.

    A redirect and no form: a page of another site that posts would leave the provider's `SameSite=Lax` cookies behind, and with them the
    session that is to end. Whoever can read the browser's command line could come first; then the person sees that, and not the target.
    """

    def __init__(self, target: str, *, secret_path: str, slow_seconds: float = SLOW_SECONDS) -> None:
        self._target = target
        self._path = f"/{secret_path}"
        self._slow_seconds = slow_seconds
        self._hosts: frozenset[str] = frozenset()
        self._server: LoopbackServer | None = None
        self._taken = threading.Event()

    def open(self) -> str:
        """Listen, and give the address for the browser."""
        uri = read_redirect_uri(f"http://127.0.0.1{self._path}")
        sockets = bind(uri)
        port = sockets[0].getsockname()[1]
        self._hosts = frozenset((f"127.0.0.1:{port}",))
        self._server = LoopbackServer(sockets, self._answer, error_page, slow_seconds=self._slow_seconds)
        self._server.start()
        return uri.at(port)

    def wait(self, timeout_seconds: float) -> bool:
        """Whether somebody came within the time."""
        ends = monotonic() + timeout_seconds
        while not self._taken.wait(max(0.0, min(_WAIT_SECONDS, ends - monotonic()))):
            if monotonic() >= ends:
                return False
        return True

    def close(self) -> None:
        """Write out what is under way and stop listening."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _answer(self, request: Request) -> Response:
        """Called in the server's thread, for one request at a time."""
        hosts = request.headers.all("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return render(Page("Nothing is here", ("The request was sent to another host.",), (), "bad", 421))
        if not hmac.compare_digest(request.path.encode(), self._path.encode()) or request.method != "GET":
            return render(Page("Nothing is here", (), (), "plain", 404))
        if any(request.headers.all(name) for name in PREFETCH_HEADERS):
            return render(Page("Nothing is here yet", ("The browser only looked ahead.",), (), "plain", 503))
        if self._taken.is_set():
            text = "This address works once, and somebody was here before. If it was not you, sign out at the provider's own pages."
            return render(Page("This page was used already", (text,), (), "bad", 410))
        self._taken.set()
        return Response(303, Headers.of({"Location": self._target, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}))
