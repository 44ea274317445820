"""`WWW-Authenticate`: what a protected resource says when it refuses.

Here: reading the header. Not here: what to do about it (`flows.api_call`, the `call` command).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from oauthctl.http import Params, Response

# A comma parts parameters; a space alone is taken too, since some servers forget the comma.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAM = re.compile(rf'[\s,]*({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))(?:\s*,|\s+|$)')
_SCHEME = re.compile(rf"[\s,]*({_TOKEN})(\s+|\s*(?:,|$))")
_TOKEN68 = re.compile(r"([A-Za-z0-9._~+/-]+=*)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge: its scheme as it was written, and its parameters (`realm`, `error`, `scope`, `resource_metadata` …)."""

    scheme: str
    params: Params = field(default_factory=Params)

    def get(self, name: str) -> str:
        """A parameter by its name, case ignored; empty when it is missing."""
        return next((value for key, value in self.params if key.lower() == name.lower()), "")


def read_challenges(response: Response) -> tuple[Challenge, ...]:
    """All challenges of an answer, in order. Never raises; what can't be read is left out.

    Source: RFC 9110 section 11.6.1, RFC 6750 section 3.
    """
    return tuple(challenge for value in response.headers.all("www-authenticate") for challenge in _read(value))


def bearer_challenge(response: Response) -> Challenge | None:
    """The challenge that speaks of bearer (or DPoP-bound) tokens; of several the one that says what is wrong."""
    found = [one for one in read_challenges(response) if one.scheme.lower() in ("bearer", "dpop")]
    return next((one for one in found if one.get("error")), found[0] if found else None)


def _read(value: str) -> list[Challenge]:
    found: list[Challenge] = []
    at = 0
    while at < len(value):
        scheme = _SCHEME.match(value, at)
        if scheme is None:
            break
        at = scheme.end()
        if scheme[2].isspace() and (token68 := _TOKEN68.match(value, at)) and _is_token68(token68[1]):
            found.append(Challenge(scheme[1]))
            at = token68.end()
            continue
        pairs: list[tuple[str, str]] = []
        while param := _PARAM.match(value, at):
            quoted = param[2]
            pairs.append((param[1], re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else param[3]))
            at = param.end()
        found.append(Challenge(scheme[1], Params(tuple(pairs))))
    return found


def _is_token68(text: str) -> bool:
    """Whether it is base64 as Negotiate sends it, rather than a parameter without a value (`realm=`)."""
    return "=" not in text or len(text) % 4 == 0
