"""How often somebody may guess: passwords at the forms, and the codes of devices.

Here: counting what was wrong within a minute. Not here: what is guessed (`password_form`, `device`).
"""

from __future__ import annotations

from oauthctl.provider.changing import changed
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.state import ProviderState

SECONDS = 60.0
PASSWORDS = 10
"""For one name. Source: RFC 6749 section 10.10 wants guessing prevented, and OWASP's cheat sheet on authentication counts by account."""
CODES = 5
"""For one person who has signed in, or for one browser of nobody known; an attacker has many of these."""
ALL_CODES = 60
"""For all browsers in which nobody has signed in: with ten minutes for a code of 34 bits, one guess in 10^7 finds one.

Source: RFC 8628 section 5.1.
"""
_SUBJECTS = 1000


def are_too_many(state: ProviderState, subject: str, most: int, moment: Moment) -> bool:
    """Whether there were so many wrong attempts of this kind that the next has to wait."""
    return len(_recent(state, digest(subject), moment)) >= most


def with_wrong(state: ProviderState, *subjects: str, moment: Moment) -> ProviderState:
    """The state that counts a wrong attempt. Names are kept as digests: some of them are passwords in the wrong field."""
    counted = {key: recent for key in state.attempts if (recent := _recent(state, key, moment))}
    for key in map(digest, subjects):
        counted[key] = (*counted.pop(key, ()), moment.seconds)
    return changed(state, attempts=dict(list(counted.items())[-_SUBJECTS:]))


def _recent(state: ProviderState, key: str, moment: Moment) -> tuple[float, ...]:
    return tuple(at for at in state.attempts.get(key, ()) if moment.seconds - at < SECONDS)
