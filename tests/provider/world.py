"""A provider, a browser and a client in memory, for the tests of this folder."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import urljoin, urlsplit

from oauthctl.http import FORM, Headers, Params, Request, Response, with_query
from oauthctl.jose.jwk import Jwk, generate
from oauthctl.messages.client_auth import basic_credentials
from oauthctl.provider.client import Client, practice_clients, practice_users
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState, new_state

ISSUER = "http://127.0.0.1:9000"
SECRET = "practice secret/+%:"
CALLBACK = "http://127.0.0.1:49152/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Verifier and challenge of RFC 7636 appendix B."""
_NUMBERS = count()
"""No two worlds have the same randomness."""
START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@cache
def keys() -> tuple[Jwk, ...]:
    """Keys are slow to make, and no test changes them."""
    return generate("RS256"), generate("ES256")


def practice_state(issuer: str = ISSUER, **changes: Any) -> ProviderState:
    """The practice provider."""
    state = new_state(issuer, clients=practice_clients(secret=SECRET), users=practice_users(), keys=keys())
    return replace(state, **changes)


def with_client(state: ProviderState, client_id: str, **changes: Any) -> ProviderState:
    """The provider with this client changed, or added when it is not known yet."""
    client = replace(state.clients.get(client_id) or Client(client_id), **changes)
    return replace(state, clients={**state.clients, client_id: client})


class World:
    """A provider whose clock and randomness the test holds, and one browser with its cookies."""

    def __init__(self, state: ProviderState | None = None) -> None:
        self.state = state or practice_state()
        self.now = START
        self.cookies: dict[str, str] = {}
        self.number = next(_NUMBERS)
        self.count = 0

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> Response:
        """One request without cookies."""
        self.count += 1
        moment = Moment(self.now, hashlib.sha256(f"{self.number}/{self.count}".encode()).digest())
        request = Request(method, urljoin(self.state.origin, path), Headers.of(headers or {}), body)
        self.state, response = self.handled(self.state, request, moment)
        return response

    def handled(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        """What answers."""
        return handle(state, request, moment)

    def wait(self, seconds: float) -> None:
        """Let the provider's time pass."""
        self.now += timedelta(seconds=seconds)

    def get(self, path: str, **headers: str) -> Response:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, form: dict[str, str] | Params, **headers: str) -> Response:
        params = form if isinstance(form, Params) else Params.of(form)
        return self.send("POST", path, headers={"Content-Type": FORM, **headers}, body=params.encode().encode())

    def browse(self, url: str, form: Params | None = None) -> Response:
        """What the browser sees at the end of the provider's own redirects; a redirect to elsewhere is given back."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        response = self.post(url, form, **headers) if form is not None else self.get(url, **headers)
        for cookie in response.headers.all("set-cookie"):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        location = response.headers.get("location")
        if location and location.startswith(self.state.origin + "/"):
            return self.browse(location)
        return response

    def ask(self, **changes: str | None) -> Response:
        """Visit the authorization endpoint with a good request of `public`, changed so."""
        params: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "public",
            "redirect_uri": CALLBACK,
            "scope": "openid profile items.read",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return self.browse(with_query(self.state.url(self.state.endpoints.authorize), Params.of({**params, **changes})))

    def submit(self, page: Response, **fields: str) -> Response:
        """Send the page's last form with these fields."""
        action, hidden = last_form(page)
        return self.browse(action, Params((*hidden, *fields.items())))

    def sign_in(self, page: Response, username: str = "alice", password: str = "alice") -> Response:
        return self.submit(page, username=username, password=password, decision="allow")

    def allow(self, page: Response) -> Response:
        return self.submit(page, decision="allow")

    def answer(self, **changes: str | None) -> Params:
        """The authorization response after signing in and allowing, whatever of it is asked."""
        page = self.ask(**changes)
        if b'name="password"' in page.body:
            page = self.sign_in(page)
        if page.status == 200:
            page = self.allow(page)
        return callback(page)

    def code(self, **changes: str | None) -> str:
        """An authorization code."""
        return self.answer(**changes).get("code") or ""

    def redeem(self, code: str, /, *, client_id: str = "public", secret: str = "", **changes: str | None) -> Response:
        """The token response for a code."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "client_id": None if secret else client_id,
        }
        return self.token_request({**form, **changes}, client_id=client_id, secret=secret)

    def token_request(self, form: dict[str, str | None], *, client_id: str = "", secret: str = "") -> Response:
        headers = {"Authorization": basic_credentials(client_id, secret)} if secret else {}
        return self.post(self.state.base_path + self.state.endpoints.token, Params.of(form), **headers)

    def tokens(self, **changes: str | None) -> dict[str, Any]:
        """Tokens for `public`, offline access included."""
        response = self.redeem(self.code(**{"scope": "openid profile items.read offline_access", **changes}))
        assert response.status == 200, response.text
        return document(response)

    def refresh(self, refresh_token: str, /, **changes: str | None) -> Response:
        form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": "public"}
        return self.token_request({**form, **changes})


def document(response: Response) -> dict[str, Any]:
    """The JSON object in a body."""
    value = json.loads(response.body)
    assert isinstance(value, dict)
    return value


def callback(response: Response) -> Params:
    """The parameters that a redirect to the client carries."""
    assert response.status == 303, response.text
    location = response.headers.get("location") or ""
    return Params.parse(urlsplit(location).query)


def last_form(page: Response) -> tuple[str, Params]:
    """Where a page's last form goes, and its hidden fields."""
    form = page.text.rpartition("<form")[2]
    action = re.search(r'action="([^"]*)"', form)
    assert action is not None, page.text
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return unescape(action[1]), Params(tuple((unescape(name), unescape(value)) for name, value in pairs))


def challenge_of(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    part = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))
