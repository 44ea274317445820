"""The report as Markdown: findings, diagram, each message as a table.

Here: the document. Not here: the diagnosis (`diagnosis_markdown`), the diagram (`mermaid`).
"""

from __future__ import annotations

from collections.abc import Iterable

from oauthctl.rules.diagnosis import Diagnosis
from oauthctl.views.canvas import cut
from oauthctl.views.diagnosis_markdown import diagnosis_markdown
from oauthctl.views.hints import duration
from oauthctl.views.markdown_text import code_span, escaped, plain_text
from oauthctl.views.mermaid import mermaid_diagram
from oauthctl.views.report.told import OWN_ACCOUNT, Derivation, Report, Row, Side, Told, ToldToken

_LONGEST_VALUE = 300


def markdown_report(report: Report, diagnosis: Diagnosis) -> str:
    """The whole document; what was recorded stands in code spans or is escaped."""
    parts = [diagnosis_markdown(diagnosis, report.source), "# Sequence"]
    for diagram in report.diagrams:
        parts += [f"## {plain_text(diagram.title)}"] if diagram.title else []
        parts.append(f"```mermaid\n{mermaid_diagram(report, diagram)}\n```")
    parts.append("# Messages")
    parts += [OWN_ACCOUNT] if report.is_own_account else []
    for told in report.messages:
        parts += _message(report, told)
    return "\n\n".join(parts)


def _message(report: Report, told: Told) -> Iterable[str]:
    yield f"## {told.id}. {plain_text(told.label)}"
    when = f"{told.started_at:%Y-%m-%d %H:%M:%S} UTC"
    took = duration(told.seconds) if told.seconds else ""
    yield ", ".join(text for text in (when, took, told.seen) if text)
    for at in told.findings:
        finding = report.findings[at]
        yield f"> **{finding.severity}**: {escaped(finding.message)} (`{finding.rule}`)"
    yield from (f"> concerned by: {escaped(report.findings[at].message)} (`{report.findings[at].rule}`)" for at in told.related)
    yield f"Request: {_value(told.request.title)}"
    yield from _side(told.request)
    if told.status:
        yield f"Answer: {_value(told.status)}"
    if told.answer is not None:
        yield from _side(told.answer)
    for derivation in told.derivations:
        yield _derivation(derivation)
    for token in told.tokens:
        yield from _token(token, is_own_account=report.is_own_account)


def _side(side: Side) -> Iterable[str]:
    if side.fields:
        yield _table("parameter", side.fields)
    yield from (f"Note: {escaped(note)}" for note in side.notes)


def _derivation(one: Derivation) -> str:
    values = ", ".join(f"{plain_text(row.name)} {_value(row.value)}" for row in one.rows)
    source = f"([{one.section}]({one.section.url}))"
    return f"**{plain_text(one.name)}** ({one.outcome}): {code_span(one.formula)}, with {values}: {escaped(one.why)} {source}"


def _token(token: ToldToken, *, is_own_account: bool) -> Iterable[str]:
    account = ", by the file's own account" if is_own_account else ""
    signature = f"signature{account}: {token.signature}" if token.signature else "signature not checked"
    yield f"**{plain_text(token.role)}** in {code_span(token.place)}: {escaped(token.what)}; {signature}"
    if token.claims:
        yield _table("claim", token.claims)


def _table(first: str, rows: tuple[Row, ...]) -> str:
    lines = [f"| {first} | value | meaning |", "|---|---|---|"]
    for row in rows:
        meaning = escaped(row.meaning) + (f" ([{row.section}]({row.section.url}))" if row.section else "")
        said = "; ".join(text for text in (escaped(row.remark), meaning) if text)
        lines.append(f"| {code_span(row.name)} | {_value(row.value)} | {said} |")
    return "\n".join(lines)


def _value(text: str) -> str:
    return code_span(cut(text, _LONGEST_VALUE))
