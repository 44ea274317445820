"""Here: a client of a real server that is written from the RFCs, with none of the tool's flows, and a raw capture of what it sends.

The capture is what a proxy in front of the client would save: every secret is in it. Not here: what a diagnosis says of it.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from oauthctl.jose.jwk import Jwk, generate, parse_key_set
from oauthctl.jose.sign import sign
from oauthctl.messages.client_auth import basic_credentials
from tests.interop.listener import listening
from tests.interop.pages import browse, browser
from tests.interop.targets import Client, Server

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Wire:
    """One client on a wire that is listened to. `later` makes the following exchanges begin so many seconds after they did."""

    server: Server
    client: Client
    http: httpx.Client
    metadata: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    proof_key: Jwk = field(default_factory=lambda: generate("ES256"))
    later: float = 0
    nonce: str = ""

    def discover(self) -> None:
        """Fetch metadata and keys."""
        self.metadata = self.http.get(self.server.metadata_url).json()
        self.http.get(self.metadata["jwks_uri"])

    def parameters(self, **more: str) -> dict[str, str]:
        """An authorization request's parameters."""
        challenge = urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        return {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.server.redirect_uri,
            "scope": self.server.scope,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **self.server.parameters,
            **more,
        }

    def authorize(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Let the person sign in; gives the parameters that came back, be it in a query or in a fragment."""
        url = f"{self.metadata['authorization_endpoint']}?{urlencode(parameters)}"
        with listening(self.server.redirect_uri):
            page = browse(url, self.server.agreeing, client=self.http)
        assert page.url.startswith(self.server.redirect_uri), f"{page.url}: {page.text[:500]}"
        parts = urlsplit(page.url)
        return dict(parse_qsl(parts.query or parts.fragment))

    def push(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Push the parameters, and name them as the browser then does. Source: RFC 9126 section 2."""
        pushed = self.post("pushed_authorization_request_endpoint", parameters)
        return {"client_id": self.client.client_id, "request_uri": pushed["request_uri"]}

    def signed(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """The parameters in a signed request object. Source: RFC 9101 section 4."""
        claims = {**parameters, "iss": self.client.client_id, "aud": self.server.issuer, **_lifetime()}
        return {
            "client_id": self.client.client_id,
            "request": sign(claims, self.own_key(), alg="ES256", header={"typ": "oauth-authz-req+jwt"}),
        }

    def redeem(self, code: str, **more: str) -> dict[str, Any]:
        """Trade the code for tokens."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.server.redirect_uri}
        return self.post("token_endpoint", {**form, "code_verifier": self.verifier, **more})

    def post(self, endpoint: str, form: Mapping[str, str], *, status: tuple[int, ...] = (200, 201)) -> dict[str, Any]:
        """Send a form as this client, with its authentication; again when the server asks for another DPoP nonce."""
        url, headers, sent = self.metadata[endpoint], {"Accept": "application/json"}, dict(form)
        match self.client.method:
            case "client_secret_basic":
                headers["Authorization"] = basic_credentials(self.client.client_id, self.client.secret or "")
            case "private_key_jwt":
                claims = {"iss": self.client.client_id, "sub": self.client.client_id, "aud": self.server.issuer, **_lifetime()}
                sent |= {"client_assertion_type": JWT_BEARER, "client_assertion": sign(claims, self.own_key(), alg="ES256")}
            case method:
                sent["client_id"] = self.client.client_id
                if method == "client_secret_post":
                    sent["client_secret"] = self.client.secret or ""
        response = self.http.post(url, data=sent, headers=headers | self.proof("POST", url))
        if response.status_code == 400 and "use_dpop_nonce" in response.text:
            self.nonce = response.headers["DPoP-Nonce"]
            response = self.http.post(url, data=sent, headers=headers | self.proof("POST", url))
        assert response.status_code in status, response.text
        answer: dict[str, Any] = response.json() if "json" in response.headers.get("content-type", "") else {}
        return answer

    def userinfo(self, tokens: Mapping[str, Any]) -> None:
        """Ask who the person is; again when the API asks for another DPoP nonce."""
        url, token = self.metadata["userinfo_endpoint"], tokens["access_token"]
        headers = {"Authorization": f"{tokens['token_type']} {token}"}
        response = self.http.get(url, headers=headers | self.proof("GET", url, token))
        if response.status_code == 401 and "use_dpop_nonce" in response.headers.get("WWW-Authenticate", ""):
            self.nonce = response.headers["DPoP-Nonce"]
            response = self.http.get(url, headers=headers | self.proof("GET", url, token))
        assert response.status_code == 200, response.text

    def proof(self, method: str, url: str, token: str = "") -> dict[str, str]:
        """A fresh DPoP proof, for the clients that use it. Source: RFC 9449 section 4.2."""
        if "dpop" not in self.client.client_id:
            return {}
        public = {name: value for name, value in self.proof_key.public().as_dict().items() if name in ("kty", "crv", "x", "y")}
        claims: dict[str, Any] = {"jti": secrets.token_urlsafe(12), "htm": method, "htu": url, "iat": int(datetime.now(UTC).timestamp())}
        if token:
            claims["ath"] = urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
        if self.nonce:
            claims["nonce"] = self.nonce
        return {"DPoP": sign(claims, self.proof_key, alg="ES256", header={"typ": "dpop+jwt", "jwk": public})}

    def own_key(self) -> Jwk:
        """The client's signing key, which the server knows."""
        known = parse_key_set(json.loads((self.server.folder / "client-keys.json").read_text("utf-8")))
        return next(key for key in known if key.as_dict().get("alg") == "ES256")

    def save(self, path: Path) -> Path:
        """Write the capture."""
        path.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "a proxy", "version": "1"}, "entries": self.entries}}))
        return path

    def note(self, response: httpx.Response) -> None:
        """Add an exchange to the capture."""
        response.read()
        request = response.request
        request.read()
        began = datetime.now(UTC) - timedelta(seconds=0.05) + timedelta(seconds=self.later)
        entry: dict[str, Any] = {
            "startedDateTime": began.isoformat(),
            "time": 50,
            "request": {
                "method": request.method,
                "url": str(request.url),
                "httpVersion": "HTTP/1.1",
                "headers": _headers(request.headers),
                "queryString": [],
                "cookies": [],
                "headersSize": -1,
                "bodySize": len(request.content),
            },
            "response": {
                "status": response.status_code,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "headers": _headers(response.headers),
                "cookies": [],
                "content": {"size": len(response.content), "mimeType": response.headers.get("content-type", ""), "text": response.text},
                "redirectURL": response.headers.get("location", ""),
                "headersSize": -1,
                "bodySize": len(response.content),
            },
            "cache": {},
            "timings": {"send": 0, "wait": 50, "receive": 0},
        }
        if request.content:
            entry["request"]["postData"] = {"mimeType": request.headers.get("content-type", ""), "text": request.content.decode()}
        self.entries.append(entry)


@contextmanager
def wire(server: Server, client: Client) -> Iterator[Wire]:
    """A client that has read the server's metadata, and notes all that it sends and gets."""
    with browser() as http:
        made = Wire(server, client, http)
        http.event_hooks["response"].append(made.note)
        made.discover()
        yield made


def _headers(headers: httpx.Headers) -> list[dict[str, str]]:
    return [{"name": name.decode(), "value": value.decode()} for name, value in headers.raw]


def _lifetime() -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    return {"iat": now, "exp": now + 60, "jti": secrets.token_urlsafe(12)}
