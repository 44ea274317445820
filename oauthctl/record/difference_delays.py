"""How long a code waited before it was redeemed, in two recordings.

Here: the moment that a callback brought a code, against the token request. Not here: how long an answer took (`difference_answers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oauthctl.record import purposes
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.exchange import Recording
from oauthctl.record.purposes import fragment_of, posted_fields, query_of
from oauthctl.record.transaction import known_purpose
from oauthctl.specs import Section

_LONG = 30.0
"""Seconds; servers allow a code from half a minute on."""


def delays_of(recording: Recording) -> Mapping[int, float]:
    """Seconds from a code's callback to its token request, by the token request's id."""
    brought: dict[str, float] = {}
    found: dict[int, float] = {}
    for exchange in recording.exchanges:
        purpose, moment = known_purpose(exchange), exchange.started_at.timestamp()
        if purpose == purposes.CALLBACK:
            fields = dict(
                (*fragment_of(exchange.request.url).pairs, *query_of(exchange.request.url).pairs, *posted_fields(exchange.request))
            )
            brought.setdefault(str(fields.get("code") or ""), moment)
        elif purpose == purposes.TOKEN:
            code = str(dict(posted_fields(exchange.request)).get("code") or "")
            if code and code in brought:
                found[exchange.id] = moment - brought[code]
    return found


def differences_of_delays(a: float | None, b: float | None) -> Iterator[Difference]:
    """A code that one side alone let wait for long."""
    if a is None or b is None or (a > _LONG) == (b > _LONG):
        return
    said = f"`code` was redeemed {_lasting(a)} after it came in A, {_lasting(b)} in B"
    shown, section = (round(a, 3), round(b, 3)), Section("RFC 6749", "4.1.2")
    yield Difference("request.form.code", Kind.TIMING, said, *shown, section, Weight.CREDENTIALS)


def _lasting(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.1f} seconds"
