"""Which proxy a request goes through, as the environment says.

Here: reading `HTTPS_PROXY` and its relatives. Not here: speaking to a proxy (`transport`).
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from oauthctl.http import decimal, is_link_local, is_loopback_host


def proxy_for(url: str, environ: Mapping[str, str]) -> str:
    """The proxy's URL, or an empty string for a direct connection. Requests to this machine never leave it, nor those to its link."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if (
        is_loopback_host(host)
        or is_link_local(url)
        or _is_excepted(host, parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0), environ)
    ):
        return ""
    names = [f"{parts.scheme}_proxy", "all_proxy"]
    if not (parts.scheme == "http" and "REQUEST_METHOD" in environ):
        # In a CGI script a client's header `Proxy:` becomes HTTP_PROXY; only the lower case name is ours to trust (httpoxy).
        names.insert(1, f"{parts.scheme.upper()}_PROXY")
    proxy = next((environ[name] for name in (*names, "ALL_PROXY") if environ.get(name)), "") or _system_proxy(parts.scheme, host, environ)
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _is_excepted(host: str, port: int, environ: Mapping[str, str]) -> bool:
    entries = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").lower().split(",")
    return any(_covers(entry.strip(), host.lower(), port) for entry in entries if entry.strip())


def _covers(entry: str, host: str, port: int) -> bool:
    """Whether one entry means this host: `*`, a name and all under it, an address, a network, each with a port or without."""
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        pass  # a name on either side: compared as one below
    name, colon, wanted_port = entry.rpartition(":")
    number = decimal(wanted_port) if colon and not name.endswith(":") else None
    if number is not None:
        return number == port and _covers(name.strip("[]"), host, port)
    name = entry.removeprefix("*").lstrip(".")
    return host == name or host.endswith(f".{name}")


def _system_proxy(scheme: str, host: str, environ: Mapping[str, str]) -> str:
    """What macOS and Windows have in their settings; nowhere else are there such."""
    if sys.platform not in ("darwin", "win32") or not environ:
        return ""
    from urllib.request import getproxies, proxy_bypass

    return "" if proxy_bypass(host) else getproxies().get(scheme, "")
