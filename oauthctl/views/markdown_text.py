"""Recorded text in Markdown, where it can't become markup.

Here: escaping. Not here: any document.
"""

from __future__ import annotations

import re

from oauthctl.views.lines import one_line

_SPECIAL = frozenset("\\*_[]<>|#~&!`$")
# A code span ends at its own number of backticks, and a cell of a table at a `|` that is not escaped.
_UNSAFE_IN_SPAN = frozenset("`|\\")
# What code hosts link, or send messages about, although it is no markup: addresses, people, issues. As they have it, too, the signs that
# end a sentence or a clause are no part of an address.
_LINKED = re.compile(
    r"((?:\b[a-z][a-z0-9+.-]{0,30}://|www\.|mailto:|xmpp:)\S*[^\s.,;:!?)]"
    r"|[^\s@(]{0,64}@\w(?:\S*[^\s.,;:!?)])?"
    r"|(?<!\w)(?:#|GH-)\d+)",
    re.IGNORECASE,
)


def code_span(text: str) -> str:
    """The text as code, in a sentence or a table; nothing for an empty one."""
    shown = one_line(text)
    if not shown.strip():
        return ""
    if not _UNSAFE_IN_SPAN & set(shown):
        return f"`{shown}`"
    return f"<code>{''.join(one if one.isalnum() or one in ' .-/' else f'&#{ord(one)};' for one in shown)}</code>"


def escaped(text: str) -> str:
    """A sentence with Markdown's signs escaped, its own code spans kept."""
    pieces = one_line(text).split("`")
    if len(pieces) % 2 == 0:
        return plain_text("".join(pieces))
    return "".join(code_span(piece) if at % 2 else plain_text(piece) for at, piece in enumerate(pieces))


def plain_text(text: str) -> str:
    """The text with every sign of Markdown's escaped, and as code what a code host would make a link of."""
    pieces = _LINKED.split(one_line(text))
    return "".join(code_span(piece) if at % 2 else _signs_escaped(piece) for at, piece in enumerate(pieces))


def _signs_escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)
