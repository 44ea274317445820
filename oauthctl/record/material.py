"""`Material`: evidence as it was read from a file or a paste, secrets still in it.

Here: the value. Not here: reading it (`har`, `pasted`), hiding its secrets (`redact`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oauthctl.record.exchange import Recording
from oauthctl.record.tokens import HeldToken


@dataclass(frozen=True, slots=True)
class Material:
    """A recording, tokens without an exchange, and words of a log.

    `kind` says what it was taken for (`recording`, `har`, `authorization-url` …). `facts` are those that a recording of ours brings along,
    by exchange; None for evidence of others, whose facts are still to be worked out. `known` are members in the manner of `--given`.
    `named` are the secrets that the text gives a name where it is no evidence: names and values.
    `written_at` is the time stamp of a log; None when it has none.
    """

    kind: str
    recording: Recording = field(default_factory=Recording)
    tokens: tuple[HeldToken, ...] = ()
    facts: Mapping[int, Mapping[str, Any]] | None = None
    known: Mapping[str, Any] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    written_at: datetime | None = None
