"""Judging an ID token's claims: every check of OpenID Connect, each with its own verdict.

Here: the checks of claims and of the hashes. Not here: the signature (`jose.verify`), remarks without expectations (`messages.remarks`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.jwt import Kind, Token
from oauthctl.messages.param import moment, number, texts
from oauthctl.specs import Section

_VALIDATION = "3.1.3.7"
_MAX_SUB = 255


@dataclass(frozen=True, slots=True)
class IdTokenExpectations:
    """What the client knows and the ID token must agree with. An empty value is one that the client does not know: its check is left out.

    `nonce` None: the request sent none. `max_age` and `acr_values` are those of the request. `algs` are the announced or registered ones.
    """

    now: datetime
    issuer: str = ""
    client_id: str = ""
    nonce: str | None = field(default=None, repr=False)
    leeway_seconds: float = 60
    max_iat_age_seconds: float | None = None
    access_token: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    max_age: float | None = None
    acr_values: tuple[str, ...] = ()
    algs: tuple[str, ...] = ()
    trusted_audiences: tuple[str, ...] = ()
    subject: str = field(default="", repr=False)


def check_id_token(token: Token, expected: IdTokenExpectations) -> tuple[Verdict, ...]:
    """The verdicts of all checks that can be made, in the order of the standard; never raises and never stops at the first failure.

    Source: OIDC Core section 3.1.3.7, 3.1.3.8, 3.3.2.11.
    """
    if token.claims is None:
        outcome = Outcome.UNCLEAR if token.kind in {Kind.JWE, Kind.OPAQUE} else Outcome.FAIL
        why = token.problems[-1] if token.problems else "the token has no claims"
        return (Verdict("form", outcome, why, section=Section("OIDC Core", "2")),)
    return tuple(_checks(token, token.claims, expected))


def issuer_difference(expected: str, got: str) -> str:
    """How two issuers differ, in a few words: `by a trailing slash`; they are compared as exact strings."""
    if expected.rstrip("/") == got.rstrip("/"):
        return "by a trailing slash"
    if expected.lower() == got.lower():
        return "in upper and lower case"
    try:
        ours, theirs = urlsplit(expected), urlsplit(got)
        ports = ours.port, theirs.port
    except ValueError:
        return "altogether"
    if ours[1:] == theirs[1:]:
        return "in the scheme" if theirs.scheme else "by a missing scheme"
    if not theirs.scheme and expected.partition("://")[2].rstrip("/") == got.rstrip("/"):
        return "by a missing scheme"
    if ours.hostname == theirs.hostname:
        return "in the port" if ports[0] != ports[1] else "in the path"
    return "in the host" if ours.path.rstrip("/") == theirs.path.rstrip("/") and theirs.netloc else "altogether"


def half_hash(value: str, alg: str, crv: str = "") -> str:
    """The left half of a value's hash, as `at_hash` and `c_hash` have it; empty when the algorithm names no hash.

    Source: OIDC Core section 3.1.3.6.
    """
    if alg in {"EdDSA", "Ed25519"} and crv in {"", "Ed25519"}:
        digest = hashlib.sha512(value.encode()).digest()
    elif alg in {"EdDSA", "Ed448"}:
        digest = hashlib.shake_256(value.encode()).digest(114)
    elif alg[2:5] in {"256", "384", "512"} and alg[:2] in {"HS", "RS", "PS", "ES"}:
        digest = hashlib.new(f"sha{alg[2:5]}", value.encode()).digest()
    else:
        return ""
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _checks(token: Token, claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    yield from _form(token)
    yield from _issuer(claims, expected)
    yield _subject(claims, expected)
    yield from _audience(claims, expected)
    yield from _algorithm(token, expected)
    yield from _times(claims, expected)
    yield from _nonce(claims, expected)
    yield from _authentication(claims, expected)
    yield from _hashes(token, claims, expected)


def _form(token: Token) -> Iterator[Verdict]:
    if token.typ not in {"", "jwt"}:
        # RFC 8725 section 3.11: explicit types keep one kind of JWT from being taken for another.
        why = f"it says that it is an `{token.typ[:40]}`, no ID token"
        yield Verdict("type", Outcome.FAIL, why, "JWT", token.typ[:40], Section("RFC 8725", "3.11"))
    if "events" in (token.claims or {}):
        why = "it has `events`: a logout token or security event, no ID token"
        yield Verdict("type", Outcome.FAIL, why, "no `events`", "events", Section("OIDC Back-Channel Logout", "2.4"))


def _issuer(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    section = Section("OIDC Core", _VALIDATION)
    got = claims.get("iss")
    if not isinstance(got, str) or not got:
        yield Verdict("issuer", Outcome.FAIL, "there is no `iss`", expected.issuer, _shown(got), section)
    elif expected.issuer and got != expected.issuer:
        why = f"`iss` differs from the issuer {issuer_difference(expected.issuer, got)}"
        yield Verdict("issuer", Outcome.FAIL, why, expected.issuer, _shown(got), section)
    elif expected.issuer:
        yield Verdict("issuer", Outcome.PASS, "`iss` is the issuer", expected.issuer, got, section)
    else:
        yield Verdict("issuer", Outcome.UNCLEAR, "`iss` was compared with nothing", "", _shown(got), section)


def _subject(claims: dict[str, Any], expected: IdTokenExpectations) -> Verdict:
    section = Section("OIDC Core", "2")
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub:
        return Verdict("subject", Outcome.FAIL, "there is no `sub`", "a string", _shown(sub), section)
    if len(sub) > _MAX_SUB or not sub.isascii():
        why = f"`sub` is no string of at most {_MAX_SUB} ASCII characters"
        return Verdict("subject", Outcome.FAIL, why, f"at most {_MAX_SUB} ASCII characters", f"{len(sub)} characters", section)
    if expected.subject and not _same(sub, expected.subject):
        why = "`sub` is another user than before"
        return Verdict("subject", Outcome.FAIL, why, expected.subject, sub, Section("OIDC Core", "12.2"))
    return Verdict("subject", Outcome.PASS, "`sub` is there", "", sub, section)


def _audience(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    section = Section("OIDC Core", _VALIDATION)
    audiences = texts(claims.get("aud")) or ()
    got, client_id = " ".join(audiences), expected.client_id
    if not audiences:
        yield Verdict("audience", Outcome.FAIL, "there is no `aud`", client_id, _shown(claims.get("aud")), section)
    elif client_id and client_id not in audiences:
        yield Verdict(
            "audience", Outcome.FAIL, "`aud` does not name this client: the token is for somebody else", client_id, _shown(got), section
        )
    elif client_id:
        others = [audience for audience in audiences if audience not in {client_id, *expected.trusted_audiences}]
        if others and expected.trusted_audiences:
            why = "`aud` names audiences that are not trusted"
            yield Verdict("audience", Outcome.FAIL, why, " ".join((client_id, *expected.trusted_audiences)), _shown(got), section)
        else:
            yield Verdict("audience", Outcome.PASS, "`aud` names this client", client_id, _shown(got), section)
    else:
        yield Verdict("audience", Outcome.UNCLEAR, "`aud` was compared with nothing", "", _shown(got), section)
    yield from _authorized_party(claims, audiences, client_id)


def _authorized_party(claims: dict[str, Any], audiences: tuple[str, ...], client_id: str) -> Iterator[Verdict]:
    section, azp = Section("OIDC Core", _VALIDATION), claims.get("azp")
    if azp is None:
        if len(audiences) > 1:
            why = "there are several audiences and no `azp` to say for whom the token was issued"
            yield Verdict("authorized-party", Outcome.FAIL, why, client_id, "", section)
        return
    if not client_id:
        yield Verdict("authorized-party", Outcome.UNCLEAR, "`azp` was compared with nothing", "", _shown(azp), section)
    elif azp == client_id:
        yield Verdict("authorized-party", Outcome.PASS, "`azp` is this client", client_id, client_id, section)
    else:
        yield Verdict("authorized-party", Outcome.FAIL, "`azp` is another client", client_id, _shown(azp), section)


def _algorithm(token: Token, expected: IdTokenExpectations) -> Iterator[Verdict]:
    section = Section("OIDC Core", _VALIDATION)
    if not expected.algs:
        return
    if token.alg in expected.algs:
        yield Verdict("algorithm", Outcome.PASS, "`alg` is one that was agreed on", " ".join(expected.algs), token.alg, section)
    else:
        why = "`alg` is none that was announced or registered"
        yield Verdict("algorithm", Outcome.FAIL, why, " ".join(expected.algs), _shown(token.alg), section)


def _times(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    section, leeway, now = Section("OIDC Core", _VALIDATION), expected.leeway_seconds, expected.now.timestamp()
    limit = f"after {_iso(expected.now)}"
    exp, iat, nbf = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if exp is None:
        yield Verdict("expiry", Outcome.FAIL, _missing(claims, "exp"), limit, _shown(claims.get("exp")), section)
    elif now >= exp + leeway:
        yield Verdict("expiry", Outcome.FAIL, f"expired {_long(now - exp)} ago", limit, _time(exp), section)
    else:
        why = f"valid for {_long(exp - now)}" if exp > now else f"expired {_long(now - exp)} ago, within the leeway"
        yield Verdict("expiry", Outcome.PASS, why, limit, _time(exp), section)
    if iat is None:
        yield Verdict("issued-at", Outcome.FAIL, _missing(claims, "iat"), "", _shown(claims.get("iat")), section)
    elif iat > now + leeway:
        why = f"issued {_long(iat - now)} in the future: the clocks differ"
        yield Verdict("issued-at", Outcome.FAIL, why, f"not after {_iso(expected.now)}", _time(iat), section)
    elif expected.max_iat_age_seconds is not None and now - iat > expected.max_iat_age_seconds + leeway:
        why = f"issued {_long(now - iat)} ago, longer than accepted"
        yield Verdict("issued-at", Outcome.FAIL, why, f"at most {expected.max_iat_age_seconds:g} seconds ago", _time(iat), section)
    else:
        yield Verdict(
            "issued-at", Outcome.PASS, f"issued {_long(abs(now - iat))} {'ago' if iat <= now else 'ahead'}", "", _time(iat), section
        )
    if nbf is not None and nbf > now + leeway:
        why = f"not valid for another {_long(nbf - now)}"
        yield Verdict("not-before", Outcome.FAIL, why, f"not after {_iso(expected.now)}", _time(nbf), Section("RFC 7519", "4.1.5"))
    elif "nbf" in claims:
        outcome = Outcome.FAIL if nbf is None else Outcome.PASS
        why = _missing(claims, "nbf") if nbf is None else "already valid"
        yield Verdict("not-before", outcome, why, "", _shown(claims["nbf"]) if nbf is None else _time(nbf), Section("RFC 7519", "4.1.5"))


def _nonce(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    section, got = Section("OIDC Core", _VALIDATION), claims.get("nonce")
    if expected.nonce is None:
        return
    if got is None:
        yield Verdict("nonce", Outcome.FAIL, "the request sent a `nonce` and the token has none", expected.nonce, "", section)
    elif isinstance(got, str) and _same(got, expected.nonce):
        yield Verdict("nonce", Outcome.PASS, "`nonce` is the one that was sent", expected.nonce, got, section)
    else:
        why = "`nonce` is not the one that was sent: the token answers another request"
        yield Verdict("nonce", Outcome.FAIL, why, expected.nonce, _shown(got), section)


def _authentication(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    section = Section("OIDC Core", _VALIDATION)
    if expected.acr_values:
        got = claims.get("acr")
        # `acr_values` are a wish (OIDC Core section 3.1.2.1): another class is no breach of the protocol.
        fits = isinstance(got, str) and got in expected.acr_values
        outcome = Outcome.PASS if fits else Outcome.FAIL
        why = "`acr` is one that was asked for" if fits else "`acr` is none that was asked for" if got is not None else "there is no `acr`"
        yield Verdict("acr", outcome, why, " ".join(expected.acr_values), _shown(got), section)
    auth_time = _seconds(claims, "auth_time")
    if expected.max_age is not None:
        wanted, age = f"at most {expected.max_age:g} seconds ago", expected.now.timestamp() - (auth_time or 0)
        if auth_time is None:
            why = "`max_age` was asked for and there is no `auth_time`"
            yield Verdict("auth-time", Outcome.FAIL, why, wanted, _shown(claims.get("auth_time")), section)
        elif age > expected.max_age + expected.leeway_seconds:
            why = f"the user signed in {_long(age)} ago, longer than `max_age`"
            yield Verdict("auth-time", Outcome.FAIL, why, wanted, _time(auth_time), section)
        else:
            yield Verdict("auth-time", Outcome.PASS, f"the user signed in {_long(max(age, 0))} ago", wanted, _time(auth_time), section)


def _hashes(token: Token, claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    for claim, value, what, number_of_section in (
        ("at_hash", expected.access_token, "access token", "3.1.3.8"),
        ("c_hash", expected.code, "code", "3.3.2.10"),
        ("s_hash", expected.state, "state", ""),
    ):
        if claim not in claims:
            continue
        # `s_hash` comes from FAPI 1.0 part 2; its calculation is that of `c_hash`.
        section = Section("OIDC Core", number_of_section or "3.3.2.11")
        got, check = claims[claim], claim.replace("_", "-")
        computed = half_hash(value, token.alg) if value else ""
        if not value:
            yield Verdict(check, Outcome.SKIPPED, f"there is no {what} at hand to compare `{claim}` with", "", _shown(got), section)
        elif not computed:
            yield Verdict(check, Outcome.UNCLEAR, f"`{token.alg[:40]}` names no hash for `{claim}`", "", _shown(got), section)
        elif isinstance(got, str) and any(_same(got, half_hash(value, token.alg, crv)) for crv in _hash_curves(token.alg)):
            yield Verdict(check, Outcome.PASS, f"`{claim}` is the hash of the {what}", computed, got, section)
        else:
            why = f"`{claim}` is not the hash of the {what}: they don't belong together"
            yield Verdict(check, Outcome.FAIL, why, computed, _shown(got), section)


def _hash_curves(alg: str) -> tuple[str, ...]:
    """The curves whose hashes are to be tried: `EdDSA` alone does not tell which one the key is on."""
    return ("Ed25519", "Ed448") if alg == "EdDSA" else ("",)


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2): a number, and nothing else."""
    return None if isinstance(claims.get(name), str) else number(claims.get(name))


def _missing(claims: dict[str, Any], name: str) -> str:
    return f"`{name}` is no number" if name in claims else f"there is no `{name}`"


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def _time(seconds: float) -> str:
    at = moment(seconds)
    return _iso(at) if at else f"{seconds:g}"


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _long(seconds: float) -> str:
    """A length of time in one unit: `45 seconds`, `14 minutes`, `3 days`."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}s"
    return f"{int(seconds)} second{'' if int(seconds) == 1 else 's'}"


def _shown(value: object) -> str:
    """A claim as one printable line."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
