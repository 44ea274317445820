"""`Word`: one word of the protocol in one role, explained.

Here: the value. Not here: the words themselves (`glossary`, `registered_…`, `error_codes`), finding one (`vocabulary`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from oauthctl.specs import Section


class Group(StrEnum):
    """Under which heading a word is listed."""

    PARAMETER = "parameters"
    CLAIM = "claims"
    METADATA = "metadata"
    ERROR = "error codes"
    OWN_ERROR = "errors of oauthctl"
    VALUE = "values"
    JOSE = "JOSE"
    HTTP = "HTTP"
    CONCEPT = "concepts"
    STANDARD = "standards"
    FLOW = "flows"


@dataclass(frozen=True, slots=True)
class Word:
    """A word, what it is (`claim`, `error code of the token endpoint`), what it means there, and where that is written.

    `aliases` are other spellings under which it is found. `causes` and `help` are for error codes.
    """

    word: str
    group: Group
    role: str
    meaning: str
    section: Section | None = None
    aliases: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    help: str = ""
