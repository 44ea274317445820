"""Which addresses are the public network's, so that a stranger may name them to us.

Here: addresses alone. Not here: names, which may lead anywhere (`connections` looks at what they lead to).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network

# Source: RFC 4291 section 2.4: 2000::/3 is what global unicast addresses are given out of. All else is special, embedded or not given out
# yet: loopback, NAT64 (64:ff9b::/96), addresses of IPv4 written as IPv6, unique local, link-local, multicast.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SPECIAL = tuple(
    map(
        ip_network,
        (
            "2001::/23",  # protocol assignments, Teredo among them (RFC 2928, RFC 4380)
            "2002::/16",  # 6to4, which holds an address of IPv4 (RFC 3056)
            "2001:db8::/32",
            "3fff::/20",  # documentation (RFC 3849, RFC 9637)
            "192.0.0.0/24",  # protocol assignments (RFC 6890)
            "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether this is a unicast address that means the same host to everybody; false for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(found in network for network in _SPECIAL if network.version == found.version):
        return False
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast and not found.is_reserved
    return found in _GLOBAL_UNICAST and found.is_global
