"""The pages of rules, and what providers mean by their codes, for a terminal and for a program.

Here: their form. Not here: the pages (`rules.pages`), the table of codes (`rules.dialects`).
"""

from __future__ import annotations

from collections.abc import Iterable

from oauthctl.rules.dialects import Dialect
from oauthctl.rules.pages import Page
from oauthctl.rules.registry import Rule
from oauthctl.views.lines import Line, Span, line, literals
from oauthctl.views.wrapped import wrapped


def page_lines(page: Page, *, width: int = 0) -> tuple[Line, ...]:
    """The page: its headings, paragraphs wrapped, exchanges as they are."""
    lines: list[Line] = [line(Span(page.slug, "bold"), ": ", *literals(page.title))]
    for heading, text in page.sections.items():
        lines += [(), line(Span(heading, "bold"))]
        lines += _body(text, width)
    return tuple(lines)


def page_document(page: Page) -> dict[str, object]:
    """`{"rule", "title", "sections"}`, the sections by their headings."""
    return {"rule": page.slug, "title": page.title, "sections": dict(page.sections)}


def dialect_lines(entries: Iterable[Dialect], *, width: int = 0) -> tuple[Line, ...]:
    """What each provider means by the code, what to do, and where it says so."""
    lines: list[Line] = []
    for entry in entries:
        if lines:
            lines.append(())
        lines.append(line(Span(entry.code or entry.phrase, "bold"), f" ({entry.provider})"))
        lines += _indented(entry.means, width)
        lines += wrapped(line("  ", Span("help", "bold"), ": ", *literals(entry.help)), width, indent=8)
        lines += wrapped(line("  ", Span("rule", "bold"), ": ", Span(entry.rule, "literal")), width, indent=8)
        lines += [line("  ", Span("source", "bold"), ": ", entry.source)]
    return tuple(lines)


def dialect_document(entry: Dialect) -> dict[str, object]:
    """One entry."""
    return {
        "provider": entry.provider,
        "code": entry.code,
        "phrase": entry.phrase,
        "rule": entry.rule,
        "means": entry.means,
        "help": entry.help,
        "source": entry.source,
    }


def rules_lines(rules: Iterable[Rule], *, width: int = 0) -> tuple[Line, ...]:
    """All rules, one a line; for a pipe parted by tabs."""
    if not width:
        return tuple(line(f"{rule.slug}\t{rule.severity}\t{rule.title}") for rule in rules)
    known = tuple(rules)
    longest = max((len(rule.slug) for rule in known), default=0)
    return tuple(
        piece
        for rule in known
        for piece in wrapped(line(Span(rule.slug.ljust(longest + 2), "literal"), *literals(rule.title)), width, indent=longest + 2)
    )


def _body(text: str, width: int) -> list[Line]:
    lines: list[Line] = []
    is_code = False
    for paragraph in text.split("\n\n"):
        for written in paragraph.splitlines() if "```" in paragraph or is_code else [" ".join(paragraph.split("\n"))]:
            if written.startswith("```"):
                is_code = not is_code
            elif is_code:
                lines.append(line("    ", Span(written, "dim")))
            else:
                lines += _indented(written, width)
        lines.append(())
    return lines[:-1]


def _indented(text: str, width: int) -> tuple[Line, ...]:
    return wrapped(line("  ", *literals(text)), width, indent=2)
