"""Here: whoever waits at a redirect URI when the tool isn't the one who does. Not here: reading what came."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

FAREWELL = "You can close this window."


@contextmanager
def listening(redirect_uri: str) -> Iterator[list[dict[str, str]]]:
    """Answer at a loopback redirect URI; gives the list to which the parameters of each callback are added."""
    target = urlsplit(redirect_uri)
    callbacks: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if asked.path != target.path:
                self.send_error(404)
                return
            callbacks.append({name: values[0] for name, values in parse_qs(asked.query).items()})
            body = f"<!doctype html><title>Done</title><p>{FAREWELL}</p>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent: pytest's output is for failures."""

    server = HTTPServer(("127.0.0.1", target.port or 80), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield callbacks
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
