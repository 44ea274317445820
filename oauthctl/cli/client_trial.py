"""A client on trial: `serve --scenario`, from the file to the verdicts.

Here: finding the scenario, telling how it went. Not here: the scenario's language (`provider.scenario_file`), its meaning
(`provider.scenario_progress`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from oauthctl.cli.output import Output
    from oauthctl.http import Request, Response
    from oauthctl.provider.moment import Moment
    from oauthctl.provider.scenario import Scenario, Verdict
    from oauthctl.provider.state import ProviderState
    from oauthctl.views.lines import Span

_LARGEST = 1024 * 1024


class Trial:
    """One run of a scenario. `junit` is the file for the verdicts, if any; `seconds` without a request end it."""

    def __init__(self, scenario: Scenario, *, junit: str, seconds: float) -> None:
        from oauthctl.shell.scenario_run import ScenarioRun

        self._scenario = scenario
        self._run = ScenarioRun(scenario)
        self._junit = junit
        self._seconds = seconds
        self._told = 0
        self._say: Callable[[str], None] = lambda _: None

    def introduce(self, out: Output, state: ProviderState) -> None:
        """Say what the client has to do, and which cases nobody can try at this provider; then each case is told when it is over."""
        from oauthctl.cli.fault_list import tell_hindered

        self._say = out.say
        out.say(f"{self._scenario.title}: {_counted(len(self._scenario.cases))}")
        out.say(f"the client: {self._scenario.about or _requests_told(self._scenario)}")
        tell_hindered(out, state, (fault.slug for case in self._scenario.cases for step in case.steps for fault in step.faults))

    def answer(self, state: ProviderState, request: Request, moment: Moment) -> tuple[ProviderState, Response]:
        """The provider's answer along the script."""
        return self._run.answer(state, request, moment)

    def is_over(self) -> bool:
        """Whether nothing more is to come. Cases that are over since the last question are told."""
        is_over = self._run.is_over(timeout_seconds=self._seconds)
        for verdict in self._run.judged[self._told :]:
            self._told += 1
            self._say(f"case {self._told} of {len(self._scenario.cases)}, {verdict.title}: {_why(verdict) or 'ok'}")
        return is_over

    def tell(self, out: Output) -> int:
        """Print each case with its verdict, write them for a CI, and the exit code: 0 when all went well, else 1."""
        from oauthctl.views.junit import JunitCase, junit_document
        from oauthctl.views.lines import Table, line

        verdicts = self._run.verdicts()
        rows = tuple((line(_word(one)), line(one.title), line(_why(one))) for one in verdicts)
        out.table(Table(("verdict", "case", "why"), rows, title=self._scenario.title))
        unjudged = sum(1 for one in verdicts if one.left_out or one.no_occasion)
        good = sum(1 for one in verdicts if one.is_good and not one.left_out)
        others = f"; {unjudged} could not be judged" if unjudged else ""
        out.say(f"{good} of {_counted(len(verdicts))} went as {'it' if len(verdicts) == 1 else 'they'} should{others}")
        if self._junit:
            cases = [JunitCase(one.title, one.why, one.no_occasion, one.left_out, one.seconds) for one in verdicts]
            _write(self._junit, junit_document(self._scenario.title, cases))
        return ExitCode.DONE if all(one.is_good for one in verdicts) else ExitCode.NO


def trial_of(scenario: str, *, junit: str, seconds: float) -> Trial | None:
    """The trial by this scenario, a file or one that is here by its name; None without one.

    Raises: ConfigError.
    """
    if not scenario:
        if junit:
            raise ConfigError("`--junit` is for the verdicts of a scenario, and there is none", slug="junit-without-scenario")
        return None
    from oauthctl.provider.scenario_file import read_scenario, shipped, shipped_text

    if junit and not Path(junit).absolute().parent.is_dir():
        raise ConfigError(f"the folder of `{junit}` is missing", slug="file-not-written")
    text = shipped_text(scenario) if scenario in shipped() else _read(scenario, shipped())
    return Trial(read_scenario(text), junit=junit, seconds=seconds)


def _word(verdict: Verdict) -> Span:
    from oauthctl.views.lines import Span

    if verdict.left_out:
        return Span("left out", "warning")
    if verdict.no_occasion:
        return Span("no occasion", "error")
    return Span("failed", "error") if verdict.why else Span("ok", "success")


def _why(verdict: Verdict) -> str:
    return verdict.why or verdict.no_occasion or verdict.left_out


def _counted(cases: int) -> str:
    return "1 case" if cases == 1 else f"{cases} cases"


def _requests_told(scenario: Scenario) -> str:
    """What the client has to do by the steps of the script, where that does not say it itself."""
    ways: dict[str, list[str]] = {}
    for number, case in enumerate(scenario.cases, 1):
        ways.setdefault(", ".join(step.endpoint for step in case.steps), []).append(str(number))
    if len(ways) == 1:
        return f"go to {next(iter(ways))}; once for each case"
    told = (f"to {way} in case {' and '.join(numbers)}" for way, numbers in ways.items())
    return f"go {'; '.join(told)}"


def _read(path: str, known: tuple[str, ...]) -> str:
    try:
        with Path(path).open("rb") as file:
            octets = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(
            f"the scenario `{path}` can't be read: {error.strerror or error}",
            slug="scenario-unreadable",
            help=f"here are {', '.join(f'`{name}`' for name in known)}",
        ) from error
    if len(octets) > _LARGEST:
        raise ConfigError(f"the scenario `{path}` is larger than {_LARGEST // 1024} KiB", slug="scenario-unreadable")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"the scenario `{path}` is no UTF-8 text", slug="scenario-unreadable") from None


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"`{path}` can't be written: {error.strerror or error}", slug="file-not-written") from error
