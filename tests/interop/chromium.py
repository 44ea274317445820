"""Here: the walk of `pages`, made by headless Chromium through playwright-core (`drive.mjs`)."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.interop.forms import Recipe
from tests.interop.pages import Page

DRIVER = Path(__file__).parent / "drive.mjs"
VISIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser that is started for each visit, with a profile folder of its own that is gone afterwards."""

    node: str
    program: str

    def browse(self, url: str, recipe: Recipe, *, screenshot: Path | None = None, har: Path | None = None, until: str = "") -> Page:
        """Go to a URL and act on each page as the recipe says; gives the first page on which no form of it fits.

        `har` is where the network panel's capture goes, with all bodies; `until` are words for which the last page is waited.
        """
        order = {
            "url": url,
            "program": self.program,
            "forms": [form.as_json() for form in recipe],
            "screenshot": str(screenshot) if screenshot else None,
            "har": str(har) if har else None,
            "until": until or None,
        }
        done = subprocess.run(
            (self.node, str(DRIVER)), input=json.dumps(order), capture_output=True, text=True, timeout=VISIT_SECONDS, check=False
        )
        if done.returncode != 0:
            raise AssertionError(f"Chromium didn't get through {url}:\n{done.stderr[-4000:]}")
        return Page(**json.loads(done.stdout))
