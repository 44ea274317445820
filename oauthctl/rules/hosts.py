"""Which hosts can be meant where: names that only a private network knows.

Here: telling such a name from a public one, two names of one server from two servers; the host and the port of a URL. Not here: loopback
(`oauthctl.http`), judging an address (the rules of the subjects).
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


def may_name_itself(asked: str, named: str, *, is_at_home: bool = False) -> bool:
    """Whether a server that is asked by the first URL may call itself by the second: the same path, another host, one of them internal.

    A loopback address and a public name are two servers as often as one, so there something else must tie them: a path that is more than
    the root, a port that is written out, or that the server `is_at_home` at that name with its endpoints, too.
    """
    first, second = host_of(asked), host_of(named)
    path = split_url(asked).path.rstrip("/")
    if first == second or path != split_url(named).path.rstrip("/"):
        return False
    if is_internal_host(second):
        return True
    is_tied = is_at_home or bool(path) or split_url(named).port == port_reached(asked)
    return is_internal_host(first) and (is_tied or not is_loopback_host(first))


def port_reached(url: str) -> int:
    """The port at which a URL is reached: the one that it names, else that of its scheme."""
    return port_of(url) or (443 if split_url(url).scheme.lower() == "https" else 80)
