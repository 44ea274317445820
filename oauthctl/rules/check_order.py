"""Which of several flaws of one token is named first: the one that a client's checks meet first.

Here: flaws of the same exchange that are equally bad and equally sure. Not here: what goes before all that (`ranked`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

_CHECKS = (
    # Of a token that the issuer has not signed nothing counts, so that nothing else of it needs an explanation.
    "algorithm-none",
    "algorithm-confusion",
    "key-in-token",
    "token-altered",
    "key-unknown",
    "signature-invalid",
    "critical-header-unknown",
    "answer-jwt-unsigned",
    "answer-jwt-signature-wrong",
    "signed-answer-unsigned",
    "signed-answer-signature-wrong",
    # One of another issuer has that one's audiences, times and nonces.
    "id-token-issuer-differs",
    "token-issuer-trailing-slash",
    "token-issuer-scheme-differs",
    "token-issuer-internal-name",
    "answer-jwt-issuer-differs",
    "signed-answer-issuer-differs",
    "id-token-audience-differs",
    "authorized-party-differs",
    "authorized-party-missing",
    "answer-jwt-audience-differs",
    "signed-answer-audience-differs",
    # An old one is of another sign-in, with another nonce.
    "clock-wrong",
    "expiry-before-issue",
    "token-expired-on-arrival",
    "token-issued-in-future",
    "token-not-yet-valid",
    "answer-jwt-expired",
    "signed-answer-expired",
    "nonce-differs",
    "nonce-not-returned",
    "authentication-context-differs",
    "sign-in-too-old",
    "c-hash-differs",
    "c-hash-missing",
    "at-hash-differs",
    "at-hash-not-halved",
    "s-hash-differs",
)
"""Source: OpenID Connect Core 1.0 sections 3.1.3.7 and 3.3.2.12; JARM section 2.4."""
_PLACES = {slug: place for place, slug in enumerate(_CHECKS)}


def in_order_of_checks(found: Sequence[T], *, slug: Callable[[T], str], group: Callable[[T], object]) -> list[T]:
    """What was found, in its order, but for flaws of one group, which take their places among themselves as checks meet them."""
    ordered = list(found)
    places: dict[object, list[int]] = {}
    for at, one in enumerate(ordered):
        if slug(one) in _PLACES:
            places.setdefault(group(one), []).append(at)
    for its_places in places.values():
        there = sorted((found[at] for at in its_places), key=lambda one: _PLACES[slug(one)])
        for at, one in zip(its_places, there, strict=True):
            ordered[at] = one
    return ordered
