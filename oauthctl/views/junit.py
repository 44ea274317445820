"""Verdicts as JUnit XML, which every CI shows.

Here: the document. Not here: judging.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class JunitCase:
    """One case: why it failed, why it could not be tried (an `error`), or why it was left out; all three empty when it went well."""

    name: str
    failure: str = ""
    error: str = ""
    skipped: str = ""
    seconds: float = 0


_OUTCOMES = {"failure": "failures", "error": "errors", "skipped": "skipped"}
"""What is told of a case, and how the suite calls their number."""


def junit_document(title: str, cases: Sequence[JunitCase]) -> str:
    """One suite with these cases, and how long each took."""
    counts = {name: str(sum(1 for case in cases if getattr(case, outcome))) for outcome, name in _OUTCOMES.items()}
    whole = {"tests": str(len(cases)), **counts, "time": _time(sum(case.seconds for case in cases))}
    suites = ElementTree.Element("testsuites", whole)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _printable(title), **whole})
    for case in cases:
        known = {"classname": _printable(title), "name": _printable(case.name), "time": _time(case.seconds)}
        told = ElementTree.SubElement(suite, "testcase", known)
        for outcome in _OUTCOMES:
            if why := _printable(getattr(case, outcome)):
                ElementTree.SubElement(told, outcome, message=why).text = why
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _time(seconds: float) -> str:
    """Seconds as JUnit has them."""
    return f"{seconds:.3f}"


def _printable(text: str) -> str:
    """XML 1.0 has no place for control characters, escaped or not."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
