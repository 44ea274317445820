"""Who holds a port.

Here: looking it up where the system tells without asking another program (Linux). Not here: listening.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

_LISTEN = "0A"


def holder(host: str, port: int, *, proc: Path = Path("/proc")) -> str:
    """Which process listens on the port, `python3 (process 4711)`; empty when that can't be known.

    `host` is an address or `localhost`. A process of another user can be seen to listen, but not which one it is.
    """
    if not sys.platform.startswith("linux"):
        return ""
    inodes = {inode for address, inode in _listening(proc, port) if _answers_for(address, host)}
    return next(_processes(proc, inodes), "") if inodes else ""


def _listening(proc: Path, port: int) -> Iterator[tuple[IPv4Address | IPv6Address, str]]:
    """The addresses that are listened on at this port, with the inodes of their sockets."""
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            address, _, number = fields[1].partition(":")
            if fields[3] == _LISTEN and int(number, 16) == port:
                yield _address(address), fields[9]


def _address(text: str) -> IPv4Address | IPv6Address:
    """An address as the kernel prints it: words of four bytes, each in the machine's own order."""
    words = [int(text[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(text), 8)]
    return ip_address(b"".join(words))


def _answers_for(address: IPv4Address | IPv6Address, host: str) -> bool:
    if address.is_unspecified:
        return True
    try:
        return address == ip_address(host.strip("[]"))
    except ValueError:
        return address.is_loopback


def _processes(proc: Path, inodes: set[str]) -> Iterator[str]:
    """The processes that hold one of these sockets, as far as we may look."""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in sorted(proc.glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            if any(_link(descriptor) in wanted for descriptor in (process / "fd").iterdir()):
                yield f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            # Another user's process, or one that has just ended.
            continue


def _link(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        # Closed since the folder was read.
        return ""
