"""HTTP as data: `Params`, `Headers`, `Request`, `Response`. Order, case and duplicates survive.

Here: values that a recording can hold, and what can be read from them without judging. Not here: sending (`shell.transport`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit, urlunsplit

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_OCTET = r"(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_LOOPBACK_ADDRESS = re.compile(rf"127(?:\.{_OCTET}){{3}}")
# Source: RFC 3986 section 2.3.
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")
# Browsers end a host at `\\` and decode `%2f` where `urlsplit` does neither: a name with such characters is nobody's.
_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


def decimal(text: str, *, digits: int = 10) -> int | None:
    """The number that these digits write; None for all else: a sign, a blank, more digits, and the digits of other scripts.

    `str.isdigit` and `\\d` take those of every script, some of which `int` then takes and some of which it does not.
    Source: RFC 5234 appendix B.1, `DIGIT`.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


@dataclass(frozen=True, slots=True)
class Params:
    """Ordered pairs of a query or a form. Duplicates and empty values survive."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, str | None] | Iterable[tuple[str, str | None]]) -> Params:
        """Params from a mapping or pairs; pairs whose value is None are left out."""
        items = values.items() if isinstance(values, Mapping) else values
        return cls(tuple((name, value) for name, value in items if value is not None))

    @classmethod
    def parse(cls, text: str) -> Params:
        """Params from `a=1&b=2`, percent-decoded, `+` as a space. Never raises; bytes that are not UTF-8 become U+FFFD."""
        return cls(tuple(parse_qsl(text, keep_blank_values=True, errors="replace")))

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of this name."""
        for key, value in self.pairs:
            if key == name:
                return value
        return default

    def all(self, name: str) -> tuple[str, ...]:
        """All values of this name, in order."""
        return tuple(value for key, value in self.pairs if key == name)

    def __getitem__(self, name: str) -> str:
        """The first value of this name.

        Raises: KeyError, when there is none.
        """
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def with_(self, name: str, value: str) -> Params:
        """A copy in which this name has this one value, in the place of its first occurrence or else at the end."""
        if name not in self:
            return Params((*self.pairs, (name, value)))
        at = next(index for index, (key, _) in enumerate(self.pairs) if key == name)
        rest = tuple(pair for pair in self.pairs[at + 1 :] if pair[0] != name)
        return Params((*self.pairs[:at], (name, value), *rest))

    def without(self, *names: str) -> Params:
        """A copy without these names."""
        return Params(tuple(pair for pair in self.pairs if pair[0] not in names))

    def encode(self) -> str:
        """The pairs as `application/x-www-form-urlencoded`, spaces as `%20` (understood by forms and by plain URL parsers alike)."""
        return "&".join(f"{_quoted(key)}={_quoted(value)}" for key, value in self.pairs)

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


def _quoted(text: str) -> str:
    # Most names and values need no quoting, and are seen to be such in a tenth of the time.
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="", errors="replace")


@dataclass(frozen=True, slots=True)
class Headers:
    """Ordered header fields; names keep their case, look-up ignores it."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Headers:
        """Headers from a mapping."""
        return cls(tuple(values.items()))

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of this name."""
        wanted = name.lower()
        for key, value in self.pairs:
            if key.lower() == wanted:
                return value
        return default

    def all(self, name: str) -> tuple[str, ...]:
        """All values of this name, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.pairs if key.lower() == wanted)

    def with_(self, name: str, value: str) -> Headers:
        """A copy in which this name has this one value, last."""
        return Headers((*self.without(name).pairs, (name, value)))

    def without(self, name: str) -> Headers:
        """A copy without this name."""
        wanted = name.lower()
        return Headers(tuple(pair for pair in self.pairs if pair[0].lower() != wanted))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


@dataclass(frozen=True, slots=True)
class Request:
    """A request: method, absolute URL as it was written, headers, body bytes."""

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The URL's path, percent-encoding kept."""
        return split_url(self.url).path or "/"

    @property
    def query(self) -> Params:
        """The URL's query, decoded."""
        return Params.parse(split_url(self.url).query)

    @property
    def form(self) -> Params:
        """The body read as a form, whatever its content type says."""
        return Params.parse(self.body.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Response:
    """A response: status, headers, body bytes (content encoding undone).

    `http_version` (`HTTP/1.1`) and `reason` (`OK`) are as received, and both empty of an answer that was not seen on the wire.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    http_version: str = ""
    reason: str = ""

    @property
    def content_type(self) -> str:
        """The media type, lower case, without parameters; empty when there is none."""
        return (self.headers.get("content-type") or "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as UTF-8, undecodable bytes replaced."""
        return self.body.decode("utf-8", "replace")


def form_request(url: str, params: Params, *, headers: Headers | None = None) -> Request:
    """A POST of a form that asks for JSON (GitHub answers in form encoding otherwise)."""
    merged = Headers((("Accept", JSON), ("Content-Type", FORM), *(headers or Headers()).pairs))
    return Request("POST", url, merged, params.encode().encode())


def get_request(url: str, *, headers: Headers | None = None, accept: str = JSON) -> Request:
    """A GET that asks for JSON."""
    return Request("GET", url, Headers((("Accept", accept), *(headers or Headers()).pairs)))


def with_query(url: str, params: Params) -> str:
    """The URL with these parameters after those that it already has.

    Source: RFC 6749 section 3.1: the endpoint's own query component must be retained.
    """
    parts = split_url(url)
    query = "&".join(part for part in (parts.query, params.encode()) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def origin(url: str) -> str:
    """Scheme, host and port as a browser compares them, lower case, default port left out.

    Never raises: a URL that can't be taken apart is its own origin, equal to no other.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}.get(scheme)
    return f"{scheme}://{host}" if port is None or port == default else f"{scheme}://{host}:{port}"


def is_http_url(url: str) -> bool:
    """Whether it is an absolute http or https URL with a host, without blanks and control characters."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        return False


def has_user_info(url: str) -> bool:
    """Whether a name or a password stands before the host: `https://user@host/`. Source: RFC 3986 section 3.2.1."""
    return "@" in split_url(url).netloc


def is_loopback_host(host: str) -> bool:
    """Whether a host name or address literal means this machine: 127.0.0.0/8, ::1, localhost and names under it.

    Addresses count as they are written by everybody alone: `127.0.0.010` is octal to some and decimal to others, and `127.0.0.1.` a name
    that a resolver is asked for. Source: RFC 8252 section 7.3; RFC 6761 section 6.3 for localhost, which no resolver is asked for.
    """
    name = host.lower()
    if name in ("::1", "[::1]") or _LOOPBACK_ADDRESS.fullmatch(name):
        return True
    name = name.removesuffix(".")
    return name == "localhost" or bool(_HOST_NAME.fullmatch(name) and name.endswith(".localhost"))


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine; false for a URL that can't be taken apart."""
    try:
        return is_loopback_host(urlsplit(url).hostname or "")
    except ValueError:
        return False


def is_link_local(url: str) -> bool:
    """Whether the URL's host is a link-local address, written as one: no name leads there by a resolver. Source: RFC 3927; RFC 4291."""
    from ipaddress import ip_address

    try:
        return ip_address(urlsplit(url).hostname or "").is_link_local
    except ValueError:
        return False


def is_safe_for_secrets(url: str) -> bool:
    """Whether tokens and secrets may go there: https, or plain http to this machine."""
    scheme = url.partition(":")[0].lower()
    return scheme == "https" or (scheme == "http" and is_loopback(url))


def port_of(url: str) -> int | None:
    """The port that the URL names; None where it names none, or something that is no port. Never raises."""
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def split_url(url: str) -> SplitResult:
    """The URL's parts. Never raises: of a URL that can't be taken apart, all that stands before `?` is the path."""
    try:
        return urlsplit(url)
    except ValueError:
        rest, _, fragment = url.partition("#")
        path, _, query = rest.partition("?")
        return SplitResult("", "", path, query, fragment)
