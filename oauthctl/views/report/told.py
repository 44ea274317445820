"""`Report`: a recording and its diagnosis as plain values, which every exported form is made of.

Here: the values. Not here: working them out (`tell`), any form of them (`page`, `views.markdown_report`, `views.report_document`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

from oauthctl.findings import Finding, Outcome
from oauthctl.specs import Section
from oauthctl.views.report.lanes import Arrow, Cast, Tone

OWN_ACCOUNT = "What is said of signatures and hidden values is by the file's own account: it can't be checked without the secrets."


@dataclass(frozen=True, slots=True)
class Row:
    """A name with its value, what it means and where that is said. `remark` is what is odd about it.

    `table` is the value as a head and rows where it is one of many alike, as a key set is.
    """

    name: str
    value: str
    meaning: str = ""
    section: Section | None = None
    remark: str = ""
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """A request or an answer: its first line, headers, parameters; its body where that is no message."""

    title: str
    headers: tuple[Row, ...] = ()
    other_headers: int = 0
    fields: tuple[Row, ...] = ()
    body: str = ""
    notes: tuple[str, ...] = ()


RECORDED = "recorded"
"""The mark of the moment at which a token was seen."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on a token's time line."""

    name: str
    at: datetime
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class ToldToken:
    """A token that was decoded, where it stood, and what is known of its signature."""

    role: str
    place: str
    what: str
    header: tuple[Row, ...] = ()
    claims: tuple[Row, ...] = ()
    marks: tuple[Mark, ...] = ()
    problems: tuple[str, ...] = ()
    signature: Outcome | None = None
    signature_why: str = ""


@dataclass(frozen=True, slots=True)
class Derivation:
    """How one value follows from another, and whether it does here: what goes in, the formula, what must come out."""

    name: str
    formula: str
    rows: tuple[Row, ...]
    outcome: Outcome
    why: str
    section: Section


@dataclass(frozen=True, slots=True)
class Told:
    """One exchange. `findings` are the places in the report's findings of those that show in it; those in `related` show in another one,
    and have evidence here, too.
    """

    id: int
    label: str
    purpose: str
    channel: Literal["wire", "browser", "callback"]
    seen: str
    started_at: datetime
    seconds: float
    status: str
    tone: Tone
    request: Side
    answer: Side | None = None
    tokens: tuple[ToldToken, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    findings: tuple[int, ...] = ()
    related: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """One attempt: who takes part, the arrows, and by exchange the findings that are shown beside its arrows."""

    title: str
    cast: Cast
    arrows: tuple[Arrow, ...]
    findings: tuple[tuple[int, int], ...] = ()

    @property
    def steps(self) -> tuple[tuple[int, tuple[Arrow, ...]], ...]:
        """The ids of the exchanges with their arrows, in order."""
        return tuple((exchange, tuple(arrows)) for exchange, arrows in groupby(self.arrows, key=lambda arrow: arrow.exchange))

    def findings_at(self, exchange: int) -> tuple[int, ...]:
        """The places of the findings that concern an exchange."""
        return tuple(finding for at, finding in self.findings if at == exchange)


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of a recording. `is_own_account`: what hidden values told is what a file says of itself, and can't be checked."""

    source: str
    command: str
    issuer: str
    tool_version: str
    began_at: datetime | None
    messages: tuple[Told, ...]
    diagrams: tuple[Diagram, ...]
    findings: tuple[Finding, ...]
    checked: int
    rules: int
    unseen: tuple[str, ...] = ()
    is_own_account: bool = False
