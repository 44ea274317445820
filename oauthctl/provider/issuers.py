"""Several issuers on one server.

Here: which of them a request is for, and the page for whoever asks for none. Not here: what each of them answers (`handle`).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from oauthctl.errors import ConfigError
from oauthctl.http import Request, Response, is_http_url
from oauthctl.provider.pages import heading, page

_WELL_KNOWN = "/.well-known/"


def is_issuer(text: str) -> bool:
    """Whether this can be an issuer, or the path of one on the server.

    Source: RFC 8414 section 2: no query and no fragment. Plain http is allowed here, since it is for practice.
    """
    return is_path(text) or (is_http_url(text) and not set(text) & {"?", "#"} and not _has_dots(urlsplit(text).path))


def is_path(text: str) -> bool:
    """Whether requests for this path arrive at it: clients take `//` for the beginning of a host, and dots out.

    Source: RFC 3986 sections 4.2 and 5.2.4.
    """
    return (
        text.startswith("/") and not text.startswith("//") and text.isprintable() and not set(text) & set(" ?#\\") and not _has_dots(text)
    )


def _has_dots(path: str) -> bool:
    """Whether a segment means this place, or the one above it; browsers take `%2e` for a dot (URL Standard, section 4.1)."""
    return not {".", ".."}.isdisjoint(path.lower().replace("%2e", ".").split("/"))


def require_distinct(issuers: Sequence[str]) -> None:
    """Raises: ConfigError, where two providers have the same issuer."""
    twice = next((issuer for number, issuer in enumerate(issuers) if issuer in issuers[:number]), None)
    if twice is not None:
        raise ConfigError(
            f"the issuer `{twice}` is asked for twice", slug="issuer-twice", help="give each a path of its own: `--issuer /one`"
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
