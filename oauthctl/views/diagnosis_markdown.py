"""A diagnosis as Markdown, to be put into a bug report.

Here: the text. Not here: which findings there are (`rules`).
"""

from __future__ import annotations

from oauthctl.findings import Finding
from oauthctl.rules.diagnosis import Diagnosis
from oauthctl.views.diagnosed import summary
from oauthctl.views.markdown_text import code_span, escaped


def diagnosis_markdown(diagnosis: Diagnosis, source: str) -> str:
    """The report; whatever came from a server stands in code spans or is escaped, so that it can't become markup."""
    parts = ["# Diagnosis", f"Read from {escaped(source)}."]
    for finding in diagnosis.findings:
        parts += _finding(finding)
    if not diagnosis.findings:
        said = summary(diagnosis)
        parts.append(f"{said[0].upper()}{said[1:]}.")
    parts += [f"Not explained: {escaped(failure)}." for failure in diagnosis.unexplained]
    total = len(diagnosis.checked) + len(diagnosis.not_checked)
    parts.append(f"Checked: {len(diagnosis.checked)} of {total} rules.")
    parts += [f"Not seen: {escaped(unseen)}." for unseen in diagnosis.unseen]
    return "\n\n".join(parts)


def _finding(finding: Finding) -> list[str]:
    parts = [f"## {finding.severity}: {escaped(finding.message)} (`{finding.rule}`)"]
    rows = [
        f"| {evidence.exchange or ''} | {code_span(evidence.place)} | {code_span(evidence.expected)} | {code_span(evidence.got)} |"
        for evidence in finding.evidence
    ]
    if rows:
        parts.append("\n".join(("| exchange | place | expected | got |", "|---|---|---|---|", *rows)))
    parts.append(f"**Cause** ({finding.certainty}): {escaped(finding.cause)}")
    if finding.candidates:
        parts.append("\n".join(f"{number}. {escaped(one.cause)} {escaped(one.help)}" for number, one in enumerate(finding.candidates, 1)))
    if finding.probe:
        parts.append(f"**To tell**: {escaped(finding.probe)}")
    parts.append(f"**Help**: {escaped(finding.help)}")
    if finding.consequences:
        parts.append("\n".join(f"- led to: {escaped(one)}" for one in finding.consequences))
    if finding.sections:
        parts.append("**Spec**: " + ", ".join(f"[{section}]({section.url})" for section in finding.sections))
    return parts
