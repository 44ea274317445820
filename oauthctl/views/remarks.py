"""`Remark`: a finding in one line, at the message that it concerns.

Here: which message that is, and the line. Not here: a finding in full (`found`), drawing (`sequence`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oauthctl.findings import Certainty, Evidence, Finding, Severity
from oauthctl.views.lines import Style

_STYLES: dict[Severity, Style] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "bold"}


@dataclass(frozen=True, slots=True)
class Remark:
    """One line about a request, or about the answer to it."""

    severity: Severity
    text: str
    is_answer: bool = False

    @property
    def style(self) -> Style:
        """How it is coloured."""
        return _STYLES[self.severity]


def remarks_of(findings: Iterable[Finding]) -> dict[int, tuple[Remark, ...]]:
    """By exchange, a line for each finding that has evidence in one."""
    found: dict[int, tuple[Remark, ...]] = {}
    for finding in findings:
        place = main_evidence(finding)
        if place is not None and place.exchange is not None:
            remark = Remark(finding.severity, _text(finding), place.place.startswith("response"))
            found[place.exchange] = (*found.get(place.exchange, ()), remark)
    return found


def main_evidence(finding: Finding) -> Evidence | None:
    """Where it shows: where something else was expected, there it is wrong; the rest is what that is compared with."""
    placed = [one for one in finding.evidence if one.exchange is not None]
    return next((one for one in placed if one.expected), placed[0] if placed else None)


def _text(finding: Finding) -> str:
    sure = "" if finding.certainty is Certainty.CERTAIN else f" ({finding.certainty.value})"
    return f"{finding.severity.value}[{finding.rule}]: {finding.message}{sure}"
