"""The two words in which oauthctl judges: `Finding` (something is wrong) and `Verdict` (a check and its answer).

Here: the values. Not here: what finds them (`rules`, `jose.verify`) and how they look (`views`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from oauthctl.specs import Section


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Certainty(StrEnum):
    """How far the evidence carries a finding: `LIKELY` rests on somebody's word, `POSSIBLE` is one of several explanations."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Outcome(StrEnum):
    """What a check says; `UNCLEAR` when what it needs to know is missing."""

    PASS = "pass"
    FAIL = "fail"
    UNCLEAR = "unclear"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a finding shows: an exchange of the recording, a place in it (`request.state`), expected and got."""

    exchange: int | None
    place: str
    expected: str = ""
    got: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several causes that the evidence cannot tell apart, and what to do if it is this one."""

    cause: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong: the rule that noticed it, in words, with evidence.

    `message` is its title, `cause` says what is wrong in one or two sentences, `help` what to change and where. Where the evidence can't
    decide, `candidates` stand in order of likelihood, and `probe` is what would tell. `consequences` are sentences on what it led to.
    """

    rule: str
    severity: Severity
    message: str
    evidence: tuple[Evidence, ...] = ()
    help: str = ""
    sections: tuple[Section, ...] = ()
    certainty: Certainty = Certainty.CERTAIN
    cause: str = ""
    candidates: tuple[Candidate, ...] = ()
    probe: str = ""
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check and its answer. `check` is a slug (`audience`), `why` a sentence; `expected` and `got` are printable values."""

    check: str
    outcome: Outcome
    why: str
    expected: str = ""
    got: str = ""
    section: Section | None = None
