"""Cookies whose names are drawn by lot, or are the secret itself: `Set-Cookie: kT4vQ9xZ…=1`.

Here: the parts of such names. Not here: cookies' values (`secret_places`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from oauthctl.http import Headers
from oauthctl.record.loose_secrets import looks_random
from oauthctl.record.secret_assignments import Substitute

_COOKIES = ("cookie", "cookie2", "set-cookie", "set-cookie2")
# A name, or all of a cookie that has none; of a name with points each part by itself, so that `.AspNetCore.Correlation.` is still read.
_PART = re.compile(r"(?:^|(?<=;)|(?<=; ))(?P<name>[^=;]{1,4096})")
_PIECE = re.compile(r"[^.\s]{16,}")


def rewrite_cookie_names(headers: Headers, substitute: Substitute, *, is_public: Callable[[str], bool]) -> Headers:
    """The headers without what looks like a secret in a cookie's name. A `state` or a `client_id` in it is shown elsewhere, and stays."""

    def piece(match: re.Match[str]) -> str:
        return substitute("cookie", match[0]) if looks_random(match[0]) and not is_public(match[0]) else match[0]

    def value(name: str, text: str) -> str:
        if name.lower() not in _COOKIES:
            return text
        head, mark, rest = text.partition(";") if name.lower().startswith("set-") else (text, "", "")
        return _PART.sub(lambda match: _PIECE.sub(piece, match[0]), head) + mark + rest

    return Headers(tuple((name, value(name, text)) for name, text in headers))
