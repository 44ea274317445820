"""Judging an ID token's claims: every check of OpenID Connect, each with its own verdict.

Here: the order of the checks, and those of the token's type and algorithm. Not here: who (`id_token_parties`), when (`id_token_times`),
in answer to what (`id_token_bindings`); the signature (`jose.verify`), remarks without expectations (`messages.remarks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.jwt import Kind, Token
from oauthctl.messages.claim_values import shown
from oauthctl.messages.id_token_bindings import check_hashes, check_nonce, half_hash
from oauthctl.messages.id_token_expectations import IdTokenExpectations
from oauthctl.messages.id_token_parties import check_audience, check_issuer, check_subject, issuer_difference
from oauthctl.messages.id_token_times import check_sign_in, check_times
from oauthctl.specs import Section

__all__ = ["IdTokenExpectations", "check_id_token", "half_hash", "issuer_difference"]

_VALIDATION = Section("OIDC Core", "3.1.3.7")


def check_id_token(token: Token, expected: IdTokenExpectations) -> tuple[Verdict, ...]:
    """The verdicts of all checks that can be made, in the order of the standard; never raises and never stops at the first failure.

    Source: OIDC Core section 3.1.3.7, 3.1.3.8, 3.3.2.11.
    """
    if token.claims is None:
        outcome = Outcome.UNCLEAR if token.kind in {Kind.JWE, Kind.OPAQUE} else Outcome.FAIL
        why = token.problems[-1] if token.problems else "the token has no claims"
        return (Verdict("form", outcome, why, section=Section("OIDC Core", "2")),)
    return tuple(_checks(token, token.claims, expected))


def _checks(token: Token, claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    yield from _form(token)
    yield from check_issuer(claims, expected)
    yield check_subject(claims, expected)
    yield from check_audience(claims, expected)
    yield from _algorithm(token, expected)
    yield from check_times(claims, expected)
    yield from check_nonce(claims, expected)
    yield from check_sign_in(claims, expected)
    yield from check_hashes(token, claims, expected)


def _form(token: Token) -> Iterator[Verdict]:
    if token.typ not in {"", "jwt"}:
        # RFC 8725 section 3.11: explicit types keep one kind of JWT from being taken for another.
        why = f"it says that it is an `{token.typ[:40]}`, no ID token"
        yield Verdict("type", Outcome.FAIL, why, "JWT", token.typ[:40], Section("RFC 8725", "3.11"))
    if "events" in (token.claims or {}):
        why = "it has `events`: a logout token or security event, no ID token"
        yield Verdict("type", Outcome.FAIL, why, "no `events`", "events", Section("OIDC Back-Channel Logout", "2.4"))


def _algorithm(token: Token, expected: IdTokenExpectations) -> Iterator[Verdict]:
    section = _VALIDATION
    if not expected.algs:
        return
    if token.alg in expected.algs:
        yield Verdict("algorithm", Outcome.PASS, "`alg` is one that was agreed on", " ".join(expected.algs), token.alg, section)
    else:
        why = "`alg` is none that was announced or registered"
        yield Verdict("algorithm", Outcome.FAIL, why, " ".join(expected.algs), shown(token.alg), section)
