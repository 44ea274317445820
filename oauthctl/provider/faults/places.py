"""The endpoints by the names under which faults know them.

Here: which path is which. Not here: what is answered there (`handle`).
"""

from __future__ import annotations

from dataclasses import fields

from oauthctl.http import Request
from oauthctl.provider.records import Endpoints
from oauthctl.provider.state import ProviderState

METADATA, RESOURCE_METADATA, API = "metadata", "resource_metadata", "api"
_ENDPOINTS = tuple(one.name for one in fields(Endpoints))
NAMES = (METADATA, RESOURCE_METADATA, API, *_ENDPOINTS)
TOLD_AGAIN = frozenset((METADATA, RESOURCE_METADATA, "jwks"))
"""What a client may ask for at any time."""
_RESOURCE_METADATA = "/.well-known/oauth-protected-resource"


def place_of(state: ProviderState, request: Request) -> str:
    """The name of the endpoint that a request is for: that of `Endpoints`, `metadata`, `resource_metadata`, `api`; empty for the rest."""
    path, base = request.path if state.persona is None else state.persona.path_in_tenant(request.path), state.base_path
    if path in state.metadata_paths:
        return METADATA
    if path.startswith(_RESOURCE_METADATA):
        return RESOURCE_METADATA
    known = ((name, getattr(state.endpoints, name)) for name in _ENDPOINTS)
    endpoint = next((name for name, place in known if place and path == base + place), "")
    # Some have their endpoints below /api, too.
    is_api = path.startswith(f"{base}/api/") or path.removeprefix(base) in state.api
    return endpoint or (API if is_api else "")
