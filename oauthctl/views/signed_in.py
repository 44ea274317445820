"""What a sign-in brought, as a person reads it.

Here: the summary and the checks in short. Not here: the table of all checks (`verdicts`), the record as JSON (`cli`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oauthctl.findings import Outcome, Verdict
from oauthctl.record.protection import Protection
from oauthctl.views.lines import Line, Span, line
from oauthctl.views.moments import relative


def summary_lines(
    *,
    who: str,
    issuer: str,
    scope: tuple[str, ...],
    expires_at: datetime | None,
    now: datetime,
    has_refresh_token: bool,
    has_access_token: bool = True,
) -> tuple[Line, ...]:
    """Who signed in where, for what, until when."""
    until = f"expires {relative(expires_at, now)}" if expires_at else "no expiry given"
    first = line(Span("✓ ", "success"), "signed in", *((" as ", Span(who, "bold")) if who else ()), " at ", Span(issuer, "literal"))
    if not has_access_token:
        return (first, line("  access token  ", "none: the response type asks for an ID token alone"))
    return (
        first,
        line("  scopes        ", Span(" ".join(scope) or "(none named)", "literal")),
        line("  access token  ", until),
        line("  refresh token ", "kept" if has_refresh_token else "none: when the access token ends, sign in again"),
    )


def person_shown(claims: Mapping[str, Any]) -> str:
    """Who signed in, by the name that they go by; an address beside it says which of them, and is no name itself."""
    who = next((str(claims[name]) for name in ("preferred_username", "name", "sub") if claims.get(name)), "")
    email = str(claims.get("email") or "")
    return f"{who} ({email})" if who and email and email != who else who or email


def protection_lines(protection: Protection) -> tuple[Line, ...]:
    """What was at work, in one line; the least is said, too."""
    proven = "" if protection.client in ("", "none") else f"client by {protection.client}"
    shown = "; ".join(part for part in (", ".join(protection.measures), proven) if part) or "nothing that shows"
    return (line("  protected by  ", shown, "; a public client" if protection.client == "none" else ""),)


def check_lines(verdicts: tuple[Verdict, ...]) -> tuple[Line, ...]:
    """The ID token's checks in one line each for what did not pass, and one line for all that did."""
    passed = [verdict.check.replace("_", " ") for verdict in verdicts if verdict.outcome is Outcome.PASS]
    lines = [line("  ID token      ", Span("✓ ", "success"), ", ".join(passed))] if passed else []
    lines += [
        line("  ID token      ", Span("? ", "warning"), f"{verdict.check.replace('_', ' ')}: {verdict.why}")
        for verdict in verdicts
        if verdict.outcome is Outcome.UNCLEAR
    ]
    return tuple(lines)
