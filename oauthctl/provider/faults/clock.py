"""Faults of the provider's clock.

Here: what it dates wrongly. Not here: times in single claims (`id_token`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

from oauthctl.provider.answers import Answer
from oauthctl.provider.faults.registry import Call, fault


@fault("authorize", "token", rule="clock-wrong", is_last=True)
def token_clock_ahead(call: Call) -> Answer | None:
    """The provider's clock is an hour ahead: in its tokens, and in its `Date`."""
    return _by_clock(call, timedelta(hours=1))


@fault("authorize", "token", rule="clock-wrong", is_last=True)
def token_clock_behind(call: Call) -> Answer | None:
    """The provider's clock is an hour behind: in its tokens, and in its `Date`."""
    return _by_clock(call, timedelta(hours=-1))


def _by_clock(call: Call, off: timedelta) -> Answer:
    moment = replace(call.moment, now=call.moment.now + off)
    state, response = replace(call, moment=moment).answered()
    return state, replace(response, headers=response.headers.with_("Date", format_datetime(moment.now, usegmt=True)))
