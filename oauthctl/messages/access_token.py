"""Judging the claims of a JWT access token, or of any other JWT, as an API does.

Here: the checks of claims that need no key. Not here: the signature (`jose.verify`), ID tokens (`messages.id_token`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.jwt import Kind, Token
from oauthctl.messages.id_token import IdTokenExpectations, check_id_token
from oauthctl.messages.param import texts
from oauthctl.specs import Section

_PROFILE = Section("RFC 9068", "4")
_TYPE = "at+jwt"

# What RFC 7519 says of the claims that all JWTs share.
_SHARED = {
    "issuer": Section("RFC 7519", "4.1.1"),
    "expiry": Section("RFC 7519", "4.1.4"),
    "not-before": Section("RFC 7519", "4.1.5"),
    "issued-at": Section("RFC 7519", "4.1.6"),
}


@dataclass(frozen=True, slots=True)
class AccessTokenExpectations:
    """What an API knows. An empty value is one that it does not know. With `is_access_token` false the token is some JWT."""

    now: datetime
    issuer: str = ""
    audience: str = ""
    leeway_seconds: float = 60
    algs: tuple[str, ...] = ()
    is_access_token: bool = True


def check_access_token(token: Token, expected: AccessTokenExpectations) -> tuple[Verdict, ...]:
    """The verdicts of all checks that can be made; never raises and never stops at the first failure.

    Source: RFC 9068 section 4; RFC 7519 section 4.1 for other JWTs.
    """
    if token.claims is None:
        outcome = Outcome.UNCLEAR if token.kind in {Kind.JWE, Kind.OPAQUE} else Outcome.FAIL
        return (Verdict("form", outcome, token.problems[-1] if token.problems else "the token has no claims", section=_PROFILE),)
    return tuple(_checks(token, token.claims, expected))


def _checks(token: Token, claims: dict[str, Any], expected: AccessTokenExpectations) -> Iterator[Verdict]:
    if expected.is_access_token:
        yield from _type(token, claims)
    shared = check_id_token(
        token, IdTokenExpectations(expected.now, issuer=expected.issuer, leeway_seconds=expected.leeway_seconds, algs=expected.algs)
    )
    by_name = {verdict.check: verdict for verdict in shared}
    # What RFC 7519 leaves open, RFC 9068 section 2.2 asks of a token that says of itself that it is an access token.
    is_profiled = token.typ == _TYPE
    if "iss" in claims or expected.issuer or is_profiled:
        yield replace(by_name["issuer"], section=_SHARED["issuer"])
    else:
        why = "there is no `iss`: nothing tells who made the token but its key"
        yield Verdict("issuer", Outcome.UNCLEAR, why, section=_SHARED["issuer"])
    yield from _audience(claims, expected.audience)
    if "algorithm" in by_name:
        yield replace(by_name["algorithm"], section=Section("RFC 8725", "3.1"))
    if "exp" in claims or is_profiled or expected.is_access_token:
        yield replace(by_name["expiry"], section=_SHARED["expiry"])
    else:
        why = "there is no `exp`: the token never expires, and nothing tells how old is too old"
        yield Verdict("expiry", Outcome.UNCLEAR, why, section=_SHARED["expiry"])
    yield from (replace(by_name[name], section=_SHARED[name]) for name in ("issued-at", "not-before") if _claim(name) in claims)
    if token.typ == _TYPE:
        yield from _required(claims)


def _claim(check: str) -> str:
    return {"issued-at": "iat", "not-before": "nbf"}[check]


def _type(token: Token, claims: dict[str, Any]) -> Iterator[Verdict]:
    """Source: RFC 9068 section 4: the resource server "MUST verify that the "typ" header value is "at+jwt"". Many servers write `JWT`."""
    if token.typ == _TYPE:
        yield Verdict("type", Outcome.PASS, "it says that it is an access token", _TYPE, token.typ, _PROFILE)
    elif "nonce" in claims or "at_hash" in claims:
        why = "it looks like an ID token, which is for the client and not for an API"
        yield Verdict("type", Outcome.FAIL, why, _TYPE, "nonce" if "nonce" in claims else "at_hash", Section("RFC 8725", "3.12"))
    elif token.typ not in ("", "jwt"):
        yield Verdict("type", Outcome.FAIL, f"it says that it is an `{token.typ[:40]}`, no access token", _TYPE, token.typ[:40], _PROFILE)
    else:
        why = f"it does not say that it is an access token (`typ` is not `{_TYPE}`), as many do not"
        yield Verdict("type", Outcome.UNCLEAR, why, _TYPE, token.typ, _PROFILE)


def _audience(claims: dict[str, Any], audience: str) -> Iterator[Verdict]:
    section, audiences = Section("RFC 7519", "4.1.3"), texts(claims.get("aud")) or ()
    got = " ".join(audiences)[:200]
    if not audience and "aud" not in claims:
        why = "there is no `aud`: every service that trusts the issuer takes the token"
        yield Verdict("audience", Outcome.UNCLEAR, why, "", "", section)
    elif not audience:
        yield Verdict("audience", Outcome.UNCLEAR, "`aud` was compared with nothing", "", got, section)
    elif audience in audiences:
        yield Verdict("audience", Outcome.PASS, "`aud` names this audience", audience, got, section)
    else:
        why = "`aud` does not name this audience: the token is for another API" if audiences else "there is no `aud`"
        yield Verdict("audience", Outcome.FAIL, why, audience, got, section)


def _required(claims: dict[str, Any]) -> Iterator[Verdict]:
    """Source: RFC 9068 section 2.2."""
    missing = [name for name in ("iss", "exp", "aud", "sub", "client_id", "iat", "jti") if name not in claims]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        yield Verdict("required-claims", Outcome.FAIL, f"an `{_TYPE}` must have {names}", section=Section("RFC 9068", "2.2"))
