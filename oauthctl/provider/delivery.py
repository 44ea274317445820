"""`Delivery`: how an answer goes onto the wire, where that is not as it should be.

Here: the value. Not here: the sockets that obey it (`shell.serve_delivery`), the faults that want it (`faults.wire`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivery:
    """`seconds` of silence before the answer, `keeps` bytes of its body before the connection ends, or no answer at all: a reset.

    With `pause_seconds` the connection does not end there: the rest of the body comes after so long.
    """

    seconds: float = 0
    keeps: int | None = None
    is_reset: bool = False
    pause_seconds: float = 0
