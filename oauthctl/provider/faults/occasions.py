"""Where a fault has no occasion at all, whatever a client asks: this provider lacks what it spoils.

Here: what is known before anybody comes. Not here: whether a fault strikes at a request (`striking`).
"""

from __future__ import annotations

from oauthctl.http import get_request
from oauthctl.provider.client import DEVICE_CODE
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.faults.registry import Fault, all_faults
from oauthctl.provider.state import ProviderState

_OF_THE_BROWSER = ("hybrid-flow", "implicit-flow")
_OF_ID_TOKENS = ("id_token", "signature")
_GRANTS = {
    "refresh-flow": ("refresh_token", "refreshes"),
    "device-flow": (DEVICE_CODE, "polls with a device code"),
    "token-exchange-flow": ("urn:ietf:params:oauth:grant-type:token-exchange", "exchanges tokens"),
}
"""Of the flows that are a grant of their own: its `grant_type`, and what a client does by it."""
_CALLED = {"resource_metadata": "metadata of its API", "api": "API", "jwks": "key set", "register": "registration endpoint"}


def needs_of(fault: Fault) -> str:
    """The option of `serve` without which the fault never strikes; empty where there is none."""
    return "--legacy" if fault.flow in _OF_THE_BROWSER and fault.places == ("authorize",) else ""


def hindrances(state: ProviderState, slugs: tuple[str, ...]) -> dict[str, str]:
    """Of these faults those that can't strike at this provider, and why."""
    places = _places(state)
    told = {slug: _hindrance(all_faults()[slug], state, places) for slug in dict.fromkeys(slugs)}
    return {slug: why for slug, why in told.items() if why}


def _places(state: ProviderState) -> frozenset[str]:
    """The endpoints that this provider has, by the names that faults know them by."""
    from oauthctl.provider.handle import routes

    return frozenset(place_of(state, get_request(f"{state.origin}{path}")) for path in routes(state))


def _hindrance(fault: Fault, state: ProviderState, places: frozenset[str]) -> str:
    if not places & set(fault.places):
        return f"the provider has no {' and no '.join(_CALLED.get(place, f'{place} endpoint') for place in fault.places)}"
    if needs_of(fault) == "--legacy" and not state.is_legacy:
        return "the provider sends no tokens by the browser without `--legacy`"
    if fault.subject in _OF_ID_TOKENS and "openid" not in state.scopes:
        return "the provider makes no ID tokens"
    grant, does = _GRANTS.get(fault.flow, ("", ""))
    if grant and not state.takes_registrations and not any(grant in client.grant_types for client in state.clients.values()):
        return f"no client of the provider {does}"
    return ""
