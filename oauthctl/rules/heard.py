"""Pasted text that nobody took for anything, and whose words a table knows: a sentence of a log that complains without a word of complaint.

Here: hearing it. Not here: recognising pasted text (`record.pasted`), what the words mean (`dialects`).
"""

from __future__ import annotations

from dataclasses import replace

from oauthctl.record.log_words import hidden, with_spaces
from oauthctl.record.material import Material
from oauthctl.record.plain_text import plain
from oauthctl.rules.dialects import said_in_log

_LIMIT = 16 * 1024


def heard(material: Material, text: str) -> Material:
    """The material; where it is none, the text as a log's words if a table knows them."""
    if material.kind != "unknown":
        return material
    words = hidden(with_spaces(plain(text[:_LIMIT]))).strip()
    return replace(material, kind="log-line", known={**material.known, "local_error": words}) if said_in_log(words) else material
