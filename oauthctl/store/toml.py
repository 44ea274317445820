"""Writes TOML, which Python's library only reads: whatever `tomllib` returns is written so that it reads back the same.

Here: the notation. Not here: what a profile holds (`profiles`). Comments are not known to `tomllib`, so a rewritten file has none.
Source: TOML 1.0.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from oauthctl.errors import ConfigError

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
# "Any Unicode character may be used except those that must be escaped: quotation mark, backslash, and the control characters other than
# tab (U+0000 to U+0008, U+000A to U+001F, U+007F)." A tab and the newlines of Unicode are escaped too, so that a value is seen as it is.
_ESCAPED = re.compile(r'[\x00-\x1f\x7f-\x9f"\\\u2028\u2029]')


def dumps(document: Mapping[str, object]) -> str:
    """The document as TOML: its plain values first, then a `[table]` for each mapping in it.

    Takes strings, booleans, integers, floats, dates, times, lists, tuples and mappings. Raises `ConfigError` for anything else.
    """
    plain = "".join(f"{_key(key)} = {_value(value)}\n" for key, value in document.items() if not isinstance(value, Mapping))
    tables = [_table(key, value) for key, value in document.items() if isinstance(value, Mapping)]
    return "\n".join(part for part in (plain, *tables) if part)


def dumps_deep(document: Mapping[str, object], way: tuple[str, ...] = ()) -> str:
    """The same with tables in tables, and `[[tables]]` for lists of mappings, however deep; `way` is that to this document.

    Takes and raises what `dumps` does.
    """
    deep = {key: value for key, value in document.items() if isinstance(value, Mapping) or _is_list_of_tables(value)}
    parts = ["".join(f"{_key(key)} = {_value(value)}\n" for key, value in document.items() if key not in deep)]
    for key, value in deep.items():
        inner = (*way, key)
        name = ".".join(map(_key, inner))
        if isinstance(value, Mapping):
            parts.append(f"[{name}]\n{dumps_deep(value, inner)}")
        elif isinstance(value, list | tuple):
            parts += [f"[[{name}]]\n{dumps_deep(one, inner)}" for one in value]
    return "\n".join(part for part in parts if part)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _table(name: str, table: Mapping[str, object]) -> str:
    return f"[{_key(name)}]\n" + "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _string(value)
        case int():
            return str(value)
        case float():
            return repr(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(_value(item) for item in value)}]"
        case Mapping():
            pairs = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
    raise ConfigError(f"a value of type `{type(value).__name__}` can't be written as TOML")


def _string(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ConfigError("a lone surrogate can't be written as TOML", notes=("TOML holds Unicode scalar values only",))
    return '"' + _ESCAPED.sub(lambda found: _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}", text) + '"'
