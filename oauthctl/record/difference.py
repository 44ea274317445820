"""`Difference` and `Comparison`: what two recordings, tokens or metadata documents don't have in common.

Here: the values, and which difference says most. Not here: finding them (`difference_recordings`,
`difference_tokens`, `difference_metadata`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from oauthctl.specs import Section


class Kind(StrEnum):
    """In what two values differ. All but `MISSING` and `EXTRA` are the same from either side."""

    MISSING = "missing"
    """A has it, B lacks it."""
    EXTRA = "extra"
    """B has it, A lacks it."""
    VALUE = "value"
    WORDS = "words"
    ORDER = "order"
    SEPARATOR = "separator"
    ENCODING = "encoding"
    SLASH = "trailing-slash"
    SCHEME = "scheme"
    HOST = "host"
    PORT = "port"
    PATH = "path"
    CASE = "case"
    BLANKS = "blanks"
    TYPE = "type"
    FORM = "form"
    REPEATED = "repeated"
    PLACE = "place"
    RELATION = "relation"
    LIFETIME = "lifetime"
    VALIDITY = "validity"
    TIMING = "timing"


class Weight:
    """How much a difference explains, the least number most."""

    RELATION = 10
    REQUEST = 20
    CREDENTIALS = 25
    CLAIM = 30
    METADATA = 40
    ANSWER = 50
    STATUS = 55
    HEADER = 60
    TIMING = 70
    SPELLING = 80


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which A and B differ.

    `place` is spelled as findings spell it: `request.query.scope`, `response.body.id_token.claims.aud`, `response.status`.
    `a` and `b` are JSON values without secrets, None where there is none. `meaning` is a sentence.
    `about` is what the parameter is, without the difference. `is_again` is set when an earlier message told the same.
    """

    place: str
    kind: Kind
    meaning: str
    a: Any = None
    b: Any = None
    section: Section | None = None
    weight: int = Weight.REQUEST
    is_again: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class MessagePair:
    """The same message in both recordings: its label, its exchange in each, its differences, the most telling first."""

    key: str
    a: int | None
    b: int | None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Lone:
    """A message that one recording alone has; `why` says what its absence means where that can be told."""

    key: str
    exchange: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two recordings: messages that both have, messages that one has."""

    messages: tuple[MessagePair, ...] = ()
    only_a: tuple[Lone, ...] = ()
    only_b: tuple[Lone, ...] = ()
    telling: tuple[MessagePair, Difference] | None = None
    """The difference that says most, with its message."""
    has_failure: bool = True
    """Whether anything failed on either side."""
    unseen_a: tuple[int, ...] = ()
    """The exchanges of A whose answers' bodies are needed to compare, and were not saved."""
    unseen_b: tuple[int, ...] = ()
    """The same of B."""

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs that isn't random by nature."""
        return not self.only_a and not self.only_b and all(not one.differences for one in self.messages)

    @property
    def is_whole(self) -> bool:
        """Whether every answer that is compared was saved."""
        return not self.unseen_a and not self.unseen_b

    @property
    def count(self) -> int:
        """How many differences there are, those that are told again not counted."""
        return sum(not one.is_again for pair in self.messages for one in pair.differences)


def ranked(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """The most telling first; equals keep their order."""
    return tuple(sorted(differences, key=lambda one: (one.is_again, one.weight)))


def without_repeats(pairs: Iterable[MessagePair]) -> tuple[MessagePair, ...]:
    """The pairs, each difference that an earlier message had in the same member marked: a wrong `iss` is in every token."""
    known: set[tuple[str, Kind, str, str]] = set()
    marked: list[MessagePair] = []
    for pair in pairs:
        found: list[Difference] = []
        for one in pair.differences:
            member = one.place.rpartition(".")[2]
            key = ("issuer" if member == "iss" else member, one.kind, repr(one.a), repr(one.b))
            is_general = one.weight >= Weight.STATUS or one.kind is Kind.RELATION
            found.append(replace(one, is_again=key in known and not is_general))
            known.add(key)
        marked.append(replace(pair, differences=ranked(found)))
    return tuple(marked)
