"""Pairs of faults that show in one run, in the order in which they must be found.

Here: the table, and what stands first for which reason. Not here: the play (`playing`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """Two faults, the root cause first, and the flow in which both show."""

    first: str
    second: str
    flow: str = "code-flow"


# What makes the run fail comes before what is wrong beside it, wherever in the run that was.
_FAILURE_FIRST = (
    Pair("id-token-nonce-wrong", "keys-with-same-kid"),
    Pair("token-throttled", "keys-private"),
    Pair("id-token-nonce-wrong", "token-scope-narrowed"),
    Pair("id-token-nonce-wrong", "token-lifetime-as-text"),
    Pair("id-token-nonce-wrong", "token-without-type"),
    Pair("id-token-nonce-wrong", "metadata-with-byte-order-mark"),
    Pair("id-token-nonce-wrong", "dpop-ignored", "dpop-flow"),
    Pair("api-throttled", "token-with-byte-order-mark", "dpop-flow"),
    Pair("api-error", "dpop-ignored", "dpop-flow"),
    Pair("api-header-lost", "keys-private", "mtls-flow"),
    Pair("notification-of-stranger", "token-with-byte-order-mark", "ciba-ping-flow"),
    Pair("refresh-other-subject", "refresh-not-rotated", "refresh-flow"),
    Pair("id-token-nonce-wrong", "metadata-other-algorithm"),
    Pair("id-token-nonce-wrong", "lax-registered-redirect-uri", "not-the-registered-uri"),
)
# What came earlier comes first: everything after it may follow from it, and with a private key in public no token proves anything.
_EARLIER_FIRST = (
    Pair("keys-empty", "id-token-nonce-wrong"),
    Pair("keys-private", "id-token-audience-elsewhere"),
    Pair("keys-private", "code-spent"),
    Pair("keys-private", "api-refuses", "mtls-flow"),
    Pair("keys-private", "token-clock-behind"),
    Pair("callback-state-changed", "callback-denied"),
    Pair("revocation-ignored", "introspection-active-after-end", "revocation-flow"),
)
# Of one message, what a client checks first: the state before the issuer, a signature before what it covers, the issuer before what only
# that issuer can mean.
_CHECKED_FIRST = (
    Pair("callback-state-changed", "callback-issuer-wrong"),
    Pair("callback-state-dropped", "callback-issuer-wrong"),
    Pair("signature-none", "id-token-nonce-wrong"),
    Pair("signature-wrong", "id-token-audience-elsewhere"),
    Pair("signature-by-public-key", "id-token-expired"),
    Pair("id-token-issuer-elsewhere", "id-token-audience-elsewhere"),
    Pair("id-token-audience-elsewhere", "id-token-nonce-wrong"),
    Pair("id-token-nonce-wrong", "id-token-at-hash-wrong"),
    Pair("id-token-sub-missing", "id-token-exp-missing"),
    Pair("front-c-hash-wrong", "front-s-hash-wrong", "hybrid-flow"),
    Pair("answer-jwt-none", "answer-jwt-old", "signed-answer-flow"),
    Pair("answer-jwt-issuer-elsewhere", "answer-jwt-audience-elsewhere", "signed-answer-flow"),
    Pair("userinfo-jwt-none", "userinfo-jwt-old", "signed-userinfo-flow"),
    Pair("userinfo-jwt-issuer-elsewhere", "userinfo-jwt-audience-elsewhere", "signed-userinfo-flow"),
    Pair("signed-answer-altered", "signed-answer-issuer-elsewhere", "signed-introspection-flow"),
    Pair("signed-answer-issuer-elsewhere", "signed-answer-audience-elsewhere", "signed-introspection-flow"),
)

PAIRS = (*_FAILURE_FIRST, *_EARLIER_FIRST, *_CHECKED_FIRST)
