"""Words of the protocol, explained for a person or a program.

Here: one word in all its roles, the list of all words. Not here: the words (`messages.vocabulary`).
"""

from __future__ import annotations

from collections.abc import Iterable

from oauthctl.messages.word import Group, Word
from oauthctl.specs import Section
from oauthctl.views.lines import Line, Span, line, literals
from oauthctl.views.wrapped import wrapped


def explained_lines(words: Iterable[Word], *, width: int = 0) -> tuple[Line, ...]:
    """Each role of a word: what it is, what it means, for an error its causes and what to do, and where it is written."""
    lines: list[Line] = []
    for word in words:
        if lines:
            lines.append(())
        lines += _role(word, width)
    return tuple(lines)


def defined_lines(section: Section, names: tuple[str, ...], *, width: int = 0) -> tuple[Line, ...]:
    """The words that a standard defines."""
    if not names:
        return ()
    spans: list[str | Span] = [Span(f"{section} defines", "bold"), ":"]
    for index, name in enumerate(names):
        spans += [" ", Span(name, "literal"), "," if index < len(names) - 1 else ""]
    return ((), *wrapped(line(*spans), width, indent=2))


def word_list(words: Iterable[Word], *, width: int = 0) -> tuple[Line, ...]:
    """All words under their groups; for a pipe (no width) a line for each word and role, parted by tabs."""
    shown = tuple(words)
    if not width:
        return tuple(line(f"{word.word}\t{word.group}\t{word.role}\t{word.meaning}") for word in shown)
    lines: list[Line] = []
    for group in Group:
        names = sorted(dict.fromkeys(word.word for word in shown if word.group is group), key=str.lower)
        if names:
            lines += ((),) if lines else ()
            lines.append(line(Span(group.value, "bold"), Span(f"  {len(names)}", "dim")))
            lines += wrapped(line("  ", Span(", ".join(names))), width, indent=2)
    return tuple(lines)


def word_document(word: Word) -> dict[str, object]:
    """The word as JSON members; those that are empty are left out."""
    document: dict[str, object] = {"word": word.word, "group": word.group.value, "role": word.role, "meaning": word.meaning}
    if word.section is not None:
        document |= {"section": str(word.section), "title": word.section.title, "url": word.section.url}
    for name, value in (("aliases", list(word.aliases)), ("causes", list(word.causes)), ("help", word.help)):
        if value:
            document[name] = value
    return document


def _role(word: Word, width: int) -> list[Line]:
    lines = list(wrapped(line(Span(word.word, "bold"), "  ", *literals(word.role, "dim")), width, indent=2))
    lines += wrapped(line("  ", *literals(_sentence(word.meaning))), width, indent=2)
    if word.causes:
        lines.append(line("  Usual causes:"))
        for cause in word.causes:
            lines += wrapped(line("    - ", *literals(cause)), width, indent=6)
    if word.help:
        lines += wrapped(line("  What to do: ", *literals(word.help)), width, indent=4)
    if word.aliases and word.group in (Group.CONCEPT, Group.STANDARD):
        lines += wrapped(line("  Also called: ", ", ".join(word.aliases)), width, indent=4)
    if word.section is not None:
        lines += wrapped(line("  ", str(word.section), "  ", Span(word.section.url, "dim")), width, indent=2)
    return lines


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
