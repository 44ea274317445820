"""Asking the token endpoint again and again until a person has decided.

Here: the pace, which RFC 8628 section 3.5 sets and CIBA Core section 7.3 repeats. Not here: what is asked with (`device`, `ciba`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from oauthctl.errors import NoAnswer, Refused
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


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a person is waited for, and since when: the end of the request that has them asked."""

    began: datetime
    seconds: float

    @property
    def ends(self) -> datetime:
        """When nobody is waited for any longer."""
        return self.began + timedelta(seconds=self.seconds)


def patience(asked: Exchange, seconds: float) -> Patience | None:
    """The patience with what this request has begun; None for no seconds: then the server's own time counts alone."""
    return Patience(asked.started_at + timedelta(seconds=asked.seconds), seconds) if seconds else None


def is_over_at_once(seconds: float | None) -> bool:
    """Whether a lifetime that was told leaves no time at all: nobody could ever decide, and nothing would be asked."""
    return seconds is not None and seconds <= 0


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
    until: Patience | None = None,
) -> Flow[Granted]:
    """The tokens once the person has said yes; never faster than the server says, slower for good after `slow_down` and after silence.

    Raises `Refused` with the slug `expired` when the server's time is over, `NoAnswer` when that of `until` is, otherwise as
    `token_endpoint.granted` does.
    """
    pause = interval if interval is not None and interval > 0 else _INTERVAL
    silent = 0
    exchange: Exchange | None = None
    while True:
        if until is not None:
            left = (until.ends - (_end_of(exchange) if exchange is not None else until.began)).total_seconds()
            if left < pause:
                # To ask sooner than the server allows would only be told to slow down.
                if left > 0:
                    yield from wait(left)
                raise _nobody(until, exchange)
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
        if _end_of(exchange) + timedelta(seconds=pause) >= ends_at:
            raise _expired(exchange, expired)


def _end_of(exchange: Exchange) -> datetime:
    return exchange.started_at + timedelta(seconds=exchange.seconds)


def _nobody(until: Patience, last: Exchange | None) -> NoAnswer:
    return NoAnswer(
        f"nobody decided within {until.seconds:g} s",
        slug="no-decision",
        where=f"exchange {last.id}, POST {last.request.path}" if last is not None else "",
        help="`--timeout SECONDS` waits longer",
    )


def _expired(exchange: Exchange, slug: str) -> Refused:
    return Refused(
        "nobody decided while the request was good",
        slug=slug,
        where=f"exchange {exchange.id}, POST {exchange.request.path}",
        spec="RFC 8628 section 3.5",
        help="start again, and decide within its time",
    )
