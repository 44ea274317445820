"""Which hosts can be meant where: names that only a private network knows.

Here: telling such a name from a public one, the host and the port of a URL. Not here: loopback (`oauthctl.http`), judging an address (the
rules of the subjects).
"""

from __future__ import annotations

from ipaddress import ip_address

from oauthctl.http import is_loopback_host, port_of, split_url

# Names that no public resolver answers. Source: RFC 6762 appendix G, RFC 6761, RFC 8375; the rest is what orchestrators make up.
_PRIVATE_ENDINGS = (
    ".local",
    ".internal",
    ".intranet",
    ".lan",
    ".corp",
    ".home",
    ".home.arpa",
    ".private",
    ".localdomain",
    ".svc",
    ".cluster.local",
    ".docker",
    ".test",
    ".localhost",
)


def host_of(url: str) -> str:
    """The URL's host, lower case; empty when it has none."""
    try:
        return (split_url(url).hostname or "").lower()
    except ValueError:
        return ""


def is_internal_host(host: str) -> bool:
    """Whether only a private network, a container's or this machine knows the host: `keycloak`, `idp.svc.cluster.local`, `10.0.0.5`."""
    name = host.lower().strip("[]").removesuffix(".")
    if not name:
        return False
    if is_loopback_host(name):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_PRIVATE_ENDINGS)
    return address.is_private or address.is_link_local or address.is_unspecified


def port_reached(url: str) -> int:
    """The port at which a URL is reached: the one that it names, else that of its scheme."""
    return port_of(url) or (443 if split_url(url).scheme.lower() == "https" else 80)
