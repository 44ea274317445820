"""In which of its parts a redirect URI differs from another one.

Here: comparing, and saying it in words. Not here: which of the two is wrong (`redirect_uri`, `redirect_uri_legs`).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from urllib.parse import SplitResult, urlsplit

from oauthctl.http import is_loopback_host

_PORTS = {"http": 80, "https": 443}
# Names that no public resolver knows. Source: RFC 6762, RFC 6761, RFC 8375, and what companies use.
_LOCAL_ENDINGS = (".local", ".internal", ".lan", ".home", ".corp", ".test", ".intranet", ".home.arpa", ".localdomain", ".private")


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that differs: `part` is scheme, host, port, path, slash, case, query, fragment or whole."""

    part: str
    sent: str
    other: str


def differences(sent: str, other: str) -> tuple[Difference, ...]:
    """What differs, part by part; empty for equal strings. Source: RFC 3986 section 6.2.1: they are compared as strings."""
    if sent == other:
        return ()
    one, two = _split(sent), _split(other)
    if one is None or two is None:
        return (Difference("whole", sent, other),)
    if sent.lower() == other.lower():
        return (Difference("case", sent, other),)
    found: list[Difference] = []
    if one.scheme.lower() != two.scheme.lower():
        found.append(Difference("scheme", one.scheme, two.scheme))
    if (one.hostname or "") != (two.hostname or ""):
        found.append(Difference("host", one.hostname or "", two.hostname or ""))
    if _port(one) != _port(two) and (_written_port(one) or _written_port(two)):
        found.append(Difference("port", _written_port(one) or "none", _written_port(two) or "none"))
    if one.path != two.path:
        part = "slash" if one.path.rstrip("/") == two.path.rstrip("/") else "case" if one.path.lower() == two.path.lower() else "path"
        found.append(Difference(part, one.path or "none", two.path or "none"))
    if one.query != two.query:
        found.append(Difference("query", one.query or "none", two.query or "none"))
    if one.fragment != two.fragment:
        found.append(Difference("fragment", one.fragment or "none", two.fragment or "none"))
    return tuple(found) or (Difference("whole", sent, other),)


def nearest(sent: str, registered: tuple[str, ...]) -> str:
    """The one of several that differs least; of two that differ alike the one that reads more alike."""
    return min(registered, key=lambda one: (len(differences(sent, one)), -SequenceMatcher(None, sent, one).ratio()))


def is_covered(sent: str, registered: tuple[str, ...]) -> bool:
    """Whether one of them is the same, or a pattern that ends in `*` and begins alike."""
    return any(sent == one or (one.count("*") == 1 and one.endswith("*") and sent.startswith(one[:-1])) for one in registered)


def misplaced_wildcard(sent: str, registered: tuple[str, ...]) -> str:
    """A registered pattern that would cover the URI if `*` were honoured anywhere; empty when there is none."""
    return next((one for one in registered if "*" in one and not is_covered(sent, (one,)) and fnmatchcase(sent, one)), "")


def in_words(found: tuple[Difference, ...]) -> str:
    """`the host differs (`a` is sent, `b` is registered)`; several joined by `and`."""
    return " and ".join(_phrase(one) for one in found)


def is_private_host(host: str) -> bool:
    """Whether an address of a private network, or a name that only one knows; loopback is neither."""
    name = host.strip("[]").lower()
    if not name or is_loopback_host(name):
        return False
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name.endswith(_LOCAL_ENDINGS)
    return address.is_private or address.is_link_local


def is_loopback_pair(one: str, two: str) -> bool:
    """Whether both are spellings of this machine, and different ones."""
    return one != two and is_loopback_host(one) and is_loopback_host(two)


def _phrase(one: Difference) -> str:
    if one.part == "slash":
        return f"the slash at the end differs (`{one.sent}` and `{one.other}`)"
    if one.part == "case":
        return f"upper and lower case differ (`{one.sent}` and `{one.other}`)"
    if one.part == "whole":
        return f"`{one.sent}` is not `{one.other}`"
    return f"the {one.part} differs (`{one.sent}` and `{one.other}`)"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url) else None


def _port(parts: SplitResult) -> int | None:
    return parts.port or _PORTS.get(parts.scheme.lower())


def _written_port(parts: SplitResult) -> str:
    return str(parts.port) if parts.port is not None else ""
