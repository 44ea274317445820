"""Ending the session at the provider, which is the browser's to do.

Here: OpenID Connect RP-Initiated Logout 1.0. Not here: revoking tokens (`revocation`).
"""

from __future__ import annotations

from oauthctl.flows.endpoints import endpoint
from oauthctl.flows.steps import Flow, visit
from oauthctl.http import Params, with_query
from oauthctl.messages.metadata import ProviderMetadata


def end_session(metadata: ProviderMetadata, id_token: str, *, client_id: str = "") -> Flow[str]:
    """Hand the browser the logout URL, and give it. The ID token says whose session is meant. Source: section 2."""
    params = Params.of((("id_token_hint", id_token or None), ("client_id", client_id or None)))
    url = with_query(endpoint(metadata, "end_session_endpoint"), params)
    yield from visit(url, "logout")
    return url
