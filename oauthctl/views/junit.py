"""Verdicts as JUnit XML, which every CI shows.

Here: the document. Not here: judging.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree


def junit_document(title: str, verdicts: Iterable[tuple[str, str, str]]) -> str:
    """One suite with a case for each verdict: its title, why it failed, and why it was not judged; both empty when it went well."""
    told = [(_printable(name), _printable(why), _printable(left_out)) for name, why, left_out in verdicts]
    failures = sum(1 for _, why, _ in told if why)
    skipped = sum(1 for *_, left_out in told if left_out)
    counts = {"tests": str(len(told)), "failures": str(failures), "errors": "0", "skipped": str(skipped)}
    suite = ElementTree.Element("testsuite", {"name": _printable(title), **counts})
    for name, why, left_out in told:
        case = ElementTree.SubElement(suite, "testcase", classname=_printable(title), name=name)
        if left_out:
            ElementTree.SubElement(case, "skipped", message=left_out)
        if why:
            ElementTree.SubElement(case, "failure", message=why).text = why
    suites = ElementTree.Element("testsuites", tests=str(len(told)), failures=str(failures))
    suites.append(suite)
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _printable(text: str) -> str:
    """XML 1.0 has no place for control characters, escaped or not."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
