"""Here: what a test knows about a running server. Not here: starting one (conftest)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.interop.forms import Recipe
from tests.interop.pages import Page, browse


@dataclass(frozen=True, slots=True)
class Client:
    """A client that the server knows."""

    client_id: str
    secret: str | None = None
    method: str = "none"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and all that is needed to sign in on it.

    `redirect_uri` is registered for every client and its port is free. `scope` gets a refresh token where a scope is
    what it takes. `folder` is where the server runs and writes.
    """

    name: str
    issuer: str
    metadata_url: str
    redirect_uri: str
    scope: str
    user: str
    subject: str | None
    clients: Mapping[str, Client]
    agreeing: Recipe
    refusing: Recipe | None
    folder: Path
    parameters: Mapping[str, str]
    api_url: str | None = None

    def sign_in(self, authorization_url: str) -> str:
        """Sign in and consent, up to the callback; gives the text of the last page."""
        return self._visit(authorization_url, self.agreeing).text

    def refuse(self, authorization_url: str) -> str:
        """Refuse the request, up to the callback; gives the text of the last page."""
        if self.refusing is None:
            raise AssertionError(f"{self.name} has no page on which to refuse")
        return self._visit(authorization_url, self.refusing).text

    def _visit(self, authorization_url: str, recipe: Recipe) -> Page:
        page = browse(authorization_url, recipe)
        if not page.url.startswith(self.redirect_uri):
            raise AssertionError(f"{self.name} didn't get to {self.redirect_uri} but to {page.url} ({page.status}): {page.text[:1000]}")
        return page


def clients_of(pairs: Sequence[Client]) -> Mapping[str, Client]:
    """Clients by their names."""
    return {client.client_id: client for client in pairs}
