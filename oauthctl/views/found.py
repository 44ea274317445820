"""One finding as text, in the grammar of rustc: what, where with a mark under the very value, cause, help, section.

Here: a finding's lines. Not here: a whole diagnosis (`diagnosed`), other formats (`diagnosis_document`, `diagnosis_markdown`).
"""

from __future__ import annotations

from itertools import groupby

from oauthctl.findings import Certainty, Evidence, Finding, Severity
from oauthctl.http import split_url
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.transaction import describe
from oauthctl.views.lines import Line, Span, Style, line, literals, one_line
from oauthctl.views.wrapped import hanging, wrapped

_STYLES: dict[Severity, Style] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "bold"}
_SURE = {
    Certainty.CERTAIN: "",
    Certainty.LIKELY: "likely: the evidence points there, and does not prove it",
    Certainty.POSSIBLE: "possible: the evidence does not decide between several causes",
}
_VALUE_LIMIT = 300
_COLUMN = 20


def found_lines(finding: Finding, recording: Recording, *, width: int = 0) -> tuple[Line, ...]:
    """The finding; `recording` is where its evidence stands. Nothing is wrapped when `width` is 0."""
    head = line(Span(f"{finding.severity}[{finding.rule}]", _STYLES[finding.severity]), ": ", *literals(finding.message))
    lines: list[Line] = [*wrapped(head, width, indent=2)]
    lines += _places(finding, recording, width)
    if sure := _SURE[finding.certainty]:
        lines += _said("how sure", sure, width)
    lines += _said("cause", finding.cause, width)
    for number, candidate in enumerate(finding.candidates, 1):
        lines += wrapped(line(f"  {number}. ", *literals(candidate.cause), " ", *literals(candidate.help)), width, indent=5)
    if finding.probe:
        lines += _said("to tell", finding.probe, width)
    lines += _said("help", finding.help, width)
    if finding.sections:
        lines += _said("spec", ", ".join(str(section) for section in finding.sections), width)
    for consequence in finding.consequences:
        lines += _said("led to", consequence, width)
    return tuple(lines)


def _said(label: str, text: str, width: int) -> tuple[Line, ...]:
    return wrapped(line(Span(label, "bold"), ": ", *literals(one_line(text))), width, indent=hanging(len(label) + 2, width))


def _places(finding: Finding, recording: Recording, width: int) -> list[Line]:
    known = {exchange.id: exchange for exchange in recording.exchanges}
    gutter = " " * max((len(str(one.exchange)) for one in finding.evidence if one.exchange), default=1)
    lines: list[Line] = []
    groups = [(number, tuple(group)) for number, group in groupby(finding.evidence, key=lambda one: one.exchange)]
    has_expected = any(one.expected for one in finding.evidence)
    # Where something else was expected, there it is wrong; the rest is what it is compared with.
    groups.sort(key=lambda one: not any(evidence.expected for evidence in one[1]))
    for index, (number, group) in enumerate(groups):
        arrow = "-->" if index == 0 else ":::"
        place = _where(known.get(number or 0), number)
        lines += wrapped(line(Span(f"{gutter}{arrow} ", "dim"), place), width, indent=hanging(len(gutter) + 4, width))
        lines.append(line(Span(f"{gutter} |", "dim")))
        for evidence in group:
            lines += _marked(evidence, f"{gutter} | ", width, is_error=bool(evidence.expected) if has_expected else index == 0)
    if lines:
        lines.append(line(Span(f"{gutter} |", "dim")))
    return lines


def _where(exchange: Exchange | None, number: int | None) -> str:
    if exchange is None:
        return f"exchange {number}" if number else "what was given"
    if not exchange.request.url:
        return one_line(f"exchange {number}, {describe(exchange)}, of which only the answer was seen")
    parts = split_url(exchange.request.url)
    url = f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else exchange.request.url.partition("?")[0]
    return one_line(f"exchange {number}, {describe(exchange)}: {exchange.request.method} {url}")


def _marked(evidence: Evidence, gutter: str, width: int, *, is_error: bool) -> tuple[Line, ...]:
    """The field with its value, and the mark under the value with what was expected in its place.

    Where that is wider than the terminal, the value has a line of its own and is cut, so that the mark stays under it.
    """
    label = f"{evidence.place}: "
    got = one_line(evidence.got)[:_VALUE_LIMIT] or "(missing)"
    expected = f"expected {_quoted(evidence.expected)}" if evidence.expected else ""
    border, style = Span(gutter, "dim"), "error" if is_error else "dim"
    lines: list[Line] = []
    indent = " " * len(label)
    longest = max((len(word) for word in expected.split()), default=0)
    # What was expected stands under the value, too, in a column that is wide enough for its words.
    beside = max(len(got), min(max(longest, _COLUMN), len(expected)))
    if width and len(gutter) + len(label) + beside > width:
        lines.append(line(border, label.rstrip()))
        label = indent = "  "
        room = max(width - len(gutter) - len(label), 8)
        got = got if len(got) <= room else f"{got[: room - 1]}…"
    mark = Span(("^" if is_error else "-") * len(got), style)  # type: ignore[arg-type]  # a conditional of two literals is a plain string
    lines.append(line(border, label, Span(got, "literal")))
    if not width or len(gutter) + len(indent) + len(got) + 1 + len(expected) <= width:
        return (*lines, line(border, indent, mark, f" {expected}" if expected else ""))
    lines.append(line(border, indent, mark))
    if not expected:
        return tuple(lines)
    room = max(width - len(gutter) - len(indent), _COLUMN)
    return (*lines, *(line(border, indent, *piece) for piece in wrapped(line(expected), room)))


def _quoted(text: str) -> str:
    shown = one_line(text)[:_VALUE_LIMIT]
    return shown if " " in shown or "`" in shown else f"`{shown}`"
