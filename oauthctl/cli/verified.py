"""The verdicts of `verify` on stdout, as tables or JSON, with what is to be said about them on stderr.

Here: one token as a table of its own, several with a label each. Not here: judging (`verifying`), a verdict's form (`views.verdicts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauthctl.cli.trusted_keys import Keys
from oauthctl.findings import Outcome, Verdict
from oauthctl.jose.jwt import Token

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.cli.token_lines import Piece

_KINDS = {"id": "ID token", "access": "access token", "jwt": "JWT"}


@dataclass(frozen=True, slots=True)
class Checked:
    """One token with its verdicts. `where` is its place in its input, `label` that in the whole text."""

    token: Token
    kind: str
    where: str
    label: str
    verdicts: tuple[Verdict, ...]
    keys: Keys

    @property
    def is_set_aside(self) -> bool:
        """Whether nothing could be checked and nothing had to be: an opaque token beside others."""
        return all(verdict.outcome is Outcome.SKIPPED for verdict in self.verdicts)

    @property
    def outcome(self) -> Outcome:
        """The verdict of all verdicts."""
        from oauthctl.views.verdicts import overall

        return Outcome.SKIPPED if self.is_set_aside else overall(self.verdicts)


def exit_code(checked: Iterable[Checked]) -> int:
    """That of the worst: a failure counts more than what can't be told."""
    outcomes = {one.outcome for one in checked}
    return 1 if Outcome.FAIL in outcomes else 3 if Outcome.UNCLEAR in outcomes else 0


def print_checked(out: Output, checked: Sequence[tuple[Piece, tuple[Checked, ...]]]) -> None:
    """A table for each token; on a pipe the rows of several have their token in front."""
    from oauthctl.cli.token_lines import tell_empty

    tokens = [one for _, some in checked for one in some]
    for index, one in enumerate(tokens):
        if len(tokens) == 1:
            _print_one(out, one)
        else:
            _print_labelled(out, one, is_first=not index)
    tell_empty(out, [piece for piece, _ in checked])
    _warn(out, tokens)
    if len(tokens) > 1:
        _print_count(out, tokens)


def print_json(out: Output, checked: Sequence[tuple[Piece, tuple[Checked, ...]]]) -> None:
    """One document with further tokens of the same input as `more`; where lines stand for themselves one JSON line for each."""
    from json import dumps

    for piece, some in checked:
        documents = [_document(one) for one in some]
        if not documents:
            documents = [{"outcome": Outcome.SKIPPED.value, "where": "", "verdicts": [], "problems": ["no token was found"]}]
        if len(documents) > 1:
            documents[0]["more"] = documents[1:]
        if piece.line:
            out.data(dumps(documents[0] | {"line": piece.line}, ensure_ascii=False))
        else:
            out.json(documents[0])
    _warn(out, [one for _, some in checked for one in some])


def _print_one(out: Output, one: Checked) -> None:
    from oauthctl.views.lines import literals
    from oauthctl.views.verdicts import verdict_lines, verdict_table

    out.say(*literals(f"checked as {_as_what(one)} ({one.label}){_with_keys(one)}"))
    if out.width:
        out.lines(verdict_lines(one.verdicts, width=out.width))
    else:
        out.table(verdict_table(one.verdicts))
    _print_outcome(out, one)


def _print_labelled(out: Output, one: Checked, *, is_first: bool) -> None:
    from oauthctl.views.lines import Span, line, literals
    from oauthctl.views.verdicts import verdict_lines, verdict_table
    from oauthctl.views.wrapped import wrapped

    if not out.width:
        out.table(verdict_table(one.verdicts, label=one.label))
        return
    what = "" if one.is_set_aside else f": checked as {_as_what(one)}{_with_keys(one)}"
    lines = wrapped(line(Span(one.label, "bold"), *literals(what)), out.width, indent=2)
    out.lines((*(() if is_first else ((),)), *lines, *verdict_lines(one.verdicts, width=out.width)))
    if not one.is_set_aside:
        _print_outcome(out, one)


def _print_outcome(out: Output, one: Checked) -> None:
    from oauthctl.views.lines import Span, line, literals
    from oauthctl.views.verdicts import SIGNS

    missing = sum(verdict.outcome is Outcome.UNCLEAR for verdict in one.verdicts)
    summary = {
        Outcome.PASS: "every check that could be made passed" + (f"; {missing} could not be made" if missing else ""),
        Outcome.FAIL: "do not accept this token",
        Outcome.UNCLEAR: "it can't be told whether the token is good",
    }[one.outcome]
    out.say(*line(Span(SIGNS[one.outcome][0], SIGNS[one.outcome][1]), ": ", summary))
    if one.keys.problem is not None and one.keys.problem.help:
        out.say(*line(Span("help", "bold"), ": "), *literals(one.keys.problem.help))


def _print_count(out: Output, tokens: Sequence[Checked]) -> None:
    words = {
        Outcome.FAIL: "not to be accepted",
        Outcome.UNCLEAR: "can't be told",
        Outcome.PASS: "passed",
        Outcome.SKIPPED: "opaque, not checked",
    }
    counts = [(sum(one.outcome is outcome for one in tokens), word) for outcome, word in words.items()]
    out.say(f"{len(tokens)} tokens: " + ", ".join(f"{count} {word}" for count, word in counts if count))


def _warn(out: Output, tokens: Iterable[Checked]) -> None:
    """What went unchecked for want of an option or an expiry, each once however many tokens there are."""
    open_checks = [v for one in tokens for v in one.verdicts if v.outcome is Outcome.UNCLEAR and _is_warned_of(v)]
    for why in dict.fromkeys(verdict.why for verdict in open_checks):
        out.warn(why)


def _is_warned_of(verdict: Verdict) -> bool:
    from oauthctl.views.verdicts import LEFT_OPEN

    return verdict.check in LEFT_OPEN and ("`--" in verdict.why or verdict.check == "expiry")


def _as_what(one: Checked) -> str:
    noun = _KINDS[one.kind]
    return f"{'an' if noun[0] in 'aeiouI' else 'a'} {noun}"


def _with_keys(one: Checked) -> str:
    return f", with the keys of {one.keys.source}" if one.keys.source else ""


def _document(one: Checked) -> dict[str, object]:
    from oauthctl.views.verdicts import LEFT_OPEN, verdict_document

    document: dict[str, object] = {
        "outcome": one.outcome.value,
        "type": one.kind,
        "where": one.where,
        "alg": one.token.alg,
        "kid": one.token.kid,
        "issuer": one.token.claim_text("iss"),
        "keys": one.keys.source,
        "verdicts": [verdict_document(verdict) for verdict in one.verdicts],
        "not_checked": [v.check for v in one.verdicts if v.outcome is Outcome.UNCLEAR and v.check in LEFT_OPEN],
    }
    problem = one.keys.problem
    if problem is not None:
        document["keys_problem"] = {"message": problem.message, "slug": problem.slug, "help": problem.help}
    return document
