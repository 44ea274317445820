"""Forgetting: what keeps a provider small that runs for weeks, or for a hundred thousand sign-ins.

Here: which records go, and when it is time to look. Not here: what they are (`records`), in which order they came (`remembered`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from oauthctl.provider.bearer import is_active
from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment
from oauthctl.provider.remembered import changes, remembered, without_items

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState

T = TypeVar("T")

MOST = 20_000
"""How many records of a kind are remembered: of more codes, tokens and requests those that changed last."""
SESSIONS = 1000
"""How many browsers' sessions are remembered: of more those that were used last."""
REQUESTS = 1000
"""How many authorization requests are kept, of those that clients push and of those that browsers post: these are long."""
_LIMITS = {
    "codes": MOST,
    "refresh_tokens": MOST,
    "access_tokens": MOST,
    "device_codes": MOST,
    "backchannel_requests": MOST,
    "pushed": REQUESTS,
    "posted": REQUESTS,
    "sessions": SESSIONS,
}
_SURPLUS = MOST // 4
"""How many more grants than after the last look may be there: finding those of which nothing is left takes its time."""
_EVERY = timedelta(minutes=5)
_AFTER = timedelta(hours=1)
"""How long it is remembered of something that has ended that it was there: so an error can say more than that it is unknown."""
_AFTER_WAITING = timedelta(days=1)
"""The same of what clients poll for, maybe for long: that its time is over has an error code of its own (RFC 8628 section 3.5)."""


def pruned(state: ProviderState, moment: Moment) -> ProviderState:
    """The state without what is too much; now and then also without what is long over, and without the grants of which nothing is left."""
    # One goes when one comes: no request pays for many others.
    surplus: dict[str, Any] = {
        name: remembered(items).newest(most) for name, most in _LIMITS.items() if len(items := getattr(state, name)) > most
    }
    if surplus:
        state = changed(state, unsure_until=_unsure_until(state, surplus, moment), **surplus)
    last = state.pruned_at
    is_due = last is None or not last <= moment.now < last + _EVERY
    if is_due:
        state = changed(state, pruned_at=moment.now, **_without_what_is_over(state, moment))
    if is_due or len(state.grants) > state.grants_left + _SURPLUS:
        state = _without_empty_grants(state)
    return state


def _unsure_until(state: ProviderState, surplus: Mapping[str, Any], moment: Moment) -> float:
    """As the field of the state, once these are all that is left of the records."""
    kept = surplus.get("access_tokens", state.access_tokens)
    gone = (state.access_tokens[key] for key in changes(state.access_tokens, kept).gone)
    revoked = (token.issued_at for token in gone if token.expires_at > moment.seconds and not is_active(state, token, moment))
    return max((state.unsure_until, *revoked))


def _without_what_is_over(state: ProviderState, moment: Moment) -> dict[str, Any]:
    """The fields of the state from which something goes."""
    long_ago = moment.now - _AFTER
    return {
        "codes": _kept(state.codes, lambda code: code.expires_at > long_ago),
        "refresh_tokens": _kept(state.refresh_tokens, lambda token: token.expires_at > long_ago),
        "access_tokens": _kept(state.access_tokens, lambda token: token.expires_at > long_ago.timestamp()),
        "device_codes": _kept(state.device_codes, lambda item: item.expires_at + _AFTER_WAITING > moment.now),
        "backchannel_requests": _kept(state.backchannel_requests, lambda item: item.expires_at + _AFTER_WAITING > moment.now),
        "pushed": _kept(state.pushed, lambda item: item.expires_at > moment.now),
        "posted": _kept(state.posted, lambda item: item.expires_at > moment.now),
        **{
            name: _kept(getattr(state, name), lambda until: until > moment.seconds)
            for name in ("proofs", "dpop_nonces", "assertions", "request_objects", "attestation_challenges")
        },
    }


def _without_empty_grants(state: ProviderState) -> ProviderState:
    held = {record.grant_id for kind in (state.codes, state.refresh_tokens, state.access_tokens) for record in kind.values()}
    held |= {item.grant_id for kind in (state.device_codes, state.backchannel_requests) for item in kind.values()}
    grants = without_items(state.grants, [key for key in state.grants if key not in held])
    return changed(state, grants=grants, grants_left=len(grants))


def _kept(items: Mapping[str, T], stays: Callable[[T], bool]) -> Mapping[str, T]:
    # What is still the same value needs no comparing by whoever keeps the state in a file.
    over = [key for key, item in items.items() if not stays(item)]
    return without_items(items, over) if over else items
