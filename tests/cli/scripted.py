"""A provider with an API whose answers a test writes, and a folder that holds tokens of it.

Here: the server, the profile and the tokens as a login would have left them. Not here: a whole provider (`spoiled`), signing in (`person`).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oauthctl.http import JSON, Headers, Request, Response
from oauthctl.store import profiles
from oauthctl.store import tokens as token_store
from oauthctl.store.locations import Locations, locations
from oauthctl.store.profiles import Profile
from oauthctl.store.tokens import TokenSet
from tests.cli.person import isolated
from tests.cli.running import Ran, oauthctl
from tests.shell.servers import read_request, serving

Answer = Callable[[Request], Response]
SECRET = "s3cret/+ %:&-of-the-client"
ENDPOINTS = ("authorization", "token", "userinfo", "revocation", "end_session")


@dataclass
class Scripted:
    """The requests that came, and what each path answers: an answer for all requests, or a list that is used up from its front."""

    issuer: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    leaves_out: set[str] = field(default_factory=set)
    metadata: dict[str, Any] = field(default_factory=dict)

    def asked(self, path: str) -> list[Request]:
        """The requests for this path."""
        return [request for request in self.requests if request.path == path]

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order, discovery left out."""
        return [request.path for request in self.requests if not request.path.startswith("/.well-known/")]

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        scripted = self.answers.get(request.path)
        if isinstance(scripted, list):
            return scripted.pop(0)(request)
        if scripted is not None:
            return scripted(request)
        if request.path == "/.well-known/openid-configuration":
            return reply(200, self.document())(request)
        return reply(404, "nothing here", kind="text/plain")(request)

    def document(self) -> dict[str, Any]:
        """The metadata."""
        endpoints = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ENDPOINTS}
        known = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", "response_types_supported": ["code"]} | endpoints
        return {name: value for name, value in known.items() if name not in self.leaves_out} | self.metadata


@contextmanager
def scripted(**answers: Answer | list[Answer]) -> Iterator[Scripted]:
    """The server; each answer is for the path of its name."""
    script = Scripted(answers={f"/{name}": answer for name, answer in answers.items()})

    def talk(sock: socket.socket) -> None:
        while got := read_request(sock):
            sock.sendall(_written(script.answer(_request(got, script.issuer))))

    with serving(talk) as server:
        script.issuer = server.url
        yield script


def reply(status: int, body: object = b"", *, kind: str = JSON, **headers: str) -> Answer:
    """The same answer each time; a body that is neither bytes nor text is written as JSON."""
    octets = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: Response(status, Headers.of({"Content-Type": kind} | named), octets)


def granting(access_token: str = "at-fresh-1", **more: object) -> Answer:
    """A token response; None takes a member out."""
    members = {"access_token": access_token, "token_type": "Bearer", "expires_in": 3600} | more
    return reply(200, {name: value for name, value in members.items() if value is not None})


@dataclass(frozen=True)
class Home:
    """A folder with a profile `work` for the server and, once `hold` was called, tokens of it."""

    folder: Path
    server: Scripted

    @property
    def locations(self) -> Locations:
        return locations(isolated(self.folder))

    def profile(self, **changes: Any) -> None:
        """Write the profile."""
        profile = Profile("work", issuer=self.server.issuer, client_id="app", scope=("openid", "items.read"))
        profiles.save(self.locations, replace(profile, **changes))
        profiles.use(self.locations, "work")

    def hold(self, *, seconds: float | None = 3600, **changes: Any) -> TokenSet:
        """Write the tokens (and the profile, where there is none): the access token lasts for so many seconds."""
        if "work" not in profiles.names(self.locations):
            self.profile()
        now = datetime.now(UTC)
        expires_at = None if seconds is None else now + timedelta(seconds=seconds)
        held = TokenSet(
            self.server.issuer,
            "app",
            "at-held-0",
            now - timedelta(hours=1),
            refresh_token="rt-held-0",
            scope=("openid", "items.read"),
            expires_at=expires_at,
            token_endpoint=f"{self.server.issuer}/token",
        )
        held = replace(held, **changes)
        token_store.write(self.locations, "work", held)
        return held

    @property
    def tokens(self) -> TokenSet | None:
        """What is stored now."""
        return token_store.read(self.locations, "work", warn=lambda message: None)

    @property
    def tokens_path(self) -> Path:
        return token_store.tokens_path(self.locations, "work")

    @property
    def recordings(self) -> str:
        """The text of all recordings."""
        return "\n".join(path.read_text("utf-8") for path in sorted((self.folder / "state" / "recordings").rglob("*.har")))

    def run(self, *argv: str, stdin: str | None = "", environ: dict[str, str] | None = None, columns: int = 0) -> Ran:
        """What a command line printed and returned."""
        return oauthctl(*argv, stdin=stdin, environ=isolated(self.folder) | (environ or {}), columns=columns)


def _request(got: bytes, origin: str) -> Request:
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    return Request(
        method, origin + target, Headers(tuple((name, value.strip()) for name, _, value in (one.partition(":") for one in lines))), body
    )


def _written(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} Said", *(f"{name}: {value}" for name, value in response.headers)]
    lines.append(f"Content-Length: {len(response.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.body
