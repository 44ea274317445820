"""The form of what was sent as a token and is none that can be read: what is around it, or whose opaque token it is.

Here: texts alone. Not here: tokens that can be read, and what must be computed with them (`facts.token`).
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from oauthctl.jose.jwt import Token, take_apart
from oauthctl.record.token_marks import provider_of_mark

# What stands in the header when a variable was empty or was never filled in. None of these is a secret.
_PLACEHOLDER = re.compile(
    r"[\"']?(?:undefined|null|none|nil|nan|true|false|\[objectobject\]|objectobject|\[objectpromise\]|\$\{?[A-Za-z_.]{1,30}\}?|\{\{?[A-Za-z_.]{1,30}\}\}?"
    r"|%[A-Za-z_]{1,30}%|your[_-]?(?:access[_-]?)?token)[\"']?",
    re.IGNORECASE,
)
# White space inside of a token is gone by now: `[object Object]`.
_AS_WRITTEN = re.compile(r"(?i)(object)((?:object|promise))")
_SCHEME = re.compile(r"(?:(?:bearer|dpop|token|jwt)[:=]?)+(?=.)", re.IGNORECASE)
_SHORTEST = 10


def form_of(written: str) -> dict[str, object]:
    """What is around a JWT that can't be read as one, or whose opaque token it is, or what a program wrote that had no token."""
    if _PLACEHOLDER.fullmatch(written):
        return {"placeholder": _AS_WRITTEN.sub(r"\1 \2", written.strip("\"'")[:40])}
    for wrapped, inner in _unwrapped(written):
        if inner != written and take_apart(inner).is_jwt:
            return {"wrapped": wrapped}
    if len(written) > _SHORTEST and written[0] in "\"'" and written[0] == written[-1]:
        # Of opaque tokens, too: a quote can be in none. Source: RFC 6750 section 2.1.
        return {"quoted": True}
    provider = provider_of_mark(written)
    return {"prefix": provider} if provider else {}


def second_scheme(token: Token) -> dict[str, object]:
    """What a scheme within the credentials tells; white space behind it is gone by now, and a flaw says that it was there."""
    scheme = _SCHEME.match(token.compact)
    if scheme is None or all(flaw.slug != "whitespace-inside" for flaw in token.flaws):
        return {}
    inner = token.compact[scheme.end() :]
    return {"placeholder": inner.strip("\"'")[:40]} if _PLACEHOLDER.fullmatch(inner) else {"wrapped": "scheme"}


def _unwrapped(written: str) -> tuple[tuple[str, str], ...]:
    # White space inside of a token is gone by now: `Bearer ey…` reads `Bearerey…`.
    lower = written.lower()
    inner = written.strip("\"'`<>,; ")
    scheme = next((scheme for scheme in ("bearer:", "bearer", "dpop", "token", "jwt") if lower.startswith(scheme)), "")
    found = [
        ("quotes", inner),
        ("percent-encoding", unquote(written)),
        ("percent-encoding", unquote(unquote(written))),
        ("scheme", written[len(scheme) :].lstrip(": =\"'")),
    ]
    if lower.startswith("bearerbearer"):
        found.append(("scheme", written[len("bearerbearer") :]))
    if "=" in written[:40]:
        found.append(("name", written.partition("=")[2]))
    if written.startswith("{"):
        try:
            document = json.loads(written)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            found += [("json", value) for value in document.values() if isinstance(value, str)]
    return tuple(found)
