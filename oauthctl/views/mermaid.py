"""The sequence diagram in Mermaid, which code hosts draw where they find it in Markdown.

Here: the text, in which whatever was recorded is spelled so that it can be nothing but words. Not here: who takes part
(`report.lanes`). Source: https://mermaid.js.org/syntax/sequenceDiagram.html
"""

from __future__ import annotations

from collections.abc import Iterable

from oauthctl.findings import Finding
from oauthctl.views.canvas import cut
from oauthctl.views.lines import one_line
from oauthctl.views.order import Lasting, in_order
from oauthctl.views.report.lanes import KEYS, Arrow
from oauthctl.views.report.told import Diagram, Report

_LONGEST = 90
_PLAIN = frozenset(" .,-_/()+=?'@…→")
_BREAK = "<br/>"


def mermaid(report: Report) -> str:
    """All diagrams as one, since a text of Mermaid's holds no more: each sign-in begins with a note that names it."""
    return _drawn(report, report.diagrams)


def mermaid_diagram(report: Report, diagram: Diagram) -> str:
    """One diagram alone."""
    return _drawn(report, (diagram,))


def _drawn(report: Report, diagrams: tuple[Diagram, ...]) -> str:
    lanes = {lane.key: lane for diagram in reversed(diagrams) for lane in diagram.cast.lanes}
    ordered = [lanes[key] for key in KEYS if key in lanes]
    lines = ["sequenceDiagram"]
    for lane in ordered:
        name = spelled(lane.name) + (f"{_BREAK}{spelled(lane.place)}" if lane.place else "")
        kind = "actor" if lane.key in ("you", "browser") else "participant"
        lines.append(f"    {kind} {lane.key} as {name}")
    for diagram in diagrams:
        if len(diagrams) > 1:
            lines.append(f"    Note over {ordered[0].key},{ordered[-1].key}: {spelled(diagram.title)}")
        lines += _messages(report, diagram)
    return "\n".join(lines)


def _messages(report: Report, diagram: Diagram) -> Iterable[str]:
    steps, told = dict(diagram.steps), {message.id: message for message in report.messages}
    lasting = (Lasting.of(told[number], is_ours=bool(report.tool_version)) for number in steps)
    last = 0
    for exchange, is_answer in in_order(lasting):
        arrows = [arrow for arrow in steps[exchange] if arrow.is_answer == is_answer]
        for at, arrow in enumerate(arrows):
            number = f"{exchange} reply " if is_answer and last != exchange else f"{exchange} " if at == 0 and not is_answer else ""
            yield f"    {_arrow(diagram, arrow, number=number)}"
        last = exchange
        for finding in diagram.findings_at(exchange) if is_answer else ():
            yield from _note(diagram, steps[exchange], report.findings[finding])


def _arrow(diagram: Diagram, arrow: Arrow, *, number: str) -> str:
    source, target = diagram.cast.lanes[arrow.source].key, diagram.cast.lanes[arrow.target].key
    line = "--" if arrow.is_reply or arrow.is_unseen else "-"
    head = "x" if arrow.is_lost else ">>"
    detail = (
        f" ({spelled(arrow.detail)})" if arrow.is_reply and arrow.detail else f"{_BREAK}{spelled(arrow.detail)}" if arrow.detail else ""
    )
    return f"{source}{line}{head}{target}: {spelled(number + arrow.label)}{detail}"


def _note(diagram: Diagram, arrows: tuple[Arrow, ...], finding: Finding) -> Iterable[str]:
    if arrows:
        ends = sorted((arrows[0].source, arrows[0].target))
        over = ",".join(diagram.cast.lanes[end].key for end in dict.fromkeys(ends))
        said = spelled(f"{finding.severity}: {finding.message}".replace("`", ""))
        yield f"    Note over {over}: {said}{_BREAK}{spelled(finding.rule)}"


def spelled(text: str) -> str:
    """The text with every sign that could mean something to Mermaid as an entity code: `#59;` for `;`."""
    shown = cut(one_line(text), _LONGEST)
    written = "".join(one if (one.isalnum() and one.isprintable()) or one in _PLAIN else f"#{ord(one)};" for one in shown)
    return written.strip() or "-"
