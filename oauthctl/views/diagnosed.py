"""A whole diagnosis as text: the findings, root cause first, and what was checked.

Here: the report. Not here: one finding (`found`).
"""

from __future__ import annotations

from collections import Counter

from oauthctl.record.exchange import Recording
from oauthctl.record.transaction import describe
from oauthctl.rules.diagnosis import Diagnosis
from oauthctl.views.found import found_lines
from oauthctl.views.lines import Line, Span, line, one_line
from oauthctl.views.wrapped import hanging, wrapped

_REASONS_SHOWN = 6


def diagnosed_lines(diagnosis: Diagnosis, recording: Recording, *, width: int = 0, is_verbose: bool = False) -> tuple[Line, ...]:
    """The report; with `is_verbose` every rule that was applied, and why others were not."""
    lines: list[Line] = []
    for finding in diagnosis.findings:
        lines += [*found_lines(finding, recording, width=width), ()]
    if not diagnosis.findings:
        is_clean = bool(diagnosis.checked) and not diagnosis.unexplained
        lines += wrapped(line(Span(summary(diagnosis), "success" if is_clean else "warning")), width)
    for failure in diagnosis.unexplained:
        lines += wrapped(line(Span("not explained", "bold"), ": ", one_line(failure)), width, indent=hanging(15, width))
    lines += _checked(diagnosis, recording, width)
    for unseen in diagnosis.unseen:
        lines += wrapped(line(Span("not seen", "bold"), ": ", one_line(unseen)), width, indent=hanging(10, width))
    if is_verbose:
        lines += wrapped(
            line(Span("rules applied", "bold"), ": ", ", ".join(diagnosis.checked) or "none"), width, indent=hanging(15, width)
        )
        for one in diagnosis.not_checked:
            lines += wrapped(line(Span("not applied", "bold"), f": {one.rule}: {one.why}"), width, indent=hanging(13, width))
    return tuple(lines)


def summary(diagnosis: Diagnosis) -> str:
    """One sentence for the end of the talk: how much was found."""
    if not diagnosis.findings:
        if diagnosis.unexplained:
            return "something failed, and no rule knows why"
        if diagnosis.checked:
            return "nothing wrong was found"
        reasons = tuple(dict.fromkeys(one.why for one in diagnosis.not_checked))
        return f"nothing could be checked: {reasons[0] if len(reasons) == 1 else 'there is nothing of OAuth in it'}"
    counts = Counter(finding.severity.value for finding in diagnosis.findings)
    return ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items())


def _checked(diagnosis: Diagnosis, recording: Recording, width: int) -> tuple[Line, ...]:
    total = len(diagnosis.checked) + len(diagnosis.not_checked)
    counts = Counter(describe(exchange) for exchange in recording.exchanges if exchange.purpose)
    seen = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in counts.items())
    text = f"{len(diagnosis.checked)} of {total} rules"
    if not diagnosis.checked:
        return ()
    checked = wrapped(line(Span("checked", "bold"), f": {text}", f" on {one_line(seen)}" if seen else ""), width, indent=hanging(9, width))
    if not diagnosis.not_checked:
        return checked
    reasons = Counter(one.why for one in diagnosis.not_checked).most_common(_REASONS_SHOWN)
    said = "; ".join(f"{why} ({count} rule{'s' if count > 1 else ''})" for why, count in reasons)
    return (*checked, *wrapped(line(Span("not checked", "bold"), f": {said}"), width, indent=hanging(13, width)))
