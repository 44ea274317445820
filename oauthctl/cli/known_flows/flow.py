"""`KnownFlow`: a flow under the name by which it is explained, and what it may begin with.

Here: the values, the practice application's plan of a sign-in. Not here: the flows themselves (`every` lists them), carrying one through
(`rehearsed`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oauthctl.cli.known_flows.clients import APP
from oauthctl.flows.authorization_code import SignedIn, SignIn
from oauthctl.flows.steps import Flow
from oauthctl.messages.metadata import ProviderMetadata
from oauthctl.messages.token import TokenResponse
from oauthctl.messages.word import Group, Word
from oauthctl.specs import Section

ISSUER = "https://op.example"
MTLS = "https://mtls.op.example"
REDIRECT_URI = "http://127.0.0.1:8080/callback"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a flow may begin with: a provider that is known, and the tokens of a sign-in there."""

    metadata: ProviderMetadata
    signed_in: SignedIn = field(repr=False)

    @property
    def issuer(self) -> str:
        """The provider."""
        return str(self.metadata.issuer)

    @property
    def api(self) -> str:
        """The URL of an API whose tokens it makes."""
        return f"{self.issuer}/api/items"

    @property
    def tokens(self) -> TokenResponse:
        """What the sign-in brought."""
        return self.signed_in.granted.response

    def endpoint(self, name: str) -> str:
        """An endpoint's URL."""
        return str(self.metadata.raw(name))


Begin = Callable[[Stage], Flow[Any]]


@dataclass(frozen=True, slots=True)
class KnownFlow:
    """A flow under the name by which it is explained: what it is, what for, where that is written, and how it begins."""

    name: str
    title: str
    about: str
    section: Section
    begin: Begin
    aliases: tuple[str, ...] = ()
    plain: Begin | None = None
    """The plain code flow, by the same client, from which this one differs by what it is about; None where there is nothing to compare."""
    has_certificate: bool = False
    """Whether the application has a TLS certificate, and the provider a port that asks for it."""
    is_draft: bool = False
    """Whether it is of a draft that may still change: the provider speaks it, and trusts the attester of `clients`."""

    @property
    def word(self) -> Word:
        """The flow as a word of the list."""
        return Word(self.name, Group.FLOW, "flow, drawn", self.about, self.section, self.aliases)


def planned(metadata: ProviderMetadata) -> SignIn:
    """How the practice application signs in."""
    # The verifier of RFC 7636 appendix B.
    return SignIn(
        metadata,
        APP,
        REDIRECT_URI,
        state="af0ifjsldkj-af0ifjsldkj",
        nonce="n-0S6_WzA2Mj-n-0S6_WzA2Mj",
        code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        scope=("openid", "profile", "items.read", "offline_access"),
    )
