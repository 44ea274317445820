"""What a person decides while the client is elsewhere: for a device, or on a device of theirs (CIBA).

Here: which requests wait, what a yes makes of them, and what a client is told that asks meanwhile. Not here: the endpoints and pages
(`device`, `backchannel`), the tokens (`grant_device`, `grant_ciba`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from oauthctl.provider.answers import Denied
from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.records import BackchannelRequest, BrowserSession, DeviceCode, Grant
from oauthctl.provider.remembered import with_item, without_items
from oauthctl.provider.state import ProviderState

_SLOWER = 5
W = TypeVar("W", DeviceCode, BackchannelRequest)


def is_decided(item: DeviceCode | BackchannelRequest) -> bool:
    """Whether a person has said yes or no."""
    return bool(item.grant_id) or item.is_denied


def is_waiting(state: ProviderState, item: DeviceCode | BackchannelRequest, moment: Moment) -> bool:
    """Whether nobody has decided yet and it is still time. A client may be deleted while its request waits."""
    return not is_decided(item) and item.expires_at > moment.now and item.client_id in state.clients


def with_grant(
    state: ProviderState, item: DeviceCode | BackchannelRequest, session: BrowserSession, *, moment: Moment
) -> tuple[ProviderState, str]:
    """The state in which the person of this session has allowed what is asked, and the grant's id."""
    grant = Grant(
        id=moment.token("grant"),
        client_id=item.client_id,
        username=session.username,
        scopes=item.scopes,
        audience=item.audience,
        session_id=session.id,
        auth_time=session.auth_time,
        acr=state.acr_values[0],
    )
    return changed(state, grants=with_item(state.grants, grant.id, grant)), grant.id


def answer_to_poll(
    items: Mapping[str, W],
    code: str,
    *,
    client_id: str,
    what: str,
    kept: Callable[[Mapping[str, W]], ProviderState],
    moment: Moment,
) -> tuple[ProviderState, W]:
    """The state without the request, and the request itself with its grant; `Denied` as long as there is none.

    `kept` is the state with these items, `what` the code's name. Source: RFC 8628 section 3.5; CIBA Core section 11.
    """
    key = digest(code)
    item = items.get(key)
    if item is None:
        raise Denied("invalid_grant", f"the {what} is unknown or was used before")
    if item.client_id != client_id:
        raise Denied("invalid_grant", f"the {what} was given to another client")
    if item.expires_at <= moment.now:
        raise Denied("expired_token", f"the {what} has expired")
    done = kept(without_items(items, (key,)))
    if item.is_denied:
        raise Denied("access_denied", "the user said no", state=done)
    too_fast = item.polled_at is not None and (moment.now - item.polled_at).total_seconds() < 0.9 * item.interval
    polled = replace(item, polled_at=moment.now, interval=item.interval + (_SLOWER if too_fast else 0))
    state = kept(with_item(items, key, polled))
    if too_fast:
        raise Denied("slow_down", f"polled faster than every {item.interval:g} s; now wait {polled.interval:g} s", state=state)
    if not item.grant_id:
        raise Denied("authorization_pending", "the user has not decided yet", state=state)
    return done, item
