"""Asking the token endpoint again and again until a person has decided.

Here: the pace, which RFC 8628 section 3.5 sets and CIBA Core section 7.3 repeats. Not here: what is asked with (`device`, `ciba`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from oauthctl.errors import Refused
from oauthctl.flows.authenticated import send_authenticated
from oauthctl.flows.steps import Flow, wait
from oauthctl.flows.token_endpoint import Granted, granted
from oauthctl.http import Params
from oauthctl.messages.answer import read_answer
from oauthctl.messages.client_auth import Client
from oauthctl.record.exchange import Exchange

_INTERVAL = 5.0
"""Source: RFC 8628 section 3.2: where the server names none. Section 3.5: what `slow_down` adds."""
_LONGEST = 1800.0
_SILENT_POLLS = 5
Pause: TypeAlias = Callable[[float, Exchange | None], Flow[None]]
"""Lets this many seconds pass, or what stands for them, since the last poll, if there was one."""


def _by_time(seconds: float, _last: Exchange | None) -> Flow[None]:
    return wait(seconds)


def poll(
    token_endpoint: str,
    params: Params,
    client: Client,
    *,
    interval: float | None,
    ends_at: datetime,
    expired: str,
    pause_by: Pause = _by_time,
) -> Flow[Granted]:
    """The tokens once the person has said yes; never faster than the server says, slower for good after `slow_down` and after silence.

    Raises `Refused` with the slug `expired` when the time is over, otherwise as `token_endpoint.granted` does.
    """
    pause = interval if interval is not None and interval > 0 else _INTERVAL
    silent = 0
    exchange: Exchange | None = None
    while True:
        yield from pause_by(pause, exchange)
        exchange = yield from send_authenticated(token_endpoint, params, client, purpose="token", may_fail=True)
        if exchange.response is None or exchange.response.status >= 500:
            silent += 1
            pause *= 2
            if silent >= _SILENT_POLLS:
                return granted(exchange)
        else:
            silent = 0
            answer = dict(read_answer(exchange.response).fields)
            error = answer.get("error")
            if error not in ("authorization_pending", "slow_down"):
                return granted(exchange)
            if error == "slow_down":
                # GitHub says the new interval beside the error.
                said = answer.get("interval")
                pause = max(pause + _INTERVAL, float(said) if isinstance(said, int | float) and said < _LONGEST else 0.0)
        if exchange.started_at + timedelta(seconds=exchange.seconds + pause) >= ends_at:
            raise _expired(exchange, expired)


def _expired(exchange: Exchange, slug: str) -> Refused:
    return Refused(
        "nobody decided while the request was good",
        slug=slug,
        where=f"exchange {exchange.id}, POST {exchange.request.path}",
        spec="RFC 8628 section 3.5",
        help="start again, and decide within its time",
    )
