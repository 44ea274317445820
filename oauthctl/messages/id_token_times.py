"""When an ID token is valid, and when and how its user signed in: `exp`, `iat`, `nbf`, `auth_time`, `acr`.

Here: these claims against the clock and the request. Not here: reading a number of seconds (`claim_values`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oauthctl.findings import Outcome, Verdict
from oauthctl.messages.claim_values import length, missing, seconds_of, shown, time_text, utc_text
from oauthctl.messages.id_token_expectations import IdTokenExpectations
from oauthctl.specs import Section

_VALIDATION = Section("OIDC Core", "3.1.3.7")


def check_times(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    """Whether the token is valid now, give or take the leeway."""
    section, leeway, now = _VALIDATION, expected.leeway_seconds, expected.now.timestamp()
    limit = f"after {utc_text(expected.now)}"
    exp, iat, nbf = (seconds_of(claims, name) for name in ("exp", "iat", "nbf"))
    if exp is None:
        yield Verdict("expiry", Outcome.FAIL, missing(claims, "exp"), limit, shown(claims.get("exp")), section)
    elif now >= exp + leeway:
        yield Verdict("expiry", Outcome.FAIL, f"expired {length(now - exp)} ago", limit, time_text(exp), section)
    else:
        why = f"valid for {length(exp - now)}" if exp > now else f"expired {length(now - exp)} ago, within the leeway"
        yield Verdict("expiry", Outcome.PASS, why, limit, time_text(exp), section)
    if iat is None:
        yield Verdict("issued-at", Outcome.FAIL, missing(claims, "iat"), "", shown(claims.get("iat")), section)
    elif iat > now + leeway:
        why = f"issued {length(iat - now)} in the future: the clocks differ"
        yield Verdict("issued-at", Outcome.FAIL, why, f"not after {utc_text(expected.now)}", time_text(iat), section)
    elif expected.max_iat_age_seconds is not None and now - iat > expected.max_iat_age_seconds + leeway:
        why = f"issued {length(now - iat)} ago, longer than accepted"
        yield Verdict("issued-at", Outcome.FAIL, why, f"at most {expected.max_iat_age_seconds:g} seconds ago", time_text(iat), section)
    else:
        yield Verdict(
            "issued-at", Outcome.PASS, f"issued {length(abs(now - iat))} {'ago' if iat <= now else 'ahead'}", "", time_text(iat), section
        )
    if nbf is not None and nbf > now + leeway:
        why = f"not valid for another {length(nbf - now)}"
        yield Verdict("not-before", Outcome.FAIL, why, f"not after {utc_text(expected.now)}", time_text(nbf), Section("RFC 7519", "4.1.5"))
    elif "nbf" in claims:
        outcome = Outcome.FAIL if nbf is None else Outcome.PASS
        why = missing(claims, "nbf") if nbf is None else "already valid"
        yield Verdict("not-before", outcome, why, "", shown(claims["nbf"]) if nbf is None else time_text(nbf), Section("RFC 7519", "4.1.5"))


def check_sign_in(claims: dict[str, Any], expected: IdTokenExpectations) -> Iterator[Verdict]:
    """Whether the user signed in recently and in a way that was asked for; nothing where nothing was asked for."""
    section = _VALIDATION
    if expected.acr_values:
        got = claims.get("acr")
        # `acr_values` are a wish (OIDC Core section 3.1.2.1): another class is no breach of the protocol.
        fits = isinstance(got, str) and got in expected.acr_values
        outcome = Outcome.PASS if fits else Outcome.FAIL
        why = "`acr` is one that was asked for" if fits else "`acr` is none that was asked for" if got is not None else "there is no `acr`"
        yield Verdict("acr", outcome, why, " ".join(expected.acr_values), shown(got), section)
    auth_time = seconds_of(claims, "auth_time")
    if expected.max_age is not None:
        wanted, age = f"at most {expected.max_age:g} seconds ago", expected.now.timestamp() - (auth_time or 0)
        if auth_time is None:
            why = "`max_age` was asked for and there is no `auth_time`"
            yield Verdict("auth-time", Outcome.FAIL, why, wanted, shown(claims.get("auth_time")), section)
        elif age > expected.max_age + expected.leeway_seconds:
            why = f"the user signed in {length(age)} ago, longer than `max_age`"
            yield Verdict("auth-time", Outcome.FAIL, why, wanted, time_text(auth_time), section)
        else:
            yield Verdict("auth-time", Outcome.PASS, f"the user signed in {length(max(age, 0))} ago", wanted, time_text(auth_time), section)
