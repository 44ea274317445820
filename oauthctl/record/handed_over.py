"""Tokens of another issuer that are handed over in a body or query, as the proof of who calls.

Here: telling such a request. Not here: the bearer's own token in `Authorization` (`tokens`), RFC 8693's token exchange (`purposes`).
"""

from __future__ import annotations

import re

from oauthctl.messages.answer import Fields

# What clouds, secrets stores and package indexes call it. The ID token of a sign-in button is another matter: it is for the application.
_NAMES = ("WebIdentityToken", "jwt", "token")
_JWT = re.compile(r"ey[\w-]+\.[\w-]+\.[\w.-]*")


def hands_token_over(*places: Fields) -> bool:
    """Whether one of the parameters is a JWT that stands for whoever calls."""
    return any(is_handed_over(name, value) for fields in places for name, value in fields)


def is_handed_over(name: str, value: object) -> bool:
    """Whether a parameter is such a token: an opaque one of the same name may be anything."""
    return name in _NAMES and isinstance(value, str) and _JWT.fullmatch(value) is not None
