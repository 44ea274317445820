"""How a secret is shown: its ends, so that a person can tell two of them apart.

Here: masking one value, and telling which names hold secrets. Not here: redaction, which takes secrets out of a file (`record.redact`).
"""

from __future__ import annotations

import re

_FINGERPRINT = re.compile(r"redacted-[a-z_]+-[0-9a-f]+")


def masked(value: str) -> str:
    """`Zk3…9Q`; nothing of a value that is too short to spare five characters. A fingerprint is no secret and stays."""
    if _FINGERPRINT.fullmatch(value):
        return value
    return f"{value[:3]}…{value[-2:]}" if len(value) >= 16 else "…"
