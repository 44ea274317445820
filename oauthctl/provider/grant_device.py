"""The device code grant: a device asks until its person has decided.

Here: RFC 8628, the polling. Not here: the codes and the person's page (`device`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.grant_code import check_verifier
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import DeviceCode
from oauthctl.provider.resources import narrowed_audience
from oauthctl.provider.state import ProviderState, with_item, without_items

_SLOWER = 5


def device_code(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response once the person has said yes. Source: RFC 8628 section 3.5."""
    client, form = asking.client, asking.form
    value = form.get("device_code")
    if value is None:
        raise Denied("invalid_request", "the parameter device_code is missing")
    key = digest(value)
    item = state.device_codes.get(key)
    if item is None:
        raise Denied("invalid_grant", "the device code is unknown or was used before")
    if item.client_id != client.id:
        raise Denied("invalid_grant", "the device code was given to another client")
    if item.expires_at <= moment.now:
        raise Denied("expired_token", "the device code has expired")
    if item.is_denied:
        raise Denied("access_denied", "the user said no", state=_without(state, key))
    too_fast = item.polled_at is not None and (moment.now - item.polled_at).total_seconds() < 0.9 * item.interval
    state = _polled(state, key, item, moment=moment, slower=_SLOWER if too_fast else 0)
    if too_fast:
        raise Denied("slow_down", f"polled faster than every {item.interval:g} s; now wait {item.interval + _SLOWER:g} s", state=state)
    if not item.grant_id:
        raise Denied("authorization_pending", "the user has not decided yet", state=state)
    check_verifier(item.code_challenge, item.code_challenge_method, form.get("code_verifier"))
    grant = state.grants[item.grant_id]
    audience = narrowed_audience(state, grant, form)
    return issue(_without(state, key), grant, scopes=grant.scopes, audience=audience, moment=moment, confirmation=asking.confirmation)


def _polled(state: ProviderState, key: str, item: DeviceCode, *, moment: Moment, slower: int) -> ProviderState:
    changed = replace(item, polled_at=moment.now, interval=item.interval + slower)
    return replace(state, device_codes=with_item(state.device_codes, key, changed))


def _without(state: ProviderState, key: str) -> ProviderState:
    return replace(state, device_codes=without_items(state.device_codes, (key,)))
