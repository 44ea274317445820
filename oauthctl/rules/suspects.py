"""What a refusal may be due to, where the evidence leaves it open.

Here: the form of an answer to that. Not here: which suspects there are (`refusal_causes`, `token_suspects`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.findings import Candidate


@dataclass(frozen=True, slots=True)
class Suspects:
    """Candidates, and the probe that would tell between them."""

    candidates: tuple[Candidate, ...]
    probe: str
