"""The provider with its faults: which strike at a request, and in which order.

Here: occasions and chance. Not here: what is answered then (each fault says).
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.http import Request
from oauthctl.provider.answers import Answer, Endpoint, claimed_client
from oauthctl.provider.faults.places import place_of
from oauthctl.provider.faults.registry import Call, Fault, all_faults
from oauthctl.provider.moment import Moment, digest
from oauthctl.provider.state import ProviderState
from oauthctl.provider.switched import Switched

_DIGITS = 12


def struck(state: ProviderState, request: Request, moment: Moment, *, then: Endpoint) -> Answer:
    """What the provider answers with all its faults; `then` is the one without any.

    Each fault sees the answer of those that were switched on before it, and those that spoil signatures or the wire come last.
    """
    answer = then
    for number, switched in sorted(enumerate(state.faults), key=lambda one: all_faults()[one[1].slug].is_last):
        answer = _around(answer, number, switched.slug)
    return answer(replace(state, delivery=None), request, moment)


def _around(then: Endpoint, number: int, slug: str) -> Endpoint:
    fault = all_faults()[slug]

    def answer(state: ProviderState, request: Request, moment: Moment) -> Answer:
        switched = state.faults[number]
        if not _is_meant(switched, fault, state, request):
            return then(state, request, moment)
        call = Call(state, request, moment, _once(then, state, request, moment))
        # Only the fault itself can say whether this is an occasion, most of them by the answer, which is then the one that goes out, too.
        wrong = fault.misbehave(call)
        if wrong is None:
            return call.answered()
        strikes = switched.occasions >= switched.after and _falls(switched.rate, f"{slug} {number}", moment)
        counted = replace(switched, occasions=switched.occasions + 1, strikes=switched.strikes + strikes)
        after, response = wrong if strikes else call.answered()
        faults = (*after.faults[:number], counted, *after.faults[number + 1 :])
        return replace(after, faults=faults), response

    return answer


def _once(then: Endpoint, state: ProviderState, request: Request, moment: Moment) -> Endpoint:
    """The endpoint, which gives its answer to this very request in this state at this moment again without working it out again."""
    known: list[Answer] = []

    def answer(asked: ProviderState, of: Request, at: Moment) -> Answer:
        if asked is not state or of is not request or at is not moment:
            return then(asked, of, at)
        if not known:
            known.append(then(asked, of, at))
        return known[0]

    return answer


def _is_meant(switched: Switched, fault: Fault, state: ProviderState, request: Request) -> bool:
    if switched.is_over or request.method == "OPTIONS" or place_of(state, request) not in fault.places:
        return False
    return not switched.client or switched.client == claimed_client(request)


def _falls(rate: float, purpose: str, moment: Moment) -> bool:
    """Whether it strikes this time, by the randomness of the request."""
    return rate >= 1 or int(digest(moment.token(f"fault {purpose}"))[:_DIGITS], 16) / 16**_DIGITS < rate
