"""Who holds a port, read from a process file system that the test made, and from the real one."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from oauthctl.shell.ports import holder

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux") or sys.byteorder != "little", reason="reads tables of Linux")

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(address: str, *, inode: int, state: str = "0A") -> str:
    return f"   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0 100 0 0 10 0\n"


def make_proc(root: Path, *, tcp: str = "", tcp6: str = "") -> Path:
    """A process 42, `server`, that holds the socket 777; process 43 can't be looked into."""
    (root / "net").mkdir()
    (root / "net" / "tcp").write_text(HEAD + tcp)
    (root / "net" / "tcp6").write_text(HEAD + tcp6)
    (root / "42" / "fd").mkdir(parents=True)
    (root / "42" / "comm").write_text("server\n")
    (root / "42" / "fd" / "0").symlink_to("/dev/null")
    (root / "42" / "fd" / "3").symlink_to("socket:[777]")
    (root / "41").mkdir()
    return root


@pytest.mark.parametrize(
    ("host", "tables", "found"),
    [
        ("127.0.0.1", {"tcp": row("0100007F:1F90", inode=777)}, True),
        ("localhost", {"tcp": row("0100007F:1F90", inode=777)}, True),
        ("127.0.0.1", {"tcp": row("00000000:1F90", inode=777)}, True),
        ("::1", {"tcp6": row("00000000000000000000000001000000:1F90", inode=777)}, True),
        ("[::1]", {"tcp6": row("00000000000000000000000001000000:1F90", inode=777)}, True),
        ("127.0.0.1", {"tcp6": row("00000000000000000000000000000000:1F90", inode=777)}, True),
        ("127.0.0.1", {"tcp": row("0100007F:1F91", inode=777)}, False),
        ("127.0.0.1", {"tcp": row("0200007F:1F90", inode=777)}, False),
        ("127.0.0.1", {"tcp": row("0100007F:1F90", inode=777, state="01")}, False),
        ("127.0.0.1", {"tcp": row("0100007F:1F90", inode=778)}, False),
    ],
)
def test_the_listener_on_the_port_is_named(tmp_path: Path, host: str, tables: dict[str, str], found: bool) -> None:
    assert holder(host, 8080, proc=make_proc(tmp_path, **tables)) == ("server (process 42)" if found else "")


def test_without_the_tables_nobody_is_named(tmp_path: Path) -> None:
    assert holder("127.0.0.1", 8080, proc=tmp_path) == ""


def test_the_real_tables_name_this_process() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert holder("127.0.0.1", listening.getsockname()[1]).endswith(f"(process {os.getpid()})")
