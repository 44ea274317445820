"""Secrets in tables: text whose first line names the columns, apart by commas, semicolons or tabs.

Here: the cells below a secret's name. Not here: any other text (`secret_assignments`, `secret_texts`). Source: RFC 4180.
"""

from __future__ import annotations

import csv
import re

from oauthctl.record.secret_assignments import Substitute, is_secret_of
from oauthctl.record.secret_names import in_words, is_secret_name

_SEPARATORS = "\t;,"
_HEAD = re.compile(r"[\ufeff]?[\w .\"-]{1,80}(?:[\t;,][\w .\"-]{0,80}){1,200}")


def rewrite_columns(text: str, substitute: Substitute) -> str:
    """The table with the cells of secret columns replaced; any other text as it is."""
    head, line_end, _ = text.partition("\n")
    if not line_end or len(head) > 20_000 or not _HEAD.fullmatch(head.rstrip("\r")):
        return text
    separator = max(_SEPARATORS, key=head.count)
    names = [name.strip("\ufeff ") for name in next(csv.reader([head.rstrip("\r")], delimiter=separator))]
    secret = {at: name for at, name in enumerate(names) if is_secret_name(name)}
    if not secret:
        return text
    first, *rows = text.splitlines(keepends=True)
    return first + "".join(_row(row, separator, secret, substitute) for row in rows)


def _row(row: str, separator: str, secret: dict[int, str], substitute: Substitute) -> str:
    cells = next(csv.reader([row.rstrip("\r\n")], delimiter=separator), [])
    for at, name in secret.items():
        value = cells[at].strip() if at < len(cells) else ""
        if value and is_secret_of(name, value):
            row = row.replace(value, substitute(in_words(name), value))
    return row
