"""Verdicts as a person or a program reads them.

Here: the checks of one token, one under the other, and as JSON. Not here: the checks.
"""

from __future__ import annotations

from collections.abc import Iterable

from oauthctl.findings import Outcome, Verdict
from oauthctl.views.lines import Line, Span, Style, Table, line, literals
from oauthctl.views.wrapped import wrapped

SIGNS: dict[Outcome, tuple[str, Style]] = {
    Outcome.PASS: ("✓ pass", "success"),
    Outcome.FAIL: ("✗ fail", "error"),
    Outcome.UNCLEAR: ("? unclear", "warning"),
    Outcome.SKIPPED: ("– skipped", "dim"),
}
LEFT_OPEN = frozenset({"audience", "authorized-party", "nonce", "type", "at-hash", "c-hash", "s-hash", "expiry"})
"""Checks that need what only the one who asked for the token knows, or a claim that may be absent: unclear, the rest stands."""

_SIGN_WIDTH = max(len(sign) for sign, _ in SIGNS.values())


def overall(verdicts: Iterable[Verdict]) -> Outcome:
    """Fail when one check failed, else unclear when one is unclear that decides (signature, issuer, form), else pass."""
    outcomes = {verdict.outcome for verdict in verdicts if verdict.outcome is not Outcome.UNCLEAR or verdict.check not in LEFT_OPEN}
    return next((outcome for outcome in (Outcome.FAIL, Outcome.UNCLEAR) if outcome in outcomes), Outcome.PASS)


def verdict_table(verdicts: Iterable[Verdict], *, label: str = "") -> Table:
    """A row for each check with all that is known of it: what a pipe gets. A label stands in front of each row."""
    first = (line(label),) if label else ()
    rows = tuple(
        (
            *first,
            line(verdict.check),
            line(verdict.outcome.value),
            line(verdict.why),
            line(verdict.expected),
            line(verdict.got),
            line(str(verdict.section or "")),
        )
        for verdict in verdicts
    )
    return Table((*(("TOKEN",) if label else ()), "CHECK", "RESULT", "WHY", "EXPECTED", "GOT", "SOURCE"), rows)


def verdict_lines(verdicts: Iterable[Verdict], *, width: int = 0) -> tuple[Line, ...]:
    """The checks under each other; what is not as it should be with what was expected, what came, and its clause."""
    shown = tuple(verdicts)
    names = max((len(verdict.check) for verdict in shown), default=0)
    indent = _SIGN_WIDTH + names + 4
    lines: list[Line] = []
    for verdict in shown:
        sign, style = SIGNS[verdict.outcome]
        head = [Span(sign.ljust(_SIGN_WIDTH), style), Span("  "), Span(verdict.check.ljust(names), "bold"), Span("  ")]
        # A hanging indent of half a narrow terminal would leave no room for words.
        hanging = indent if not width or indent <= width // 2 else 4
        lines += wrapped(line(*head, *literals(verdict.why)), width, indent=hanging)
        lines += _values(verdict, width, " " * hanging)
    return tuple(lines)


def _values(verdict: Verdict, width: int, margin: str) -> list[Line]:
    if verdict.outcome in (Outcome.PASS, Outcome.SKIPPED):
        is_said = not verdict.got or verdict.got in verdict.why
        return [] if is_said else list(wrapped(line(margin, Span(verdict.got, "dim")), width, indent=len(margin)))
    lines: list[Line] = []
    for label, value in (("expected", verdict.expected), ("got", verdict.got)):
        if value:
            lines += wrapped(line(f"{margin}{label:<9} ", Span(value, "literal")), width, indent=len(margin) + 10)
    if verdict.section is not None:
        lines.append(line(margin, Span(str(verdict.section), "dim")))
    return lines


def verdict_document(verdict: Verdict) -> dict[str, object]:
    """The verdict as JSON members; those that are empty are left out."""
    document: dict[str, object] = {"check": verdict.check, "outcome": verdict.outcome.value, "why": verdict.why}
    document |= {name: value for name, value in (("expected", verdict.expected), ("got", verdict.got)) if value}
    if verdict.section is not None:
        document |= {"section": str(verdict.section), "url": verdict.section.url}
    return document
