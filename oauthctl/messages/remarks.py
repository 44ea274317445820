"""What can be remarked about a token by looking at it, without any key and without expectations.

Here: one small function for each subject. Not here: what a client expects (`messages.id_token`), signatures (`jose.verify`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from oauthctl.findings import Evidence, Finding, Severity
from oauthctl.jose.jwt import Kind, Token
from oauthctl.messages.claim_values import LAST_SECOND, in_seconds, unit_of
from oauthctl.messages.param import number
from oauthctl.specs import Section

_TIMES = ("exp", "nbf", "iat", "auth_time", "updated_at")
_LONG_LIFE_SECONDS = 31 * 86400
_HEADER_LIMIT = 8192
_CLOCKS_SECONDS = 60
_SECRET_NAME = re.compile(r"passw(or)?d|passphrase|(^|_)pwd$|secret|private_?key|api_?key|credit_?card|(^|_)ssn$|(^|_)cvv$", re.IGNORECASE)
_ODD_KID = re.compile(r"\.\.[/\\]|^[/\\]|://|['\";`|$]|--|\x00|\b(select|union)\b", re.IGNORECASE)
_FORM_SEVERITY = {"encrypted": Severity.NOTE, "opaque": Severity.NOTE, "sd-jwt": Severity.NOTE, "whitespace": Severity.NOTE}
_FORM_WARNINGS = frozenset({"padding", "loose-base64", "whitespace-inside", "base64-alphabet"})
_PAYLOAD_FLAWS = frozenset({"not-json", "not-utf-8", "not-an-object"})
# Clauses other than that on validating a JWT; to a client an access token is a text of no meaning (RFC 6749 section 1.4).
_SECTIONS = {
    "opaque": Section("RFC 6749", "1.4"),
    "encrypted": Section("RFC 7516", "3"),
    "duplicate-member": Section("RFC 7519", "4"),
    "sd-jwt": Section("RFC 9901", "4"),
}


def remarks(token: Token, now: datetime) -> tuple[Finding, ...]:
    """What somebody who knows tokens would remark, the worst first; never raises."""
    found = [*_form(token), *_header(token), *_claims(token, now.timestamp()), *_size(token)]
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _form(token: Token) -> Iterator[Finding]:
    for flaw in token.flaws:
        severity = _FORM_SEVERITY.get(flaw.slug, Severity.WARNING if flaw.slug in _FORM_WARNINGS else Severity.ERROR)
        if flaw.slug in _PAYLOAD_FLAWS and flaw.sentence.startswith("the payload") and not _is_meant_as_jwt(token):
            # Source: RFC 7515 section 2: the payload of a JWS is any sequence of octets.
            message = f"{flaw.sentence}: a JWS may sign anything, and this one is no JWT"
            yield Finding(flaw.slug, Severity.NOTE, message, sections=(Section("RFC 7515", "2"),))
            continue
        section = Section("RFC 7515", "2") if flaw.slug in _FORM_WARNINGS else _SECTIONS.get(flaw.slug, Section("RFC 7519", "7.2"))
        yield Finding(flaw.slug, severity, flaw.sentence, sections=(section,))


def _is_meant_as_jwt(token: Token) -> bool:
    """Whether the token says that it is a JWT (`typ`), or its payload begins as one's would."""
    return token.typ == "jwt" or token.typ.endswith("+jwt") or token.payload.lstrip()[:1] == b"{"


def _header(token: Token) -> Iterator[Finding]:
    header = token.header or {}
    if token.kind == Kind.UNSECURED:
        yield _finding(
            "not-signed", Severity.ERROR, "`alg` is `none`: anybody can have written this token", "header.alg", section=("RFC 8725", "3.2")
        )
    if token.alg in {"HS256", "HS384", "HS512"}:
        message = f"`{token.alg}`: whoever can verify this token can also make one"
        yield _finding("shared-secret", Severity.NOTE, message, "header.alg", section=("RFC 8725", "3.5"))
    if token.alg == "RSA1_5":
        yield _finding("weak-algorithm", Severity.WARNING, "`RSA1_5` is open to padding attacks", "header.alg", section=("RFC 8725", "3.2"))
    proof = token.typ == "dpop+jwt"
    for name in ("jwk", "jku", "x5u", "x5c"):
        if name in header and not (proof and name == "jwk"):
            message = f"the token brings its own key along (`{name}`): it proves nothing about who signed"
            yield _finding("embedded-key", Severity.WARNING, message, f"header.{name}", section=("RFC 8725", "3.10"))
    if "crit" in header:
        message = "`crit`: a reader that does not know these extensions must refuse the token"
        yield _finding(
            "critical-extension", Severity.WARNING, message, "header.crit", got=str(header["crit"])[:80], section=("RFC 7515", "4.1.11")
        )
    if _ODD_KID.search(token.kid) and not token.kid.startswith("did:"):
        message = "`kid` looks like a path, an address or a command: it must only ever be compared with known ids"
        yield _finding("odd-kid", Severity.WARNING, message, "header.kid", got=ascii(token.kid[:80])[1:-1], section=("RFC 8725", "3.10"))
    if header.get("zip") is not None:
        yield _finding(
            "compressed",
            Severity.NOTE,
            "compressed before encryption: its size tells about its content",
            "header.zip",
            section=("RFC 8725", "3.6"),
        )


def _claims(token: Token, now: float) -> Iterator[Finding]:
    claims = token.claims
    if claims is None:
        return
    yield from _time_forms(claims)
    yield from _lifetime(token, claims, now)
    if "aud" not in claims and token.typ != "dpop+jwt":
        message = "there is no `aud`: every service that trusts the issuer would accept the token"
        yield _finding("no-audience", Severity.NOTE, message, "claims.aud", section=("RFC 8725", "3.9"))
    if "iss" not in claims and token.typ != "dpop+jwt":
        yield _finding(
            "no-issuer", Severity.NOTE, "there is no `iss`: the keys to verify it can't be found", "claims.iss", section=("RFC 8725", "3.8")
        )
    for name in claims:
        if _SECRET_NAME.search(name):
            message = f"`{name[:80]}` looks like a secret, and everybody who holds the token can read it"
            yield _finding("secret-in-claims", Severity.WARNING, message, f"claims.{name[:80]}", section=("RFC 7519", "12"))


def _time_forms(claims: dict[str, Any]) -> Iterator[Finding]:
    for name in _TIMES:
        if name not in claims:
            continue
        seconds = number(claims[name])
        if seconds is None:
            message = f"`{name}` is no number of seconds"
            yield _finding(
                "time-unreadable", Severity.ERROR, message, f"claims.{name}", got=str(claims[name])[:80], section=("RFC 7519", "2")
            )
            continue
        if isinstance(claims[name], str):
            message = f"`{name}` is a string, and strict readers want a number"
            yield _finding(
                "time-as-string", Severity.WARNING, message, f"claims.{name}", got=str(claims[name])[:80], section=("RFC 7519", "2")
            )
        if abs(seconds) > LAST_SECOND:
            message = f"`{name}` is in {unit_of(seconds)}, and must be in seconds"
            expected = str(int(in_seconds(seconds)))
            got = str(claims[name])[:80]
            yield _finding(
                "seconds-as-milliseconds", Severity.ERROR, message, f"claims.{name}", expected=expected, got=got, section=("RFC 7519", "2")
            )


def _lifetime(token: Token, claims: dict[str, Any], now: float) -> Iterator[Finding]:
    exp, nbf, iat = (_seconds(claims.get(name)) for name in ("exp", "nbf", "iat"))
    # A reader takes milliseconds for a moment far ahead: what the issuer meant to say of now is not what the token says.
    is_counted = {name: _is_in_seconds(claims.get(name)) for name in ("exp", "nbf", "iat")}
    if "exp" not in claims and token.typ not in {"dpop+jwt", "secevent+jwt"}:
        message = "there is no `exp`: the token is valid for ever"
        yield _finding("no-expiry", Severity.WARNING, message, "claims.exp", section=("RFC 7519", "4.1.4"))
    if exp is not None and exp <= now and is_counted["exp"]:
        yield _finding("expired", Severity.ERROR, "the token has expired", "claims.exp", got=f"{exp:.0f}", section=("RFC 7519", "4.1.4"))
    if nbf is not None and nbf > now and is_counted["nbf"]:
        yield _finding(
            "not-yet-valid", Severity.ERROR, "the token is not valid yet", "claims.nbf", got=f"{nbf:.0f}", section=("RFC 7519", "4.1.5")
        )
    if iat is not None and iat > now + _CLOCKS_SECONDS and is_counted["iat"]:
        message = "the token was issued in the future: the issuer's clock or yours is wrong"
        yield _finding("issued-in-future", Severity.WARNING, message, "claims.iat", got=f"{iat:.0f}", section=("RFC 7519", "4.1.6"))
    start = iat if iat is not None else nbf
    if exp is None or start is None:
        return
    if exp <= start:
        message = "`exp` is not after `iat`: the token was never valid"
        yield _finding("expires-before-issued", Severity.ERROR, message, "claims.exp", got=f"{exp:.0f}", section=("RFC 7519", "4.1.4"))
    elif exp - start > _LONG_LIFE_SECONDS:
        message = f"the token lives for {int((exp - start) // 86400)} days: whoever steals it has it that long"
        yield _finding("long-lifetime", Severity.WARNING, message, "claims.exp", section=("RFC 9700", "2.2.1"))


def _seconds(raw: object) -> float | None:
    """A moment in seconds, also when it was written in something smaller."""
    count = number(raw)
    return None if count is None else in_seconds(count)


def _is_in_seconds(raw: object) -> bool:
    seconds = number(raw)
    return seconds is not None and abs(seconds) <= LAST_SECOND


def _size(token: Token) -> Iterator[Finding]:
    size = len(token.compact)
    if size > _HEADER_LIMIT and token.kind != Kind.UNREADABLE:
        message = f"{size} characters: many servers refuse a header of more than 8 kB"
        yield _finding("large-token", Severity.WARNING, message, "token", got=str(size), section=("RFC 9110", "5.4"))


def _finding(
    rule: str, severity: Severity, message: str, place: str, *, section: tuple[str, str], expected: str = "", got: str = ""
) -> Finding:
    return Finding(rule, severity, message, (Evidence(None, place, expected, got),), sections=(Section(*section),))
