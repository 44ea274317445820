"""Revoking a token and proving it: what `revoke` and `logout` share.

Here: between session and flows. Not here: which tokens (`revoke`, `logout`), the protocol (`flows.revocation`, `flows.still_good`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauthctl.errors import OauthctlError
from oauthctl.flows.endpoints import endpoint
from oauthctl.flows.revocation import revoke
from oauthctl.flows.still_good import Proof, Where, opens_userinfo, still_good

if TYPE_CHECKING:
    from oauthctl.cli.session import Session
    from oauthctl.cli.settings import Settings
    from oauthctl.messages.client_auth import Client
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.store.tokens import TokenSet


@dataclass(frozen=True, slots=True)
class Asked:
    """The server that is asked to revoke, the client as its revocation endpoint wants it, and the profile's tokens if it is one of them."""

    session: Session
    chosen: Settings
    metadata: ProviderMetadata
    client: Client
    tokens: TokenSet | None = None

    @property
    def of_openid(self) -> bool:
        """Whether it is an access token of a sign-in with OpenID Connect."""
        return self.tokens is not None and "openid" in self.tokens.scope


def opened_before(asked: Asked, token: str, *, hint: str) -> bool:
    """Whether userinfo can tell afterwards: of a token that somebody gave, nobody knows what it opens before it is tried."""
    from oauthctl.cli.credentials import credentials
    from oauthctl.cli.refreshing import client_for

    if asked.tokens is not None or hint == "refresh_token":
        return asked.of_openid
    client = client_for(asked.chosen, asked.metadata, credentials(asked.session.out, asked.chosen))
    if asked.metadata.introspection_endpoint and client.method != "none":
        return False
    try:
        return asked.session.run(opens_userinfo(Where(asked.metadata, client, client, asked.client), token))
    except OauthctlError as error:
        # Revoking goes on: what could not be tried proves nothing, which is told then.
        asked.session.cleaned(error)
        return False


def revoked(asked: Asked, token: str, *, hint: str) -> None:
    """Have the token revoked. Raises as `flows.revocation.revoke` does."""
    asked.session.run(revoke(endpoint(asked.metadata, "revocation_endpoint"), token, asked.client, hint=hint))


def proof(asked: Asked, token: str, *, hint: str, is_for_userinfo: bool) -> Proof:
    """Whether the token is worthless now, as far as anything tells. Never raises for a server that can't be asked."""
    from oauthctl.cli.credentials import credentials
    from oauthctl.cli.presenting import present_for_tokens
    from oauthctl.cli.proving import prove
    from oauthctl.cli.refreshing import client_at, client_for
    from oauthctl.flows.mutual_tls import certified_urls

    session, tokens = asked.session, asked.tokens
    explicit = session.out.terminal.environ.get("OAUTHCTL_CLIENT_AUTH", "")
    try:
        client = client_for(asked.chosen, asked.metadata, credentials(session.out, asked.chosen))
        if tokens is not None:
            prove(session, tokens)
            present_for_tokens(session, asked.chosen, tokens, certified_urls(asked.metadata, "userinfo_endpoint"))
        where = Where(
            asked.metadata,
            client,
            client_at(client, asked.metadata, "introspection", explicit=explicit),
            asked.client,
            token_type=tokens.token_type if tokens is not None else "Bearer",
            opens_userinfo=is_for_userinfo,
        )
        found = session.run(still_good(where, token, hint=hint))
    except OauthctlError as error:
        return Proof(None, f"nobody could be asked: {session.cleaned(error).message}")
    return Proof(found.holds, session.without_secrets(found.evidence))
