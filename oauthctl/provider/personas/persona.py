"""`Persona`: what is peculiar to one known provider, as data.

Here: the value and its parts. Not here: the personas (`table.toml`), the behaviours that a quirk's name stands for (`quirk`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oauthctl.provider.records import Endpoints

ENTRANCES = ("common", "organizations", "consumers")
"""What may stand in a path in place of a tenant, where the provider has tenants."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a JSON object of the standard becomes the provider's own: which members stay, which go, which are set.

    `only` empty: all stay. `members` may hold words in braces (`words`). `texts` are members whose numbers and truths become texts, where
    they are there. `header` is that of a JWT.
    """

    only: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    members: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the provider says an error: `when` is the standard's code (empty: any), `about` a pattern in our description.

    `at` is the endpoint, or `page` for what a person reads who can't be sent back to the client. `status` 0 is that of the standard, `body`
    all of the answer: members of a JSON object, or plain text, which may be empty. `challenge` is the `WWW-Authenticate` where the provider
    has one of its own.
    """

    when: str
    body: Mapping[str, Any] | str
    about: str = ""
    at: str = "token"
    status: int = 0
    challenge: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the provider's API that tells of the user: it needs each of `scopes`, and one of `any_scope`."""

    path: str
    body: Any
    scopes: tuple[str, ...] = ()
    any_scope: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Persona:
    """One provider. Paths are below the place where it is reached, `{home}`.

    `says` are its quirks in sentences, `differs` where this one is not as the real provider, `sources` where all that can be read.
    `login` is what `oauthctl login` needs to be told, `call` what `oauthctl call` needs beside the URL. `metadata` are the paths of the
    document; none where there is none. Without `endpoints` it has those of the practice provider. `settings` are fields of the provider's
    state. `quirks` are names with their values. `always_refused` are members of each of its own refusals but those of the API. `aliases`
    are names that stand for this one, too.
    """

    name: str
    title: str
    says: tuple[str, ...]
    sources: tuple[str, ...]
    login: str
    call: str = ""
    differs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    issuer: str = "{home}"
    metadata: tuple[str, ...] = ()
    endpoints: Endpoints | None = None
    scopes: Mapping[str, str] = field(default_factory=dict)
    grants: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    token_prefix: str = ""
    token_length: int = 0
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    always_refused: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[Page, ...] = ()
    quirks: Mapping[str, Any] = field(default_factory=dict)

    def shape_of(self, kind: str, *, is_for_app: bool) -> Shape | None:
        """The shape of this kind of object; what a client gets for itself, and for nobody else, may have one of its own."""
        return (self.shapes.get(f"app_{kind}") if is_for_app else None) or self.shapes.get(kind)

    def entrance_of(self, path: str) -> str:
        """The word for all tenants that stands in this path; empty where there is none."""
        return next((name for name in ENTRANCES if f"/{name}/" in path), "") if "tenants" in self.quirks else ""

    def path_in_tenant(self, path: str) -> str:
        """The path as the endpoints have it: with the tenant in place of a word for all."""
        entrance = self.entrance_of(path)
        return path.replace(f"/{entrance}/", f"/{self.quirks['tenants']}/", 1) if entrance else path

    def page_at(self, path: str) -> Page | None:
        """The page of the API at this path below the provider's own."""
        return next((page for page in self.pages if page.path == path), None)
