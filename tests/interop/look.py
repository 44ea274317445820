"""Here: looking at files with headless Chromium (`look.mjs`). Not here: walking through servers' pages (`chromium`)."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.interop.chromium import VISIT_SECONDS, Chromium

DRIVER = Path(__file__).parent / "look.mjs"


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
    order = {"program": chromium.program, "width": width, "height": height, "theme": theme, "scripts": scripts, "steps": steps}
    done = subprocess.run(
        (chromium.node, str(DRIVER)), input=json.dumps(order), capture_output=True, text=True, timeout=VISIT_SECONDS, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"Chromium didn't get through:\n{done.stderr[-4000:]}")
    return Looked(**json.loads(done.stdout))
