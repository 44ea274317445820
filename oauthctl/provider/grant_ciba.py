"""The CIBA grant in poll mode: a client asks for the outcome until the person has decided.

Here: the polling. Not here: the request and the person's page (`backchannel`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oauthctl.provider.answers import Denied
from oauthctl.provider.asking import Asking
from oauthctl.provider.issue import issue
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.state import ProviderState, with_item, without_items

_SLOWER = 5


def ciba(state: ProviderState, asking: Asking, moment: Moment) -> tuple[ProviderState, dict[str, Any]]:
    """The token response once the person has said yes. Source: OpenID Connect CIBA Core 1.0 sections 10.1 and 11."""
    value = asking.form.get("auth_req_id")
    if value is None:
        raise Denied("invalid_request", "the parameter auth_req_id is missing")
    key = digest(value)
    item = state.backchannel_requests.get(key)
    if item is None:
        raise Denied("invalid_grant", "the auth_req_id is unknown or was used before")
    if item.client_id != asking.client.id:
        raise Denied("invalid_grant", "the auth_req_id was given to another client")
    if item.expires_at <= moment.now:
        raise Denied("expired_token", "the auth_req_id has expired")
    done = replace(state, backchannel_requests=without_items(state.backchannel_requests, (key,)))
    if item.is_denied:
        raise Denied("access_denied", "the user said no", state=done)
    too_fast = item.polled_at is not None and (moment.now - item.polled_at).total_seconds() < 0.9 * item.interval
    polled = replace(item, polled_at=moment.now, interval=item.interval + (_SLOWER if too_fast else 0))
    state = replace(state, backchannel_requests=with_item(state.backchannel_requests, key, polled))
    if too_fast:
        raise Denied("slow_down", f"polled faster than every {item.interval:g} s; now wait {polled.interval:g} s", state=state)
    if not item.grant_id:
        raise Denied("authorization_pending", "the user has not decided yet", state=state)
    grant = done.grants[item.grant_id]
    return issue(done, grant, scopes=grant.scopes, audience=grant.audience, moment=moment, confirmation=asking.confirmation)
