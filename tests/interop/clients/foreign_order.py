"""Here: the protocol of ../foreign.py, from the side of a client in Python. Not here: any client."""

from __future__ import annotations

import json
import sys
from typing import Any


def read_order() -> dict[str, Any]:
    """What is to be done."""
    return dict(json.loads(sys.stdin.readline()))


def opened(url: str) -> str:
    """The URL that came back to the redirect URI after a person went to this one."""
    print("OPEN", url, flush=True)
    return sys.stdin.readline().strip()


def shown(url: str, code: str) -> None:
    """Let a person type this code in there."""
    print("CODE", url, code, flush=True)


def decided(url: str) -> None:
    """Let a person decide on this page, which they have open elsewhere."""
    print("DECIDE", url, flush=True)


def done(**result: Any) -> None:
    """The end."""
    print("DONE", json.dumps(result), flush=True)
