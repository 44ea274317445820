"""Scenarios as TOML: reading them, and those that come with the package.

Here: the file's language. Not here: what a scenario does (`scenario`).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

from oauthctl.errors import ConfigError
from oauthctl.provider.faults.places import NAMES
from oauthctl.provider.faults.spec import read_fault
from oauthctl.provider.scenario import Case, Reply, Scenario, Step
from oauthctl.provider.scenario_occasions import flaw_in
from oauthctl.provider.scenario_pattern import Pattern
from oauthctl.provider.switched import Switched


def shipped() -> tuple[str, ...]:
    """The names of the scenarios that come with the package."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in files("oauthctl.provider").joinpath("scenarios").iterdir()))


def shipped_text(name: str) -> str:
    """The text of a scenario that comes with the package; the name is one of `shipped`."""
    return files("oauthctl.provider").joinpath("scenarios", f"{name}.toml").read_text(encoding="utf-8")


def read_scenario(text: str) -> Scenario:
    """The scenario that a TOML file holds.

    Raises: ConfigError, which says where in the file and what is wrong.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"the scenario is no TOML: {error}") from error
    _only(document, ("title", "about", "seconds", "steps", "refuses", "case", "faults"), "the scenario")
    seconds = _seconds(document, "seconds", "the scenario", usual=2.0)
    shared = _steps(document.get("steps", []), "the scenario")
    faults = ({"fault": one} for one in _texts(document.get("faults", []), "faults", "the scenario"))
    written = enumerate([*_tables(document.get("case", []), "case"), *faults], 1)
    cases = tuple(_case(one, number, shared, document) for number, one in written)
    if not cases:
        raise _wrong("the scenario has no `[[case]]`, and no `faults`")
    title = _text(document, "title", "the scenario") or "scenario"
    return Scenario(title, cases, seconds, _text(document, "about", "the scenario"))


def _case(case: Mapping[str, Any], number: int, shared: tuple[Step, ...], document: Mapping[str, Any]) -> Case:
    where = f"case {number}"
    _only(case, ("title", "steps", "then", "refuses", "fault", "at", "only_with"), where)
    steps = _steps(case["steps"], where) if "steps" in case else shared
    steps = (*steps, *map(Step, _endpoints(case.get("then", []), f"`then` of {where}")))
    if "fault" in case:
        places = [step.endpoint for step in steps]
        at = _texts(case.get("at", places[-1:]), "at", where)
        if not at or not set(at) <= set(places):
            raise _wrong(f"`at` of {where} is the endpoint of none of its steps: `{', '.join(at)}`")
        faults = _faults(case["fault"], where)
        steps = tuple(replace(step, faults=faults) if step.endpoint in at else step for step in steps)
    if not steps:
        raise _wrong(f"{where} has no steps, and the scenario has none for all")
    refuses = _endpoints(case.get("refuses", document.get("refuses", []) if "fault" in case else []), f"`refuses` of {where}")
    title = _text(case, "title", where) or (" and ".join(dict.fromkeys(one.slug for step in steps for one in step.faults)) or where)
    read = Case(title, steps, refuses, _texts(case.get("only_with", []), "only_with", where))
    flaw = flaw_in(read)
    if flaw is not None:
        raise _wrong(f"{where}: {flaw.why}", help=flaw.help)
    return read


def _steps(steps: object, where: str) -> tuple[Step, ...]:
    return tuple(_step(one, f"step {number} of {where}") for number, one in enumerate(_tables(steps, f"steps of {where}"), 1))


def _step(step: Mapping[str, Any], where: str) -> Step:
    _only(step, ("endpoint", "title", "needs", "needs_any", "header_needs", "lacks", "fault", "answer", "wait_seconds"), where)
    if "endpoint" not in step:
        raise _wrong(f"{where} has no `endpoint`", help=f"endpoints are {', '.join(NAMES)}")
    (endpoint,) = _endpoints([step["endpoint"]], f"`endpoint` of {where}")
    return Step(
        endpoint,
        _text(step, "title", where),
        _needs(step.get("needs", {}), f"`needs` of {where}"),
        _texts(step.get("needs_any", []), "needs_any", where),
        _texts(step.get("lacks", []), "lacks", where),
        _needs(step.get("header_needs", {}), f"`header_needs` of {where}"),
        _faults(step.get("fault", []), where),
        _reply(step["answer"], where) if "answer" in step else None,
        _seconds(step, "wait_seconds", where, usual=0),
    )


def _faults(value: object, where: str) -> tuple[Switched, ...]:
    try:
        return tuple(read_fault(one) for one in _texts(value, "fault", where))
    except ConfigError as error:
        raise _wrong(f"{where}: {error.message}", help=error.help) from error


def _needs(needs: object, where: str) -> Mapping[str, str | bool | Pattern]:
    if not isinstance(needs, dict):
        raise _wrong(f"{where} is no table")
    found: dict[str, str | bool | Pattern] = {}
    for name, wanted in needs.items():
        if isinstance(wanted, dict) and wanted.keys() == {"pattern"} and isinstance(wanted["pattern"], str):
            found[name] = _pattern(wanted["pattern"], where)
        elif isinstance(wanted, str) or wanted is True:
            found[name] = wanted
        else:
            raise _wrong(f"`{name}` in {where} is no text, no `true` and no `{{pattern = …}}`")
    return found


def _pattern(text: str, where: str) -> Pattern:
    try:
        return Pattern(text)
    except ValueError as error:
        raise _wrong(f"a pattern in {where} {error}") from error


def _reply(answer: object, where: str) -> Reply:
    if not isinstance(answer, dict):
        raise _wrong(f"`answer` of {where} is no table")
    _only(answer, ("status", "headers", "json", "body"), f"`answer` of {where}")
    status, headers, body = answer.get("status", 200), answer.get("headers", {}), answer.get("body", "")
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise _wrong(f"`status` in `answer` of {where} is none between 200 and 599")
    if not isinstance(headers, dict) or not all(isinstance(value, str) and value.isprintable() for value in headers.values()):
        raise _wrong(f"`headers` in `answer` of {where} is no table of printable texts")
    if not isinstance(body, str) or ("json" in answer and body):
        raise _wrong(f"`answer` of {where} has a `body` that is no text, or `json` beside it")
    return Reply(status, tuple(headers.items()), json.dumps(answer["json"]) if "json" in answer else body)


def _endpoints(names: object, where: str) -> tuple[str, ...]:
    found = names if isinstance(names, list) else [names]
    for name in found:
        if name not in NAMES:
            raise _wrong(f"{where} is no endpoint: `{name}`", help=f"endpoints are {', '.join(NAMES)}")
    return tuple(found)


def _texts(value: object, name: str, where: str) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _wrong(f"`{name}` of {where} is no text and no list of texts")
    return tuple(found)


def _seconds(table: Mapping[str, Any], name: str, where: str, *, usual: float) -> float:
    value = table.get(name, usual)
    if not isinstance(value, int | float) or isinstance(value, bool) or not (value == usual or 0 < value <= 3600):
        raise _wrong(f"`{name}` of {where} is no number above 0 and up to 3600")
    return float(value)


def _text(table: Mapping[str, Any], name: str, where: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str) or not value.isprintable():
        raise _wrong(f"`{name}` of {where} is no text of one line")
    return value


def _tables(value: object, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _wrong(f"`{where}` is no list of tables")
    return value


def _only(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    unknown = next((name for name in table if name not in known), None)
    if unknown is not None:
        raise _wrong(f"`{unknown}` means nothing in {where}", help=f"it may have {', '.join(f'`{name}`' for name in known)}")


def _wrong(message: str, *, help: str = "") -> ConfigError:  # noqa: A002 - the error's own word
    return ConfigError(message, slug="scenario-wrong", help=help)
