"""The pages of the rules: `cases/<slug>.md`.

Here: reading a page and its sections. Not here: the exchanges in it (the tests play them), how it is printed (`views`).
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache

SECTIONS = ("What", "Why", "Fires", "Quiet", "What to do", "Section")
"""The headings that every page has, in this order."""


@dataclass(frozen=True, slots=True)
class Page:
    """A rule's page: the title without its slug, and the text under each heading."""

    slug: str
    title: str
    sections: dict[str, str]


def page(slug: str) -> Page | None:
    """The page of a rule; None when there is no such rule."""
    if slug not in slugs():
        return None
    text = (pkgutil.get_data("oauthctl.rules", f"cases/{slug}.md") or b"").decode("utf-8")
    return read_page(slug, text.replace("\r\n", "\n"))


@cache
def slugs() -> tuple[str, ...]:
    """The rules that have a page, by name."""
    # Takes long to import, and a diagnosis reads no page.
    from importlib.resources import files

    return tuple(sorted(item.name.removesuffix(".md") for item in files("oauthctl.rules").joinpath("cases").iterdir()))


def read_page(slug: str, text: str) -> Page:
    """A page from its text: `# slug: title`, then `## Heading` and what stands under it."""
    head, *parts = text.split("\n## ")
    title = head.strip().partition("\n")[0].removeprefix("# ").partition(": ")[2]
    sections = {heading.strip(): body.strip() for heading, _, body in (part.partition("\n") for part in parts)}
    return Page(slug, title, sections)
