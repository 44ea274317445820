"""Here: looking at files with headless Chromium (`look.mjs`). Not here: walking through servers' pages (`chromium`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.interop.chromium import Chromium


@dataclass(frozen=True, slots=True)
class Looked:
    """What was answered, what went wrong, what was asked of the network."""

    answers: list[Any]
    trouble: list[str]
    requests: list[str]


def look(
    chromium: Chromium, *steps: dict[str, Any], width: int = 1280, height: int = 800, theme: str = "light", scripts: bool = True
) -> Looked:
    """Take the steps, which `look.mjs` names."""
    order = {"width": width, "height": height, "theme": theme, "scripts": scripts, "steps": steps}
    return Looked(**chromium.carry_out("look", order))
