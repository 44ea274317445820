"""Cookies of two requests and two answers.

Here: cookies by name and attribute, random parts of names left out. Not here: their values; other headers (`difference_headers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import Headers
from oauthctl.record.difference import Difference, Kind, Weight
from oauthctl.record.difference_values import difference_of_lists
from oauthctl.specs import Section

# Another one each time.
_RANDOM_PART = re.compile(r"(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}|[0-9a-fA-F]{16,}")
_ATTRIBUTES = {name.lower(): name for name in ("Domain", "HttpOnly", "Partitioned", "Path", "SameSite", "Secure")}
_IGNORED_ATTRIBUTES = frozenset(("expires", "max-age"))


def differences_of_cookies(a: Headers, b: Headers) -> Iterator[Difference]:
    """Which cookies a browser sent, by name."""
    sets = tuple(
        sorted({_cookie_name(part.partition("=")[0]) for value in headers.all("cookie") for part in value.split(";") if part.strip()})
        for headers in (a, b)
    )
    told = difference_of_lists(*sets)
    if told is not None:
        kind = Kind.MISSING if not sets[1] else Kind.EXTRA if not sets[0] else told.kind
        weight = Weight.HEADER if kind is told.kind else Weight.CREDENTIALS
        said = f"`Cookie` (what ties the request to a session): {told.words}"
        yield Difference("request.headers.Cookie", kind, said, sets[0] or None, sets[1] or None, Section("RFC 6265", "5.4"), weight)


def differences_of_set_cookies(a: Headers, b: Headers) -> Iterator[Difference]:
    """Which cookies a server set, with the attributes that decide where they come back."""
    found = tuple(dict(_set_cookie(value) for value in headers.all("set-cookie")) for headers in (a, b))
    place, section = "response.headers.Set-Cookie", Section("RFC 6265", "4.1")
    for name in dict.fromkeys((*found[0], *found[1])):
        one, other = found[0].get(name), found[1].get(name)
        if one is None or other is None:
            kind, side = (Kind.EXTRA, "A") if one is None else (Kind.MISSING, "B")
            said = f"`Set-Cookie`: the cookie `{name}` is missing in {side}"
            yield Difference(place, kind, said, one and [name, *one], other and [name, *other], section, Weight.HEADER)
        elif (told := difference_of_lists(one, other)) is not None:
            said = f"`Set-Cookie`: of `{name}`'s attributes {told.words}"
            yield Difference(place, told.kind, said, [name, *one], [name, *other], section, Weight.HEADER)


def _cookie_name(name: str) -> str:
    """The name without what is another each time: `.AspNetCore.Correlation.…`."""
    return _RANDOM_PART.sub("…", name.strip())


def _set_cookie(value: str) -> tuple[str, list[str]]:
    cookie, _, rest = value.partition(";")
    attributes = [part.strip().partition("=") for part in rest.split(";") if part.strip()]
    named = [(name.strip().lower(), value.strip()) for name, _, value in attributes]
    # Attribute names and the values of `SameSite` are read whatever their capitals.
    kept = sorted(
        f"{_ATTRIBUTES.get(name, name)}={value.capitalize() if name == 'samesite' else value}" if value else _ATTRIBUTES.get(name, name)
        for name, value in named
        if name not in _IGNORED_ATTRIBUTES
    )
    return _cookie_name(cookie.partition("=")[0]), kept
