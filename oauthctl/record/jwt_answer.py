"""Authorization responses that travel inside of a JWT, in the one parameter `response`.

Here: recognising and opening them. Not here: whether the JWT is good (`rules`). Source: JWT Secured Authorization Response Mode (JARM).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from oauthctl.jose.jwt import take_apart

# Source: JARM section 2.1: these are the JWT's own.
_OF_THE_JWT = ("aud", "exp", "iat", "nbf", "jti", "response")
_JWT = re.compile(r"ey[\w-]+\.[\w-]*\.[\w.-]*")
_LIMIT = 64 * 1024


def is_jwt_answer(fields: Iterable[tuple[str, object]]) -> bool:
    """Whether these parameters are such an answer: `response` is a JWT, signed or encrypted, and no part of the answer stands beside it."""
    found = dict(fields)
    value = found.get("response")
    return (
        isinstance(value, str)
        and _JWT.fullmatch(value[:_LIMIT]) is not None
        and not found.keys() & {"code", "error", "grant_type", "secret"}
    )


def opened(fields: Iterable[tuple[str, object]]) -> tuple[tuple[str, object], ...]:
    """The parameters, and behind them those that the JWT holds, as far as they are texts."""
    outside = tuple(fields)
    if not is_jwt_answer(outside):
        return outside
    claims = take_apart(str(dict(outside)["response"])[:_LIMIT]).claims or {}
    names = {name for name, _ in outside}
    inside = ((name, value) for name, value in claims.items() if isinstance(value, str) and name not in _OF_THE_JWT and name not in names)
    return (*outside, *inside)
