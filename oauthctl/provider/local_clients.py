"""Clients on the provider's own machine: where the provider may ask them.

Any page of the web can make a browser bring the provider a URL of this machine, and would so have it knock at ports that the page itself
could not reach. So a place here is asked where somebody who is here said so. Here: who that is. Not here: asking (`shell.client_requests`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthctl.http import Request, is_loopback, origin
from oauthctl.provider.answers import Denied
from oauthctl.provider.client import Client
from oauthctl.provider.state import ProviderState


def local_origins(state: ProviderState) -> frozenset[str]:
    """The origins on this machine that may be asked: those that the provider was told, and those of clients that were set up here.

    A client that is known by a document was set up by whoever wrote that, anywhere.
    """
    known = (client for key, client in state.clients.items() if key not in state.client_documents)
    places = (place for client in known for place in places_of(client))
    return frozenset((*state.local_origins, *(origin(place) for place in places if is_loopback(place))))


def places_of(client: Client) -> tuple[str, ...]:
    """Where the provider asks this client, or tells it something."""
    return (*client.request_uris, *filter(None, (client.notification_endpoint, client.jwks_uri)))


def check_registrant(request: Request, metadata: Mapping[str, Any]) -> None:
    """Raises `Denied` where a page registers a client that is to be asked on this machine.

    Browsers say of a page's request where it comes from (Fetch Standard, "`Origin` header"). A program that registers itself says no such
    thing, and could ask there without us.
    """
    single = ("backchannel_client_notification_endpoint", "jwks_uri", "sector_identifier_uri")
    named = (*metadata.get("request_uris", ()), *(metadata.get(name) or "" for name in single))
    if "origin" in request.headers and any(map(is_loopback, named)):
        raise Denied("invalid_client_metadata", "a page can't register a client that is to be asked on this machine")
