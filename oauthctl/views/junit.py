"""Verdicts as JUnit XML, which every CI shows.

Here: the document. Not here: judging.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree


def junit_document(title: str, verdicts: Iterable[tuple[str, str]]) -> str:
    """One suite with a case for each verdict: its title, and why it failed, empty when it did not."""
    told = [(_printable(name), _printable(why)) for name, why in verdicts]
    failures = sum(1 for _, why in told if why)
    suite = ElementTree.Element("testsuite", name=_printable(title), tests=str(len(told)), failures=str(failures), errors="0", skipped="0")
    for name, why in told:
        case = ElementTree.SubElement(suite, "testcase", classname=_printable(title), name=name)
        if why:
            ElementTree.SubElement(case, "failure", message=why).text = why
    suites = ElementTree.Element("testsuites", tests=str(len(told)), failures=str(failures))
    suites.append(suite)
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _printable(text: str) -> str:
    """XML 1.0 has no place for control characters, escaped or not."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
