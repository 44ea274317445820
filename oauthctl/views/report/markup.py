"""HTML and SVG as a tree of values, written out once: whatever is no element is text, and is escaped.

Here: elements and their text. Not here: any page. There is no way to put a recorded value into the markup unescaped: the only texts that
are written as they are belong to `style` and `script`, and come from files of this package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from oauthctl.views.lines import printable

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_VOID = frozenset(("br", "hr", "meta", "link", "img", "input", "col"))
_VERBATIM = frozenset(("style", "script"))
_LINK = re.compile(r"#[A-Za-z0-9-]*|https://[^\s\"'<>]+")


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its attributes and what is in it."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Element | str, ...] = ()


Node: TypeAlias = Element | str
Nodes: TypeAlias = Node | Iterable["Nodes"] | None
Value: TypeAlias = str | int | float | bool | None


def h(name: str, /, *children: Nodes, **attributes: Value) -> Element:
    """An element. `class_` and `aria_label` are how Python spells `class` and `aria-label`; None and False leave an attribute out.

    Raises `ValueError` for what could run or load something: event handlers, inline styles, `src`, links that lead elsewhere than to a part
    of the page or to `https`, text in `style` or `script` that would end it.
    """
    written = tuple((_attribute_name(key), _attribute_value(value)) for key, value in attributes.items() if value not in (None, False))
    for key, value in written:
        if key.startswith("on") or key in ("style", "src", "srcset", "srcdoc", "action", "formaction", "xlink:href"):
            raise ValueError(f"`{key}` has no place in a report")
        if key == "href" and not _LINK.fullmatch(value):
            raise ValueError("a link leads to a part of the page or to https")
    inside = tuple(_flat(children))
    if name in _VERBATIM and any(not isinstance(child, str) or "</" in child or "<!--" in child for child in inside):
        raise ValueError(f"text that would end `{name}`")
    if not _NAME.fullmatch(name):
        raise ValueError(f"`{name}` is no element")
    return Element(name, written, inside)


def prose(text: str) -> tuple[Node, ...]:
    """A sentence in which what stands in backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return (text,)
    return tuple(h("code", part) if index % 2 else part for index, part in enumerate(parts) if part)


def document(root: Element) -> str:
    """The whole file, from the doctype on."""
    parts = ["<!doctype html>\n"]
    _write(root, parts)
    return "".join((*parts, "\n"))


def fragment(element: Element) -> str:
    """One element as text."""
    parts: list[str] = []
    _write(element, parts)
    return "".join(parts)


def _write(node: Node, parts: list[str]) -> None:
    if isinstance(node, str):
        parts.append(escape(printable(node), quote=True))
        return
    attributes = "".join(f' {key}="{escape(printable(value), quote=True)}"' for key, value in node.attributes)
    parts.append(f"<{node.name}{attributes}>")
    if node.name in _VOID:
        return
    for child in node.children:
        if node.name in _VERBATIM and isinstance(child, str):
            parts.append(child)
        else:
            _write(child, parts)
    parts.append(f"</{node.name}>")


def _flat(children: Iterable[Nodes]) -> Iterable[Node]:
    for child in children:
        if isinstance(child, Element | str):
            yield child
        elif child is not None:
            yield from _flat(child)


def _attribute_name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _attribute_value(value: Value) -> str:
    if value is True:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
