"""The tables of words (`dialects.toml`, `log_words.toml` …), read in a fraction of the time that a whole TOML parser takes.

Here: `[[provider]]` headings with a `name = value` on each line, a value being a string or an array of strings; a file with anything else
is left to `tomllib`. Not here: what the entries mean (`dialects`).
"""

from __future__ import annotations

import json
import pkgutil
import re
from typing import Any

_NAME = re.compile(r"[a-z_]+")
_HEADING = re.compile(r"\[\[([A-Za-z0-9_-]+)\]\]")
_VALUE = re.compile(
    r"""(?P<json>"(?:[^"\\\n]|\\["\\nt])*"|\[[^\[\]\n\\]*\])|'''(?P<long>[^'\n]+(?:'{1,2}[^'\n]+)*)'''|'(?P<literal>[^'\n]*)'"""
)


def table(name: str) -> dict[str, list[dict[str, Any]]]:
    """The entries of one file of this package by provider."""
    text = (pkgutil.get_data("oauthctl.rules", name) or b"").decode("utf-8")
    found = read_quickly(text)
    if found is not None:
        return found
    import tomllib

    return tomllib.loads(text)


def read_quickly(text: str) -> dict[str, list[dict[str, Any]]] | None:
    """The entries of a text that keeps to the simple form; None for any other."""
    tables: dict[str, list[dict[str, Any]]] = {}
    entry: dict[str, Any] = {}
    for line in text.splitlines():
        if not line or line[0] == "#":
            continue
        if line[0] == "[":
            heading = _HEADING.fullmatch(line)
            if heading is None:
                return None
            entry = {}
            tables.setdefault(heading[1], []).append(entry)
            continue
        name, _, value = line.partition(" = ")
        found = value[1:-1] if value[:1] == value[-1:] == '"' and "\\" not in value and value.count('"') == 2 else _value(value)
        if found is None or not tables or name in entry or not _NAME.fullmatch(name):
            return None
        entry[name] = found
    return tables


def _value(text: str) -> str | list[str] | None:
    match = _VALUE.fullmatch(text)
    if match is None:
        return None
    try:
        found = json.loads(match["json"]) if match["json"] else match["long"] or match["literal"]
    except ValueError:
        return None
    return found if isinstance(found, str) or all(isinstance(one, str) for one in found) else None
