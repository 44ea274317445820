"""The scenarios that come with the package, for a person at a terminal.

Here: what `serve --list-scenarios` prints. Not here: the scenarios (`provider.scenario_file`), carrying one out (`client_trial`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.errors import ExitCode

if TYPE_CHECKING:
    from oauthctl.cli.output import Output


def tell_scenarios(out: Output, *, json: bool) -> int:
    """Every scenario: what it is about, and what the client has to do in each of its cases."""
    from oauthctl.provider.scenario_file import read_scenario, shipped, shipped_text
    from oauthctl.views.lines import Span, Table, line, literals

    scenarios = {name: read_scenario(shipped_text(name)) for name in shipped()}
    if json:
        told = [
            {"scenario": name, "title": one.title, "about": one.about, "cases": [case.title for case in one.cases]}
            for name, one in scenarios.items()
        ]
        out.json({"scenarios": told})
        return ExitCode.DONE
    rows = tuple(
        (line(Span(name, "literal")), line(str(len(one.cases))), literals(one.title), literals(one.about))
        for name, one in scenarios.items()
    )
    out.table(Table(("scenario", "cases", "what is judged", "what the client does"), rows))
    out.say(f"{len(rows)} scenarios; put a client on trial with `oauthctl serve --scenario NAME --junit verdicts.xml`")
    return ExitCode.DONE
