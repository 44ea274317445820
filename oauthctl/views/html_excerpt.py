"""What a web page says, in a few words: its title and the beginning of its text.

Here: finding both in markup that nobody vouches for. Not here: where they are shown (`annotated`), pages of our own (`provider.pages`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

_READ = 256 * 1024
_MARKUP = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_UNSEEN = frozenset(("head", "script", "style", "svg", "template", "noscript"))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A page's title and the first of its visible words; either may be empty."""

    title: str = ""
    text: str = ""


def is_html(text: str, content_type: str) -> bool:
    """Whether a body is a web page, by its label or by its beginning."""
    start = text[:200].lstrip("\ufeff \t\r\n").lower()
    return content_type.lower().startswith(("text/html", "application/xhtml+xml")) or start.startswith(("<!doctype html", "<html"))


def html_excerpt(text: str, *, longest: int = 200) -> Excerpt:
    """The title and the first words of a page; never raises, whatever the markup."""
    title: list[str] = []
    words: list[str] = []
    length, inside, hidden = 0, "", ""
    for part in _MARKUP.split(text[:_READ]):
        if not part.startswith("<") or not part.endswith(">"):
            said = " ".join(unescape(part).split())
            if said and inside == "title":
                title.append(said)
            elif said and not hidden:
                words.append(said)
                length += len(said) + 1
            if length > longest:
                break
            continue
        name, is_end = _element(part), part.startswith("</")
        inside = "title" if name == "title" and not is_end else "" if name == "title" else inside
        if hidden:
            hidden = "" if (is_end and name == hidden) or (name == "body" and hidden == "head") else hidden
        elif name in _UNSEEN and not is_end and not part.endswith("/>"):
            hidden = name
    return Excerpt(_bounded(" ".join(title), longest), _bounded(" ".join(words), longest))


def _element(markup: str) -> str:
    found = _NAME.match(markup)
    return found[1].lower() if found else ""


def _bounded(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest].rstrip() + "…"
