"""HTML read as a browser would: elements with their attributes, and the text between them."""

from __future__ import annotations

from html.parser import HTMLParser


class Parsed(HTMLParser):
    """All elements and all text of a page; `scripts` and `styles` are what stands in these."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        (self.scripts if inside == "script" else self.styles if inside == "style" else self.texts).append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def all(self, name: str, **wanted: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag == name and wanted.items() <= attributes.items()]
