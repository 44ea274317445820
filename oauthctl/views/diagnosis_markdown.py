"""A diagnosis as Markdown, to be put into a bug report.

Here: the text. Not here: which findings there are (`rules`).
"""

from __future__ import annotations

from oauthctl.findings import Finding
from oauthctl.rules.diagnosis import Diagnosis
from oauthctl.views.lines import one_line


def diagnosis_markdown(diagnosis: Diagnosis, source: str) -> str:
    """The report; whatever came from a server stands in code spans or is escaped, so that it can't become markup."""
    parts = ["# Diagnosis", f"Read from {_escaped(source)}."]
    for finding in diagnosis.findings:
        parts += _finding(finding)
    if not diagnosis.findings:
        parts.append("Nothing wrong was found." if diagnosis.checked else "Nothing could be checked.")
    total = len(diagnosis.checked) + len(diagnosis.not_checked)
    parts.append(f"Checked: {len(diagnosis.checked)} of {total} rules.")
    parts += [f"Not seen: {_escaped(unseen)}." for unseen in diagnosis.unseen]
    return "\n\n".join(parts)


def _finding(finding: Finding) -> list[str]:
    parts = [f"## {finding.severity}: {_escaped(finding.message)} (`{finding.rule}`)"]
    rows = [
        f"| {evidence.exchange or ''} | {_code(evidence.place)} | {_code(evidence.expected)} | {_code(evidence.got)} |"
        for evidence in finding.evidence
    ]
    if rows:
        parts.append("\n".join(("| exchange | place | expected | got |", "|---|---|---|---|", *rows)))
    parts.append(f"**Cause** ({finding.certainty}): {_escaped(finding.cause)}")
    if finding.candidates:
        parts.append("\n".join(f"{number}. {_escaped(one.cause)} {_escaped(one.help)}" for number, one in enumerate(finding.candidates, 1)))
    if finding.probe:
        parts.append(f"**To tell**: {_escaped(finding.probe)}")
    parts.append(f"**Help**: {_escaped(finding.help)}")
    if finding.consequences:
        parts.append("\n".join(f"- led to: {_escaped(one)}" for one in finding.consequences))
    if finding.sections:
        parts.append("**Spec**: " + ", ".join(f"[{section}]({section.url})" for section in finding.sections))
    return parts


def _code(text: str) -> str:
    shown = one_line(text).replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`" if shown else ""


def _escaped(text: str) -> str:
    """The text with Markdown's signs escaped, code spans kept."""
    pieces = one_line(text).split("`")
    if len(pieces) % 2 == 0:
        return _plain("".join(pieces))
    return "".join(f"`{piece}`" if at % 2 else _plain(piece) for at, piece in enumerate(pieces))


def _plain(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\*_[]<>|#" else character for character in text)
