"""A scenario carried out: a server that follows the script, and knows when it is over.

Here: the handler that follows it, the wait for the end. Not here: the script (`provider.scenario_progress`), telling how it went
(`views.junit`).
"""

from __future__ import annotations

import threading
import time

from oauthctl.http import Request, Response
from oauthctl.provider.handle import handle
from oauthctl.provider.moment import Moment
from oauthctl.provider.scenario import Scenario, Verdict
from oauthctl.provider.scenario_progress import Progress, advanced, ended, finished, is_through
from oauthctl.provider.state import ProviderState


class ScenarioRun:
    """Follows a scenario as the handler of a `Server`, one request at a time."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._progress = Progress()
        self._lock = threading.Lock()
        self._last_at = time.monotonic()

    def answer(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        """As `handle`, along the script."""
        with self._lock:
            self._last_at = time.monotonic()
            self._progress, answer = advanced(self._scenario, self._progress, state, request, moment, then=handle)
        return answer

    def is_over(self, *, timeout_seconds: float) -> bool:
        """Whether the last case has had its steps and its time of silence, or nothing has come for so long that nothing will."""
        cases = self._scenario.cases
        with self._lock:
            quiet = time.monotonic() - self._last_at
            if is_through(self._scenario, self._progress) and quiet >= self._scenario.seconds:
                self._progress = ended(self._scenario, self._progress)
            return self._progress.case >= len(cases) or quiet > timeout_seconds

    @property
    def judged(self) -> tuple[Verdict, ...]:
        """How the cases went that are over."""
        with self._lock:
            return self._progress.verdicts

    def verdicts(self) -> tuple[Verdict, ...]:
        """How each case went; those that have not been are failures."""
        with self._lock:
            return finished(self._scenario, self._progress)
