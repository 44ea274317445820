"""Forgetting: what keeps a provider small that runs for weeks, or for a hundred thousand sign-ins.

Here: which records go, and when it is time to look. Not here: what they are (`records`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from heapq import nlargest
from typing import TYPE_CHECKING, TypeVar

from immutables import Map

from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState

T = TypeVar("T")

MOST = 20_000
"""How many codes, refresh tokens or access tokens are remembered; beyond that the ones that end first are forgotten."""
SESSIONS = 1000
"""How many browsers' sessions are remembered; beyond that the ones that have not been used for longest are forgotten."""
_SURPLUS = 1.25
"""How much more may be there for a while, since looking for what goes takes its time."""
_EVERY = timedelta(minutes=5)
_AFTER = timedelta(hours=1)
"""How long it is remembered of something that has ended that it was there: so an error can say more than that it is unknown."""


def pruned(state: ProviderState, moment: Moment) -> ProviderState:
    """The state without what is long over and without what is too much; looked after now and then, since that takes its time."""
    if len(state.sessions) > SESSIONS * _SURPLUS:
        state = changed(state, sessions=_greatest(SESSIONS, state.sessions.items(), lambda session: session.used_at))
    kinds = (state.codes, state.refresh_tokens, state.access_tokens)
    last = state.pruned_at
    is_due = last is None or not last <= moment.now < last + _EVERY
    if not is_due and all(len(kind) <= MOST * _SURPLUS for kind in kinds):
        return state
    long_ago = moment.now - _AFTER
    codes = _kept(state.codes, lambda code: code.expires_at.timestamp(), long_ago.timestamp())
    refresh_tokens = _kept(state.refresh_tokens, lambda token: token.expires_at.timestamp(), long_ago.timestamp())
    access_tokens = _kept(state.access_tokens, lambda token: token.expires_at, long_ago.timestamp())
    held = {code.grant_id for code in codes.values()} | {token.grant_id for token in refresh_tokens.values()}
    held |= {token.grant_id for token in access_tokens.values()}
    held |= {item.grant_id for item in state.device_codes.values() if item.expires_at > long_ago}
    held |= {item.grant_id for item in state.backchannel_requests.values() if item.expires_at > long_ago}
    grants = Map({key: grant for key, grant in state.grants.items() if key in held})
    return changed(state, codes=codes, refresh_tokens=refresh_tokens, access_tokens=access_tokens, grants=grants, pruned_at=moment.now)


def _kept(items: Mapping[str, T], ends_at: Callable[[T], float], long_ago: float) -> Mapping[str, T]:
    """Those that have not ended long ago; of too many those that end last."""
    kept = [(key, item) for key, item in items.items() if ends_at(item) > long_ago]
    # What is still the same value needs no comparing by whoever keeps the state in a file.
    return items if len(kept) == len(items) <= MOST else _greatest(MOST, kept, ends_at)


def _greatest(most: int, pairs: Collection[tuple[str, T]], when: Callable[[T], float]) -> Map[str, T]:
    """All of them; of too many those whose time is latest."""
    return Map(pairs if len(pairs) <= most else nlargest(most, pairs, key=lambda pair: when(pair[1])))
