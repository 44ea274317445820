"""Here: headless Chromium, kept by Node (`browser.mjs`), and the walk of `pages` made by it. Not here: looking at files (`look`)."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.interop.forms import Recipe
from tests.interop.pages import Page

KEEPER = Path(__file__).parent / "browser.mjs"
VISIT_SECONDS = 60
END_SECONDS = 10


@dataclass(slots=True)
class Chromium:
    """A browser that the first visit starts, and that a visit which fails ends; each visit begins and ends without a cookie."""

    node: str
    program: str
    _process: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def browse(self, url: str, recipe: Recipe, *, screenshot: Path | None = None, har: Path | None = None, until: str = "") -> Page:
        """Go to a URL and act on each page as the recipe says; gives the first page on which no form of it fits.

        `har` is where the network panel's capture goes, with all bodies; `until` are words for which the last page is waited.
        """
        order = {
            "url": url,
            "forms": [form.as_json() for form in recipe],
            "screenshot": str(screenshot) if screenshot else None,
            "har": str(har) if har else None,
            "until": until or None,
        }
        return Page(**self.carry_out("drive", order))

    def carry_out(self, kind: str, order: dict[str, Any]) -> dict[str, Any]:
        """What comes of an order, as `drive.mjs` or `look.mjs` says; one visit at a time."""
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    (self.node, str(KEEPER), self.program),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    encoding="utf-8",
                )
            told = _answer(self._process, json.dumps({"kind": kind, **order}))
            if "failed" in told:
                self.end()
                raise AssertionError(f"Chromium didn't get through {order}:\n{told['failed'][-4000:]}")
        return dict(told["done"])

    def end(self) -> None:
        """Let the browser go, if it was started."""
        process, self._process = self._process, None
        if process is not None:
            with process, _killed_after(END_SECONDS, process):
                process.communicate()


def _answer(process: subprocess.Popen[str], line: str) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    with _killed_after(VISIT_SECONDS, process):
        print(line, file=process.stdin, flush=True)
        answer = process.stdout.readline()
    return dict(json.loads(answer)) if answer else {"failed": f"it ended, or was not done after {VISIT_SECONDS} seconds"}


@contextmanager
def _killed_after(seconds: float, process: subprocess.Popen[str]) -> Iterator[None]:
    watch = threading.Timer(seconds, process.kill)
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
