"""Two tokens: header, claims, how long they live.

Here: tokens that were taken apart. Not here: which tokens of two recordings belong together (`difference_messages`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oauthctl.jose.jwt import Kind as TokenKind
from oauthctl.jose.jwt import Token
from oauthctl.messages.claims import Claims
from oauthctl.messages.jose_header import JoseHeader
from oauthctl.messages.param import number
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.difference_fields import FieldsComparer, difference_of_spans
from oauthctl.record.difference_ground import Ground
from oauthctl.record.difference_values import Told
from oauthctl.specs import Section

_NAMES = {
    TokenKind.JWS: "a signed JWT",
    TokenKind.JWE: "an encrypted JWT",
    TokenKind.UNSECURED: "a JWT without signature",
    TokenKind.OPAQUE: "an opaque token",
    TokenKind.UNREADABLE: "a token that can't be read",
}
# Clocks differ by this much without harm.
_LEEWAY_SECONDS = 60


def differences_of_tokens(a: Token, b: Token, *, place: str, ground: Ground) -> Iterator[Difference]:
    """What differs; values that are new in each token are left out: ids, moments, hashes of what came along."""
    if a.kind is not b.kind:
        said = f"{_NAMES[a.kind]} in A, {_NAMES[b.kind]} in B"
        yield Difference(place, Kind.FORM, said, _NAMES[a.kind], _NAMES[b.kind], Section("RFC 7519", "3"), Weight.REQUEST)
    yield from _flaws(a, b, place)
    if a.header is not None and b.header is not None:
        header = FieldsComparer(ground, f"{place}.header", JoseHeader.params(), Weight.CLAIM)
        yield from header.differences(_fields(a.header), _fields(b.header))
    if a.claims is not None and b.claims is not None:
        claims = FieldsComparer(ground, f"{place}.claims", Claims.params(), Weight.CLAIM)
        yield from claims.differences(_fields(a.claims), _fields(b.claims))
        yield from _times(claims, a.claims, b.claims)


def _fields(members: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(members.items())


def _flaws(a: Token, b: Token, place: str) -> Iterator[Difference]:
    """What is odd about the form of one alone; that it is opaque or encrypted is no oddity."""
    if a.kind is not b.kind and {a.kind, b.kind} & {TokenKind.OPAQUE, TokenKind.JWE}:
        return
    slugs = {flaw.slug for flaw in a.flaws}, {flaw.slug for flaw in b.flaws}
    for name, token, others in (("A", a, slugs[1]), ("B", b, slugs[0])):
        for flaw in token.flaws:
            if flaw.slug not in others:
                in_a, in_b = (flaw.slug, None) if name == "A" else (None, flaw.slug)
                yield Difference(place, Kind.FORM, f"in {name} {flaw.sentence}", in_a, in_b, Section("RFC 7519", "3"))


def _times(comparer: FieldsComparer, a: dict[str, Any], b: dict[str, Any]) -> Iterator[Difference]:
    """Spans instead of moments: whether a token was good when it was sent, and how long it lives."""
    moments = comparer.ground.moments
    good = (_state(a, moments[0]), _state(b, moments[1])) if all(moments) else ("", "")
    if good[0] != good[1]:
        claim = next(_CLAIM_OF[state] for state in (good[1], good[0]) if state)
        told = Told(Kind.VALIDITY, f"at that time the token was {good[0] or 'valid'} in A, {good[1] or 'valid'} in B")
        yield comparer.told(claim, told, (good[0] or "valid",), (good[1] or "valid",), place=f"{comparer.place}.{claim}")
    lives = _span(a, "iat", "exp"), _span(b, "iat", "exp")
    span = difference_of_spans(*lives, what="the token lives")
    if span is not None:
        yield comparer.told("exp", span, (lives[0],), (lives[1],), place=f"{comparer.place}.exp")


_CLAIM_OF = {"expired": "exp", "not valid yet": "nbf", "issued in the future": "iat"}


def _span(claims: dict[str, Any], start: str, end: str) -> float | None:
    first, last = number(claims.get(start)), number(claims.get(end))
    return None if first is None or last is None else last - first


def _state(claims: dict[str, Any], at: float) -> str:
    """What was wrong with the token's times at this moment; empty when nothing was."""
    exp, nbf, iat = (number(claims.get(name)) for name in ("exp", "nbf", "iat"))
    if exp is not None and exp <= at:
        return "expired"
    if iat is not None and at + _LEEWAY_SECONDS < iat < 1e11:
        return "issued in the future"
    if nbf is not None and at + _LEEWAY_SECONDS < nbf < 1e11:
        return "not valid yet"
    return ""
