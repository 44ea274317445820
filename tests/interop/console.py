"""A person at a console who works with one client of one real server, and every secret that came by meanwhile.

Here: typing commands, signing in, looking for secrets where none may be. Not here: what the commands must say.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx

from oauthctl.cli.holding import tokens_document
from oauthctl.store import profiles
from oauthctl.store import tokens as token_store
from oauthctl.store.locations import locations
from tests.cli.person import isolated, oauthctl_with
from tests.cli.running import Ran, oauthctl
from tests.interop.forms import Recipe
from tests.interop.pages import Page, browse, browser
from tests.interop.targets import Client, Server


@dataclass(slots=True)
class Console:
    """Commands share profiles, tokens and recordings in `folder`; the client's secret stands in the environment of `login` alone."""

    server: Server
    client: Client
    folder: Path
    tokens: dict[str, Any] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    passwords_typed: int = 0
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    _secrets: set[str] = field(default_factory=set)

    def login(self, *more: str, sign_in: Callable[[str], Page] | Recipe | None = None, secret: str | None = None, scope: str = "") -> Ran:
        """`oauthctl login` with a person who signs in; its tokens are remembered when it succeeds."""
        secret = self.client.secret if secret is None else secret
        argv = ["login", self.server.issuer, "--client-id", self.client.client_id, "--client-auth", self.client.method]
        argv += ["--scope", scope or self.server.scope, "--redirect-uri", self.server.redirect_uri, "--timeout", "20", *self._parameters()]
        act = sign_in if callable(sign_in) else (lambda url: self._browse(url, self.server.agreeing if sign_in is None else sign_in))
        environ = {"OAUTHCTL_CLIENT_SECRET": secret} if secret else {}
        ran, pages = oauthctl_with(act, *argv, *more, folder=self.folder, environ=environ)
        self.pages += pages
        self._secrets |= {secret} if secret else set()
        if ran.code == 0:
            # With `--json` nothing would be said on stderr.
            self.remember(self._stored())
        return ran

    def type(self, *argv: str, stdin: str = "") -> Ran:
        """Any other command."""
        return oauthctl(*argv, stdin=stdin, environ=isolated(self.folder))

    def browse_along(self, *argv: str, recipe: Recipe) -> tuple[Ran, list[Page]]:
        """Any other command, with a person who opens each URL that it prints on a line of its own, in the browser of the sign-in."""
        return oauthctl_with(lambda url: self._browse(url, recipe), *argv, folder=self.folder)

    def remember(self, tokens: dict[str, Any]) -> None:
        """Take these tokens for the current ones; they must turn up in no recording."""
        self.tokens = tokens
        self._secrets.update(tokens[name] for name in ("access_token", "refresh_token", "id_token") if tokens.get(name))

    def recorded(self) -> list[str]:
        """The commands that left a recording, the oldest first."""
        listed = self.type("trace", "list", "--json")
        assert listed.code == 0, listed.err
        return [one["command"] for one in reversed(json.loads(listed.out)["recordings"])]

    def leaks(self) -> list[str]:
        """Where a recording or its summary holds a secret of this run in some form; what it is, not told in full."""
        found = []
        files = [path for path in (self.folder / "state").rglob("*") if path.suffix in {".har", ".json"} and "recordings" in path.parts]
        assert any(path.suffix == ".har" for path in files), "nothing was recorded"
        for path in files:
            text = path.read_text("utf-8")
            found += [
                f"{path.name}: {form} of {secret[:4]}…"
                for secret in {*self._secrets, *self.codes}
                for form, value in _forms(secret)
                if value in text
            ]
            found += [f"{path.name}: a code_verifier" for _ in _verifiers(text)]
        return found

    def _stored(self) -> dict[str, Any]:
        """The tokens as `login --json --show-secrets` prints them."""
        where = locations(isolated(self.folder))
        name = profiles.current(where)
        found = token_store.read(where, name, warn=lambda message: None)
        assert found is not None
        return dict(tokens_document(found, profile=name, show_secrets=True))

    def _browse(self, url: str, recipe: Recipe) -> Page:
        """Walk through the pages and note the codes that come back, and whether the person had to sign in."""

        def note(request: httpx.Request) -> None:
            self.codes.extend(request.url.params.get_list("code"))
            self.passwords_typed += b"password=" in request.read()

        with browser() as client:
            client.event_hooks["request"].append(note)
            client.cookies.update(self.cookies)
            page = browse(url, recipe, client=client)
            self.cookies = client.cookies
            return page

    def _parameters(self) -> Sequence[str]:
        return [word for name, value in self.server.parameters.items() for word in (f"--{name}", value)]


def _forms(secret: str) -> Iterator[tuple[str, str]]:
    """The ways in which a secret may be written; of a JWT it is the signature that must not be seen."""
    if secret.count(".") == 2 and secret.startswith("ey"):
        secret = secret.rpartition(".")[2]
    yield "raw form", secret
    yield "JSON form", json.dumps(secret)[1:-1]
    yield "URL-encoded form", quote(secret, safe="")
    yield "form-encoded form", quote_plus(secret)
    for text in {secret, quote(secret, safe=""), quote_plus(secret)}:
        # In base64 a text looks different at each of three offsets; its first and last signs depend on its neighbours.
        for offset in range(3):
            encoded = base64.b64encode(b" " * offset + text.encode()).decode().rstrip("=")
            yield "base64 form", encoded[(0, 2, 3)[offset] : -1]
            yield "base64url form", encoded[(0, 2, 3)[offset] : -1].replace("+", "-").replace("/", "_")


def _verifiers(text: str) -> Iterator[str]:
    """The words that hash to a PKCE challenge in the same text. Source: RFC 7636 section 4.2."""
    words = set(re.findall(r"[A-Za-z0-9._~-]{43,128}", text))
    for word in words:
        if base64.urlsafe_b64encode(hashlib.sha256(word.encode()).digest()).rstrip(b"=").decode() in words:
            yield word
