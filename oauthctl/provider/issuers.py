"""Several issuers on one server.

Here: which of them a request is for, and the page for whoever asks for none. Not here: what each of them answers (`handle`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from oauthctl.errors import ConfigError
from oauthctl.http import Request, Response, is_http_url
from oauthctl.provider.pages import heading, page

if TYPE_CHECKING:
    from oauthctl.provider.state import ProviderState

_WELL_KNOWN = "/.well-known/"
_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
"""What a URI's path may have. Source: RFC 3986 section 3.3."""
_ASCII = re.compile(r"[!-~]+")
_ICON = "/favicon.ico"
"""What browsers ask for wherever the provider is."""


def is_issuer(text: str) -> bool:
    """Whether this can be an issuer, or the path of one on the server.

    Source: RFC 8414 section 2: no query and no fragment. Plain http is allowed here, since it is for practice.
    """
    if text.startswith("/"):
        return is_path(text)
    if not _ASCII.fullmatch(text) or not is_http_url(text) or set(text) & {"?", "#"}:
        return False
    path = urlsplit(text).path
    return not path or (_PATH.fullmatch(path) is not None and not _has_dots(path))


def is_path(text: str) -> bool:
    """Whether requests for this path arrive at it as it is: clients take `//` for the beginning of a host, take dots out, and encode much.

    Source: RFC 3986 sections 3.3, 4.2 and 5.2.4.
    """
    return _PATH.fullmatch(text) is not None and not text.startswith("//") and not _has_dots(text)


def _has_dots(path: str) -> bool:
    """Whether a segment means this place, or the one above it; browsers take `%2e` for a dot (URL Standard, section 4.1)."""
    return not {".", ".."}.isdisjoint(path.lower().replace("%2e", ".").split("/"))


def require_distinct(issuers: Sequence[str]) -> None:
    """Raises: ConfigError, where two providers have the same issuer, or issuers of one place: they differ by the slash at the end."""
    places = [issuer.removesuffix("/") for issuer in issuers]
    twice = next((issuer for number, issuer in enumerate(issuers) if places[number] in places[:number]), None)
    if twice is not None:
        other = issuers[places.index(twice.removesuffix("/"))]
        said = (
            f"the issuer `{twice}` is asked for twice"
            if other == twice
            else f"`{other}` and `{twice}` differ by the slash at the end alone"
        )
        raise ConfigError(said, slug="issuer-twice", help="give each a path of its own: `--issuer /one`")


def require_apart(states: Sequence[ProviderState]) -> None:
    """Raises: ConfigError, where one provider gets the requests that are for a path of another."""
    from oauthctl.provider.handle import routes

    places = [state.reached_at for state in states]
    for number, state in enumerate(states):
        for path in routes(state):
            getting = chosen(places, Request("GET", state.origin + path))
            if getting != number and path != _ICON:
                taker = states[number if getting is None else getting].issuer
                raise ConfigError(
                    f"`{taker}` takes the path `{path}` of `{state.issuer}`",
                    slug="issuer-unusable",
                    help="give the issuers paths that are no endpoints of each other: `--issuer /one --issuer /two`",
                )


def chosen(issuers: Sequence[str], request: Request) -> int | None:
    """The place of the issuer that a request is for; None where it is for none. One that is alone gets them all.

    The longest path that fits decides; where two issuers have the same path, the host that was asked for does.
    """
    if len(issuers) == 1:
        return 0
    path, host = _path_below_well_known(request.path), urlsplit(request.url).netloc.lower()
    fitting = [
        (len(base), parts.netloc.lower() == host, -number)
        for number, parts in enumerate(map(urlsplit, issuers))
        if (base := parts.path.rstrip("/")) == path or path.startswith(f"{base}/")
    ]
    return -max(fitting)[2] if fitting else None


def _path_below_well_known(path: str) -> str:
    """The path of the issuer or resource that a well-known URL is about, where that path is inserted behind it.

    Source: RFC 8414 section 3.1; RFC 9728 section 3.1.
    """
    if not path.startswith(_WELL_KNOWN):
        return path
    return "/" + path.removeprefix(_WELL_KNOWN).partition("/")[2]


def issuers_page(issuers: Sequence[str], request: Request) -> Response:
    """What is said to a request for none of them."""
    is_start = request.path == "/"
    name = "Practice provider"
    lead = "Several issuers answer here." if is_start else f"Nothing is at {escape(request.path)}. Several issuers answer here."
    return page(name, heading(name, "Issuers", lead) + issuer_list(issuers), status=200 if is_start else 404)


def issuer_list(issuers: Sequence[str]) -> str:
    """A list that leads to their start pages."""
    links = "".join(f'<li><a href="{escape(issuer)}/">{escape(issuer)}</a></li>' for issuer in issuers)
    return f"<ul>{links}</ul>"
