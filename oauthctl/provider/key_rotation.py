"""Signing keys that get successors.

Here: when, and what becomes of the old ones. Not here: making keys (`shell.running_provider`), choosing one to sign with (`id_token`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment
from oauthctl.provider.state import ProviderState

if TYPE_CHECKING:
    from oauthctl.jose.jwk import Jwk

ENDPOINT = "keys"


def is_due(state: ProviderState, moment: Moment) -> bool:
    """Whether the keys have signed for as long as they should; never where no time is set."""
    since = state.keys_since
    return bool(state.key_seconds) and since is not None and (moment.now - since).total_seconds() >= state.key_seconds


def begun(state: ProviderState, moment: Moment) -> ProviderState:
    """The state that knows since when its keys have been signing."""
    return state if state.keys_since is not None else changed(state, keys_since=moment.now)


def rotated(state: ProviderState, successors: tuple[Jwk, ...], moment: Moment) -> ProviderState:
    """The state that signs with these keys from now on. The ones before stay in the key set, for what they have signed; their own go.

    Source: OIDC Core section 10.1.1.
    """
    newest = tuple(next(key for key in state.keys if key.alg == alg) for alg in dict.fromkeys(key.alg for key in state.keys))
    state = changed(state, keys=(*successors, *newest), keys_since=moment.now)
    return state.logged(moment, ENDPOINT, "", reason="signs with new keys; the old ones are still in the key set")
