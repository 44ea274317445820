"""Values that somebody put in a secret's place before a capture was shared.

Here: recognising them, so that nothing is concluded from them. Not here: our own redaction (`record.redact`), what programs send for a
value that they don't have (`facts.challenge.is_placeholder`).
"""

from __future__ import annotations

import re

_WORD = re.compile(r"redact|sanitiz|sanitis|scrubbed|obfuscat|anonymi|censored|\b(?:masked|hidden|removed|filtered)\b", re.IGNORECASE)
_FILLING = re.compile(r"[*•●█]{3}|…|\.{3}")
_NOTHING_ELSE = re.compile(r"[\W_]+|[xX_-]{3,36}")
_LONGEST = 4096


def is_masked(value: str) -> bool:
    """Whether it is no secret but a mark that one was taken away: `REDACTED`, `[code redacted]`, `***`, `abc…`, `xxxxxxxx`."""
    head = value[:_LONGEST]
    return bool(value) and bool(_WORD.search(head) or _FILLING.search(head) or _NOTHING_ELSE.fullmatch(head))
