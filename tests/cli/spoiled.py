"""A provider that answers as it should, except where a test has spoiled an answer.

Here: the server, and ways to spoil. Not here: signing in (`person`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from oauthctl.http import JSON, Headers, Request, Response
from oauthctl.provider.client import Client, practice_clients, practice_users
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState, new_state
from oauthctl.shell.serve import Server
from oauthctl.store.names import name_for
from tests.provider.world import keys

SECRET = "s3cret/+ %:&-of-the-client"
Spoil = Callable[[Request, Response], Response]


@dataclass
class Provider:
    """A running provider, the requests that it got, and what is spoiled by path."""

    server: Server = field(init=False)
    spoils: dict[str, Spoil] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return self.server.issuer

    @property
    def profile(self) -> str:
        """The name of the profile that a login makes."""
        return name_for(self.issuer)

    def answer(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        self.requests.append(request)
        state, response = handle(state, request, moment)
        spoil = self.spoils.get(request.path)
        return state, spoil(request, response) if spoil else response

    def asked(self, path: str) -> list[Request]:
        """The requests for this path."""
        return [request for request in self.requests if request.path == path]

    def reset(self) -> None:
        """As it should be again."""
        self.spoils.clear()
        self.requests.clear()


@contextmanager
def providing(*clients: Client, change: Callable[[ProviderState], ProviderState] = lambda state: state, **more: Any) -> Iterator[Provider]:
    """A provider with the practice clients and these."""
    provider = Provider()

    def make(issuer: str) -> ProviderState:
        known = (*practice_clients(secret=SECRET), *clients)
        return change(new_state(issuer, clients=known, users=practice_users(), keys=keys()))

    with Server(make, handler=provider.answer, **more) as provider.server:
        yield provider


def members(**changes: object) -> Spoil:
    """The JSON document with these members changed; None takes one out."""

    def spoil(_request: Request, response: Response) -> Response:
        document = json.loads(response.body) | changes
        return with_body(response, json.dumps({name: value for name, value in document.items() if value is not None}), JSON)

    return spoil


def always(status: int, body: str | bytes = "", kind: str = JSON, **headers: str) -> Spoil:
    """The same answer to everything."""
    given = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    made = Response(status, Headers.of(given), body.encode() if isinstance(body, str) else body)
    return lambda _request, _response: made


def with_body(response: Response, body: str, kind: str) -> Response:
    return replace(response, headers=Headers.of({"Content-Type": kind}), body=body.encode())
