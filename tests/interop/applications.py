"""Here: two small applications that let people sign in, as the browser's other side. Not here: the servers, the browser.

One is a page whose script does everything (PKCE, the token request, userinfo), the other a site that redeems the code out of sight.
Both make the requests that real ones make beside: a script, a style sheet, a picture, a call that is refused before anybody signed in.
"""

from __future__ import annotations

import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import httpx

from tests.interop.forms import Button, Form

WELCOME = "Welcome, "
SIGN_IN = Form(button=Button("act", "sign-in"))
"""What to press on the page of the application whose script does everything."""

_PAGE = "<!doctype html><meta charset=utf-8><title>App</title><link rel=stylesheet href=/app.css><p id=who>Nobody yet</p>{more}"
_BUTTON = "<form><button name=act value=sign-in>Sign in</button></form>"
_SCRIPT = """
const order = ORDER;
const kept = sessionStorage;
const encoded = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=/g, '');
const random = () => encoded(crypto.getRandomValues(new Uint8Array(32)));
const start = async () => {
  await fetch('/api/session');
  const metadata = await (await fetch(order.metadata_url)).json();
  const verifier = random();
  const sent = { ...order.parameters, response_type: 'code', client_id: order.client_id, redirect_uri: order.redirect_uri,
    scope: order.scope, state: random(), nonce: random(), code_challenge_method: 'S256',
    code_challenge: encoded(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))) };
  kept.setItem('txn', JSON.stringify({ metadata, verifier, state: sent.state }));
  location.assign(`${metadata.authorization_endpoint}?${new URLSearchParams(sent)}`);
};
const finish = async (back) => {
  const { metadata, verifier, state } = JSON.parse(kept.getItem('txn'));
  if (back.get('state') !== state) throw new Error('another state');
  history.replaceState(null, '', '/callback');
  const form = new URLSearchParams({ grant_type: 'authorization_code', code: back.get('code'), redirect_uri: order.redirect_uri,
    client_id: order.client_id, code_verifier: verifier });
  const tokens = await (await fetch(metadata.token_endpoint, { method: 'POST', body: form })).json();
  await (await fetch(metadata.jwks_uri)).json();
  const headers = { Authorization: `Bearer ${tokens.access_token}` };
  const person = await (await fetch(metadata.userinfo_endpoint, { headers })).json();
  navigator.sendBeacon('/stats?code=APP-1&state=signed-in', 'x');
  document.querySelector('#who').textContent = `Welcome, ${person.sub}`;
};
const back = new URLSearchParams(location.search || location.hash.slice(1));
document.querySelector('form')?.addEventListener('submit', (event) => { event.preventDefault(); start(); });
if (location.pathname === '/callback') addEventListener('load', () => finish(back));
"""


@dataclass(slots=True)
class Application:
    """A running application: where it starts, and for which server. `parameters` go with its authorization request."""

    port: int
    metadata_url: str = ""
    client_id: str = ""
    secret: str = ""
    scope: str = "openid profile"
    parameters: dict[str, str] = field(default_factory=dict)
    is_page: bool = False
    waiting: dict[str, tuple[str, str]] = field(default_factory=dict)
    signed_in: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def redirect_uri(self) -> str:
        return f"{self.url}callback"


@contextmanager
def application(*, is_page: bool) -> Iterator[Application]:
    """Run one on loopback; its server and client may be told before the first visit."""
    running = Application(0, is_page=is_page)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            (_page if is_page else _site)(running, self)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = parse_qs(self.rfile.read(length).decode())
            if urlsplit(self.path).path == "/callback":
                _redeem(running, self, {name: values[0] for name, values in form.items()})
            else:
                _answer(self, 204)

        def log_message(self, *_: object) -> None:
            """Stay silent: pytest's output is for failures."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _page(app: Application, handler: BaseHTTPRequestHandler) -> None:
    path = urlsplit(handler.path).path
    if path == "/app.js":
        order = {
            "metadata_url": app.metadata_url,
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "scope": app.scope,
            "parameters": app.parameters,
        }
        _answer(handler, 200, _SCRIPT.replace("ORDER", json.dumps(order), 1), "text/javascript; charset=utf-8")
    elif path in ("/", "/callback"):
        _answer(
            handler,
            200,
            _PAGE.format(more=f"{_BUTTON if path == '/' else ''}<img src=/missing.png alt><script src=/app.js></script>"),
            "text/html",
        )
    else:
        _asset(handler, path)


def _site(app: Application, handler: BaseHTTPRequestHandler) -> None:
    asked = urlsplit(handler.path)
    who = app.signed_in.get(_cookie(handler, "sid"))
    if asked.path == "/callback":
        _redeem(app, handler, {name: values[0] for name, values in parse_qs(asked.query).items()})
    elif asked.path != "/":
        _asset(handler, asked.path)
    elif who:
        _answer(handler, 200, _PAGE.format(more=f"<p>{WELCOME}{who}</p><img src=/missing.png alt>"), "text/html")
    else:
        _send_to_sign_in(app, handler)


def _send_to_sign_in(app: Application, handler: BaseHTTPRequestHandler) -> None:
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    app.waiting[state] = verifier, _metadata(app)["authorization_endpoint"]
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    sent = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": app.scope,
        "state": state,
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **app.parameters,
    }
    headers = {
        "Location": f"{app.waiting[state][1]}?{urlencode(sent)}",
        "Set-Cookie": f"txn={state}; Path=/; HttpOnly; SameSite=Lax",
    }
    _answer(handler, 302, headers=headers)


def _redeem(app: Application, handler: BaseHTTPRequestHandler, back: dict[str, str]) -> None:
    """Take the code to the token endpoint, out of the browser's sight."""
    verifier, _ = app.waiting.pop(back.get("state", ""), ("", ""))
    if not verifier or "code" not in back:
        _answer(handler, 400, f"<p>{json.dumps(back)}</p>", "text/html")
        return
    metadata = _metadata(app)
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": app.redirect_uri, "code_verifier": verifier}
    with httpx.Client(trust_env=False, timeout=10) as client:
        # RFC 6749 section 2.3.1: both are form-encoded before they go into HTTP Basic.
        tokens = client.post(metadata["token_endpoint"], data=form, auth=(quote_plus(app.client_id), quote_plus(app.secret))).json()
        person = client.get(metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    session = secrets.token_urlsafe(16)
    app.signed_in[session] = person["sub"]
    _answer(handler, 303, headers={"Location": "/", "Set-Cookie": f"sid={session}; Path=/; HttpOnly; SameSite=Lax"})


def _metadata(app: Application) -> dict[str, str]:
    with httpx.Client(trust_env=False, timeout=10) as client:
        found: dict[str, str] = client.get(app.metadata_url).json()
        return found


def _asset(handler: BaseHTTPRequestHandler, path: str) -> None:
    if path == "/app.css":
        _answer(handler, 200, "p{color:#333}", "text/css")
    elif path == "/api/session":
        _answer(handler, 401, '{"message": "nobody is signed in"}', "application/json")
    else:
        _answer(handler, 404, "<h1>Not Found</h1>", "text/html")


def _cookie(handler: BaseHTTPRequestHandler, name: str) -> str:
    pairs = (part.strip().partition("=") for part in (handler.headers.get("Cookie") or "").split(";"))
    return next((value for known, _, value in pairs if known == name), "")


def _answer(handler: BaseHTTPRequestHandler, status: int, body: str = "", kind: str = "", headers: dict[str, str] | None = None) -> None:
    content = body.encode()
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    if kind:
        handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
