"""How near two moments may be before nobody can say which of them came first.

Here: an end or a beginning against the moment of a request. Not here: clocks that are wrong (`token_time`, `assertion_times`).
"""

from __future__ import annotations

from oauthctl.findings import Certainty
from oauthctl.messages.claim_values import length

PRECISION = 1.0
"""Seconds. A NumericDate and a `Date` header are told in whole ones, and a message is under way for a part of one.

Source: RFC 7519 section 2; RFC 9110 section 5.6.7.
"""


def certainty_of(seconds: float) -> Certainty:
    """How sure it is that a moment was missed by so many seconds."""
    return Certainty.CERTAIN if seconds > PRECISION else Certainty.POSSIBLE


def before(seconds: float) -> str:
    """`14 minutes before`, to be followed by what happened then."""
    return f"{length(seconds)} before" if seconds > PRECISION else "within a second of when"


def gap(seconds: float) -> str:
    """A length of time between two clocks: `14 minutes`, `less than a second`."""
    return length(seconds) if seconds >= 1 else "less than a second"
