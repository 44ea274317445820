"""TOML files that people write and name.

Here: reading one as a whole, and what is wrong with its text, in its line. Not here: places in it (`toml_place`), what it may say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from oauthctl.cli.toml_place import Place
from oauthctl.errors import ConfigError

_DEEPEST = 50
"""Whoever writes by hand is far from it, and what reads on goes into each value in turn."""


def read_toml(path: str) -> tuple[Place, dict[str, Any]]:
    """What the file says, and the place that all of it stands in.

    Raises: ConfigError, when it can't be read, or is no TOML.
    """
    from oauthctl.cli.token_input import read_bytes

    content = read_bytes(path)
    try:
        # Editors of Windows begin texts with a byte order mark.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unusable(f"`{path}` is no UTF-8 text", f"{path}, line {line}", help_="save it in the encoding UTF-8") from None
    return Place(path, text), _parsed(path, text)


def _parsed(path: str, text: str) -> dict[str, Any]:
    import tomllib

    try:
        document = tomllib.loads(text)
        is_too_deep = _depth(document) > _DEEPEST
    except RecursionError:
        is_too_deep = True
    except tomllib.TOMLDecodeError as error:
        # The library tells the place in its sentence alone, as in "Invalid value (at line 2, column 8)".
        problem, _, at = str(error).rpartition(" (at ")
        found = re.fullmatch(r"line (\d+), column (\d+)\)", at)
        line, column = (int(found[1]), f", at column {found[2]}") if found else (text.count("\n") + 1, ", at the end")
        raise _unusable(f"`{path}` is no TOML: {_in_our_words(problem)}{column}", f"{path}, line {line}") from None
    if is_too_deep:
        raise _unusable(f"`{path}` nests values too deep", path)
    return document


def _in_our_words(problem: str) -> str:
    # A way of several names is written as Python does: `('a', 'b')`.
    plain = re.sub(r"\('([^()]*?)',?\)", lambda way: f"'{way[1]}'".replace("', '", "."), problem)
    return f"{plain[:1].lower()}{plain[1:]}".replace("'", "`")


def _depth(value: object) -> int:
    """How many lists and tables stand in each other."""
    depth, level = 0, list(_inner(value))
    while level:
        depth, level = depth + 1, [inner for one in level for inner in _inner(one)]
    return depth


def _inner(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _unusable(problem: str, where: str, *, help_: str = "") -> ConfigError:
    return ConfigError(problem, slug="serve-config-unusable", where=where, help=help_)
