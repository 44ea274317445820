"""What clients and browsers say to the servers: tokens for themselves, introspection, sign-ins.

Here: the requests, and that each answer is the one that is meant. Not here: sockets (`load`), processes (`servers`).
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.benchmarks.load import Answer, Connection, Conversation
from tests.benchmarks.servers import OIDC, Running

REDIRECT_URI = "http://127.0.0.1/callback"
_INTROSPECT = {OIDC: "/token/introspection"}
_AUTHORIZE = {OIDC: "/auth"}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
_PERSON = {"username": "alice", "login": "alice", "password": "alice", "decision": "allow"}
"""What a person types and presses on any of the pages; a server takes what it has asked for."""
_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
_CHALLENGE = urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Browser:
    """One browser's cookies at one server."""

    def __init__(self, server: Running) -> None:
        self._host = f"Host: 127.0.0.1:{server.port}\r\n"
        self._cookies: dict[bytes, bytes] = {}

    def get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._host}Accept: text/html\r\n{self._cookie()}\r\n".encode()

    def post(self, path: str, form: Mapping[str, str]) -> bytes:
        return _form(path, form, self._host + self._cookie())

    def keep(self, answer: Answer) -> None:
        for value in answer.headers(b"set-cookie"):
            name, _, kept = value.partition(b";")[0].partition(b"=")
            self._cookies[name] = kept

    def _cookie(self) -> str:
        if not self._cookies:
            return ""
        return "Cookie: " + "; ".join(f"{name.decode()}={value.decode()}" for name, value in self._cookies.items() if value) + "\r\n"


def client_credentials(server: Running) -> Conversation:
    """A JWT for the client itself."""
    form = {"grant_type": "client_credentials", "scope": "items.read"}
    answer = yield asked(server, "/token", form | _resource(server))
    assert answer.status == 200, answer
    assert b'"access_token"' in answer.body, answer


def introspection(server: Running, token: str) -> Conversation:
    """Whether a token counts; it does."""
    answer = yield asked(server, _INTROSPECT.get(server.name, "/introspect"), {"token": token})
    assert answer.status == 200, answer
    assert b'"active":true' in answer.body.replace(b" ", b""), answer


def code_flow(server: Running, browser: Browser | None = None) -> Conversation:
    """From the authorization request to access and ID token; a new browser signs in and consents, where the server asks for that."""
    code = yield from authorization(server, browser or Browser(server), consents=browser is None)
    answer = yield redemption(server, code)
    assert answer.status == 200, answer
    assert {"access_token", "id_token"} <= json.loads(answer.body).keys(), answer


def authorization(server: Running, browser: Browser, *, consents: bool = False) -> Generator[bytes, Answer, str]:
    """The code that a browser brings back, whatever pages lie before; `consents` asks for the consent once more."""
    answer = yield browser.get(authorization_path(server, consents=consents))
    browser.keep(answer)
    while not (location := answer.header(b"location").decode()).startswith(REDIRECT_URI):
        if location:
            parts = urlsplit(location)
            answer = yield browser.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        else:
            answer = yield browser.post(*_filled(answer))
        browser.keep(answer)
    return parse_qs(urlsplit(location).query)["code"][0]


def authorization_path(server: Running, *, consents: bool = False) -> str:
    """An authorization request that is like no other, as path and query."""
    request = {
        "response_type": "code",
        "client_id": "web",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid items.read",
        "state": secrets.token_urlsafe(16),
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": _CHALLENGE,
        "code_challenge_method": "S256",
        **({"prompt": "consent"} if consents else {}),
        **_resource(server),
    }
    return f"{_AUTHORIZE.get(server.name, '/authorize')}?{urlencode(request)}"


def redemption(server: Running, code: str) -> bytes:
    """What turns a code into tokens."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": _VERIFIER}
    return asked(server, "/token", form)


def token_of(server: Running) -> str:
    """An access token that the server knows. `oidc-provider` introspects none that are JWTs, so it gives another."""
    kind = {"resource": "urn:opaque"} if server.name == OIDC else {}
    with Connection(server.port) as connection:
        connection.send(asked(server, "/token", {"grant_type": "client_credentials", "scope": "items.read", **kind}))
        return str(json.loads(connection.receive().body)["access_token"])


def _resource(server: Running) -> dict[str, str]:
    """What makes `oidc-provider` give a JWT; the others do it anyway."""
    return {"resource": f"urn:{server.alg}"} if server.name == OIDC else {}


def _filled(answer: Answer) -> tuple[str, dict[str, str]]:
    """Where the page's first form goes, and what a person sends by it."""
    page = answer.body.decode()
    action = _ACTION.search(page)
    assert answer.status == 200, answer
    assert action is not None, answer
    fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(page)}
    return html.unescape(action.group(1)), _PERSON | fields


def asked(server: Running, path: str, form: Mapping[str, str]) -> bytes:
    """A form of the client `web`, which shows its secret."""
    credentials = b64encode(f"web:{server.secret}".encode()).decode()
    # The mock takes whoever comes; with the header it has as much to read as the others.
    return _form(path, form, f"Host: 127.0.0.1:{server.port}\r\nAuthorization: Basic {credentials}\r\n")


def json_request(server: Running, path: str, document: Mapping[str, Any]) -> bytes:
    """A document that is posted."""
    return _post(path, json.dumps(document), f"Host: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n")


def _form(path: str, form: Mapping[str, str], headers: str) -> bytes:
    return _post(path, urlencode(form), f"{headers}Content-Type: application/x-www-form-urlencoded\r\n")


def _post(path: str, body: str, headers: str) -> bytes:
    return f"POST {path} HTTP/1.1\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode()
