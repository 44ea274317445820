"""The redirect URI as a place to listen at.

Here: reading and judging it. Not here: listening (`callback`).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from oauthctl.errors import ConfigError
from oauthctl.http import is_loopback_host

DEFAULT_REDIRECT_URI = "http://127.0.0.1/callback"
REDIRECT_URI = "redirect URI"


@dataclass(frozen=True, slots=True)
class RedirectUri:
    """A loopback redirect URI: host and path as they were written, the addresses to listen on, the port (0 means a free one).

    Another address at which this machine is told something has another `name`.
    """

    host: str
    addresses: tuple[str, ...]
    port: int
    path: str
    query: str = ""
    name: str = REDIRECT_URI

    @property
    def option(self) -> str:
        """Where it is given on the command line."""
        return f"--{self.name.lower().replace(' ', '-')}"

    @property
    def requested_path(self) -> str:
        """The path that a browser asks for."""
        return self.path or "/"

    def at(self, port: int) -> str:
        """The URI with this port, everything else as it was written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}{self.path}" + (f"?{self.query}" if self.query else "")

    def hosts(self, port: int) -> frozenset[str]:
        """What a browser's `Host` header may say: any name of this machine at this port. Another one means DNS rebinding."""
        names = {self.host.lower(), "localhost", "127.0.0.1", "[::1]"} if ":" not in self.host else {"localhost", "127.0.0.1", "[::1]"}
        return frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())


def read_redirect_uri(text: str, *, name: str = REDIRECT_URI) -> RedirectUri:
    """The redirect URI taken apart; `ConfigError` when nobody can listen there.

    Source: RFC 8252 section 7.3: loopback redirects use http, any port, and the literal addresses rather than `localhost`.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError(f"the {name} `{text}` is no URL", slug="redirect-uri-unusable") from None
    why = _why_not(text, scheme=parts.scheme, host=host)
    if not why and (parts.username is not None or parts.password is not None):
        why = "has a user name in it"
    if not why and parts.fragment:
        why = "has a fragment, which RFC 6749 section 3.1.2 forbids"
    if why:
        raise ConfigError(
            f"nobody can listen at the {name} `{text}`: it {why}",
            slug="redirect-uri-unusable",
            help="use `http://127.0.0.1/callback`, or sign in at a terminal and paste the address that the browser ends at"
            if name == REDIRECT_URI
            else "use an address such as `http://127.0.0.1:8400/ciba`; where the provider wants https, let a tunnel lead there",
        )
    return RedirectUri(host, _addresses(host), port or 0, parts.path, parts.query, name)


def can_listen(text: str) -> bool:
    """Whether the redirect URI is one that this machine can listen at."""
    try:
        read_redirect_uri(text)
    except ConfigError:
        return False
    return True


def _why_not(text: str, *, scheme: str, host: str) -> str:
    if not scheme or not host:
        return "is not an absolute http URL" if not scheme or scheme in ("http", "https") else f"has the scheme `{scheme}` of an app"
    if scheme != "http":
        return "needs TLS and its certificate" if scheme == "https" else f"has the scheme `{scheme}` of an app"
    if not is_loopback_host(host):
        return "is on another machine"
    return "" if text.isascii() and text.isprintable() else "has characters that no URL has"


def _addresses(host: str) -> tuple[str, ...]:
    """Where to listen: both families for a name, since browsers try either first."""
    if host == "::1":
        return ("::1",)
    if host[0].isdigit():
        return (host,)
    return ("127.0.0.1", "::1")
