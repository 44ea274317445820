"""Whom tokens are about: the same `sub` for all clients, or another one for each (pairwise).

Here: both directions, since a hint brings a `sub` back. Not here: who signs in (`signin`).
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from oauthctl.provider.client import Client
from oauthctl.provider.moment import base64url
from oauthctl.provider.state import ProviderState


def subject_of(state: ProviderState, client_id: str, username: str) -> str:
    """The `sub` by which this client knows this person; whoever is no person here keeps the name.

    Source: OIDC Core section 8.1: not reversible by anybody but the provider, the same within a sector.
    """
    client = state.clients.get(client_id)
    if client is None or client.subject_type != "pairwise" or username not in state.users:
        return username
    text = f"{sector_of(client)}\n{username}"
    return base64url(hmac.digest(state.pairwise_salt, text.encode("utf-8", "surrogatepass"), "sha256"))


def username_of(state: ProviderState, client_id: str, subject: str) -> str:
    """The person whom the client knows by this `sub`; empty when there is none."""
    return next((name for name in state.users if subject_of(state, client_id, name) == subject), "")


def sector_of(client: Client) -> str:
    """The host of its `sector_identifier_uri`, else of the redirect URIs, which all have the same one. Source: OIDC Core section 8.1."""
    named = (client.sector_identifier_uri,) if client.sector_identifier_uri else ()
    return next((urlsplit(uri).hostname or uri for uri in (*named, *client.redirect_uris)), client.id)
