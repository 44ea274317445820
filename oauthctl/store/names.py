"""Profile names: which are allowed, and which one an issuer gets.

Here: names alone, so that nothing outside reaches a path by way of a name. Not here: the files that bear them.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from oauthctl.errors import ConfigError

_ALLOWED = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
# Windows opens the device for each of these, whatever follows the first dot.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"com{digit}" for digit in range(10)), *(f"lpt{digit}" for digit in range(10))})


def is_name(name: str) -> bool:
    """Whether a profile may be called this: 1 to 64 of `A-Za-z0-9._-`, no leading dot or dash, no device name of Windows."""
    return bool(_ALLOWED.fullmatch(name)) and name.partition(".")[0].lower() not in _DEVICES


def checked_name(name: str) -> str:
    """The name itself; raises `ConfigError` when it is not allowed."""
    if is_name(name):
        return name
    raise ConfigError(
        f"{name[:80]!r} is no profile name",
        notes=("1 to 64 letters, digits, `.`, `_` and `-`, not beginning with `.` or `-`, and no device name such as `con`",),
    )


def name_for(url: str, *, with_path: bool = False) -> str:
    """A name after the URL's host, and its port when it has one: `accounts.example.com`, `127.0.0.1-8080`.

    `with_path` adds the path, for the second issuer on one host: `example.com-realms-staff`. Raises `ConfigError` for a URL without host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"`{url}` is no URL: {str(error).lower()}") from error
    if not host:
        raise ConfigError(f"`{url}` has no host to name a profile after", help="name it with `--profile NAME`")
    whole = f"ip6-{host}" if ":" in host else _ascii(host)
    whole += f"-{port}" if port is not None else ""
    path = parts.path.strip("/")
    whole += f"-{path}" if with_path and path else ""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", whole).lstrip(".-") or "host"
    name = name if name.partition(".")[0].lower() not in _DEVICES else f"host-{name}"
    return name if len(name) <= 64 else f"{name[:55]}-{_digest(name)}"


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
