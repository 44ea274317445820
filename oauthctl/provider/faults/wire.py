"""Faults below the protocol: answers that come late, broken, packed wrongly or not at all.

Here: how an answer travels. Not here: what it says.
"""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

from oauthctl.provider.answers import Answer
from oauthctl.provider.delivery import Delivery
from oauthctl.provider.faults.edits import with_body
from oauthctl.provider.faults.places import METADATA
from oauthctl.provider.faults.registry import Call, fault

_MACHINE, _DISCOVERY = "client-credentials-flow", "discovery-flow"
_FOR_EVER = 3600.0


@fault("token", rule="connection-reset", flow=_MACHINE)
def token_reset(call: Call) -> Answer | None:
    """The connection to the token endpoint is reset before an answer."""
    return _delivered(call, Delivery(is_reset=True))


@fault("token", rule="server-too-slow", flow=_MACHINE)
def token_silent(call: Call) -> Answer | None:
    """The token endpoint takes the request and never answers."""
    return _delivered(call, Delivery(seconds=_FOR_EVER))


@fault("token", rule="answer-cut-off", flow=_MACHINE)
def token_cut_off(call: Call) -> Answer | None:
    """The connection ends in the midst of the token answer."""
    return _delivered(call, Delivery(keeps=20))


@fault(METADATA, rule="connection-reset", flow=_DISCOVERY)
def metadata_reset(call: Call) -> Answer | None:
    """The connection is reset when the metadata is asked for."""
    return _delivered(call, Delivery(is_reset=True))


@fault(METADATA, rule="server-too-slow", flow=_DISCOVERY)
def metadata_silent(call: Call) -> Answer | None:
    """The metadata never comes."""
    return _delivered(call, Delivery(seconds=_FOR_EVER))


@fault("authorize", "token", rule="clock-wrong")
def token_clock_ahead(call: Call) -> Answer | None:
    """The provider's clock is an hour ahead: in its tokens, and in its `Date`."""
    return _by_clock(call, timedelta(hours=1))


@fault("authorize", "token", rule="clock-wrong")
def token_clock_behind(call: Call) -> Answer | None:
    """The provider's clock is an hour behind: in its tokens, and in its `Date`."""
    return _by_clock(call, timedelta(hours=-1))


def _by_clock(call: Call, off: timedelta) -> Answer:
    moment = replace(call.moment, now=call.moment.now + off)
    state, response = replace(call, moment=moment).answered()
    return state, replace(response, headers=response.headers.with_("Date", format_datetime(moment.now, usegmt=True)))


def _delivered(call: Call, delivery: Delivery) -> Answer:
    state, response = call.answered()
    return replace(state, delivery=delivery), response


@fault("token", rule="content-encoding-wrong", flow=_MACHINE)
def token_not_packed(call: Call) -> Answer | None:
    """The token answer says that it is packed with gzip, and is plain text."""
    state, response = call.answered()
    return state, replace(response, headers=response.headers.with_("Content-Encoding", "gzip"))


@fault("token", rule="content-encoding-wrong", flow=_MACHINE)
def token_packed_badly(call: Call) -> Answer | None:
    """The token answer is packed with gzip, and damaged in the middle."""
    state, response = call.answered()
    packed = gzip.compress(response.body, mtime=0)
    middle = len(packed) // 2
    damaged = packed[:middle] + bytes(octet ^ 0xFF for octet in packed[middle : middle + 8]) + packed[middle + 8 :]
    return state, replace(with_body(response, damaged), headers=response.headers.with_("Content-Encoding", "gzip"))


@fault("token", rule="answer-too-large", flow=_MACHINE)
def token_endless(call: Call) -> Answer | None:
    """The token answer is larger than anybody should read."""
    state, response = call.answered()
    return state, with_body(response, b'{"padding": "' + b"a" * 40_000_000 + b'"}')
