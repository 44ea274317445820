"""What a server says in words of its own: the name of a parameter beside what is wrong with it (`sentences.toml` says what that means).

Here: what it means that a fault is said of a parameter, and which of several statements counts. Not here: which fault a sentence says of
which parameter (`sentence_grammar`), sentences and codes that are known whole (`dialects`), whether the evidence agrees (the rules of the
subjects).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from oauthctl.record import purposes
from oauthctl.rules.sentence_grammar import Statement, said_of, without_open_words
from oauthctl.rules.tables import table

LOG = "log"
"""In `only`: what a client or server printed, which is no message of the protocol."""
_LIMIT = 4000
_OF_APIS = (purposes.API, purposes.USERINFO)
_SPLIT = re.compile(r"(?<=[\w\"'`)])[.!?](?=\s|$|[\"'\\])|;\s|\n|[{}|]|[\"'],\s*[\"']|,\s*(?=\w+[=:])|&(?=\w+=)|\s-\s|\s=>\s|\bhint\b|>\s")
# Answers name the members of their form, which says nothing. Source: RFC 6749 section 5.2.
_KEYS = re.compile(
    r"(?:^|[{,&\"'(\[])\s*[\"']?\b(?:error|error_description|error_uri|error_reason|error_hint|error_codes?|errors?|message|detail|description|code|title|status|reason|type|state|scope|client_id|grant_type|response_type)\b[\"']?\s*(?:=>|[:=])\s*"
)
# The level of a line that complains of nothing.
_OF_NOTE = re.compile(r"\b(?:INFO|DEBUG|TRACE|info|debug|trace)\b")
_OF_OAUTH = re.compile(
    r"oauth|openid|oidc|invalid_(?:grant|client|scope)|unauthorized_client|unsupported_(?:grant|response)_type", re.IGNORECASE
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Cell:
    """What it means that a parameter has one of these `faults`: the rule, the cause, what to do.

    `only` narrows it to purposes, `beside` to sentences with this pattern; `title` goes before the rule's own. `open` are those of its
    faults that say what was refused and not why (`Invalid authorization code`): whatever else is said goes before them.
    """

    parameter: str
    faults: tuple[str, ...]
    rule: str
    means: str
    help: str
    only: tuple[str, ...] = ()
    beside: str = ""
    title: str = ""
    open: tuple[str, ...] = ()


class Openness(IntEnum):
    """What a statement leaves open: nothing (`redirect_uri mismatch`), how a parameter is wrong (`PKCE failed`), all (`Invalid code`)."""

    CAUSE = 0
    MANNER = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """The cell that a sentence fills."""

    cell: Cell
    sentence: str
    openness: Openness


def spelled_out(words: str, purpose: str) -> Reading | None:
    """What the words say is wrong; None where no fault is said of a known parameter.

    Of several statements the first counts that names a cause, and only without one the first that leaves it open. The lines of a log are
    about different things: there a later line explains no earlier one.
    """
    text = words[:_LIMIT]
    is_log = purpose == LOG and _OF_OAUTH.search(text) is None
    lines = [line for line in text.split("\n") if not _OF_NOTE.search(line)] if purpose == LOG else [text]
    for line in lines:
        readings = list(_readings(line, purpose, is_log=is_log))
        if readings:
            return next((one for one in readings if one.openness < Openness.ALL), readings[0])
    return None


@cache
def cells() -> tuple[Cell, ...]:
    """The whole table."""
    return tuple(_cell(parameter, entry) for parameter, entries in table("sentences.toml").items() for entry in entries)


def _cell(parameter: str, entry: dict[str, Any]) -> Cell:
    faults, only, left_open = (tuple(entry.pop(name, ())) for name in ("faults", "only", "open"))
    return Cell(parameter=parameter, faults=faults, only=only, open=left_open, **entry)


def _readings(text: str, purpose: str, *, is_log: bool) -> Iterator[Reading]:
    """What each sentence says, in their order."""
    text = _CAMEL.sub(" ", without_open_words(text))
    named: list[str] = []
    for sentence in _SPLIT.split(_KEYS.sub("\n", text)):
        if not sentence or not sentence.strip():
            continue
        readings = [
            Reading(cell, " ".join(sentence.split())[:200], _openness(said, cell))
            for said in said_of(sentence, named, is_log=is_log)
            if (cell := _cell_of(said, purpose, sentence)) is not None
        ]
        if readings:
            yield min(readings, key=lambda one: one.openness)


def _openness(said: Statement, cell: Cell) -> Openness:
    if said.is_alternative or said.fault in cell.open:
        return Openness.ALL
    return Openness.MANNER if said.fault == "wrong" or said.is_vague else Openness.CAUSE


def _cell_of(said: Statement, purpose: str, sentence: str) -> Cell | None:
    for cell in cells():
        if cell.parameter != said.parameter or said.fault not in cell.faults:
            continue
        if purpose not in cell.only if cell.only else purpose in _OF_APIS:
            continue
        if not cell.beside or re.search(cell.beside, sentence, re.IGNORECASE):
            return cell
    return None
