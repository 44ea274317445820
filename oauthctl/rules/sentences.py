"""What a server says in words of its own: the name of a parameter beside what is wrong with it (`sentences.toml` says what that means).

Here: the spellings of parameters and of faults, which fault is said of which parameter. Not here: sentences and codes that are known
whole (`dialects`), whether the evidence agrees (the rules of the subjects).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from oauthctl.record import purposes
from oauthctl.rules.tables import table

LOG = "log"
"""In `only`: what a client or server printed, which is no message of the protocol."""
_LIMIT = 4000
_FARTHEST = 90
_OF_APIS = (purposes.API, purposes.USERINFO)
_START, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"
# Between a fault and the name behind it: `invalid value for the parameter 'scope'`, `unknown, invalid, or expired refresh token`.
_LINK = re.compile(
    r"(?:[\s_\"'`:()\[\]=,<>/-]|\b(?:the|an?|this|that|your|its|any|or|and|values?|for|of|required|mandatory|parameters?|params?|field|query|request"
    r"|form|body|header|input|optional|provided|specified|supplied|given|oauth2?|oidc|http|valid|correct|original|to|in|property|argument|registered"
    r"|requested|unknown|invalid|expired|revoked|malformed|missing|incorrect|wrong|unsupported|used|reused|bad|mismatching|key|string|type|redirection|more"
    r"|following|one|client'?s?|application'?s?)\b|_){0,14}",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:[\"'`)\]]|\s*$|\s*[^\w\s]|_|\s+(?:or|and|in|from|for|to|with|by|on|at|because|when|as|of|but|parameter|value|url|uri|error|does|it|this|please|here|than|since|if|is|while|after|between|one|any)\b)"
)
# `code verifier from session is empty` is said of the verifier.
_GOVERNED = re.compile(r"\b(?:from|in|for|by|with|at|on)(?: (?:the|this|your|a|an))?[\s\"'`]{1,3}$", re.IGNORECASE)
_ADJECTIVE = re.compile(
    r"missing|absent|required|mandatory|empty|expired|un(?:known|registered|supported|expected|authori[sz]ed)|invalid|incorrect|wrong|bad|illegal"
    r"|malformed|disabled|inactive|locked|different|duplicated?|revoked|insecure|forbidden|denied|one[ -]time",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"(?<=[\w\"'`)])[.!?](?=\s|$|[\"'\\])|;\s|\n|[{}|]|[\"'],\s*[\"']|,\s*(?=\w+[=:])|&(?=\w+=)|\s-\s|\s=>\s|\bhint\b|>\s")
# Answers name the members of their form, which says nothing. Source: RFC 6749 section 5.2.
_KEYS = re.compile(
    r"(?:^|[{,&\"'(\[])\s*[\"']?\b(?:error|error_description|error_uri|error_reason|error_hint|error_codes?|errors?|message|detail|description|code|title|status|reason|type|state|scope|client_id|grant_type|response_type)\b[\"']?\s*(?:=>|[:=])\s*"
)
# The level of a line that complains of nothing.
_OF_NOTE = re.compile(r"\b(?:INFO|DEBUG|TRACE|info|debug|trace)\b")
_OF_OAUTH = re.compile(r"oauth|openid|oidc", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Cell:
    """What it means that a parameter has one of these `faults`: the rule, the cause, what to do.

    `only` narrows it to purposes, `beside` to sentences with this pattern; `title` goes before the rule's own.
    """

    parameter: str
    faults: tuple[str, ...]
    rule: str
    means: str
    help: str
    only: tuple[str, ...] = ()
    beside: str = ""
    title: str = ""


def spelled_out(words: str, purpose: str) -> tuple[Cell, str] | None:
    """The cell that the words fill, and the sentence that says so; None where no fault is said of a known parameter."""
    text = words[:_LIMIT]
    is_log = purpose == LOG and _OF_OAUTH.search(text) is None
    if purpose == LOG:
        text = "\n".join(line for line in text.split("\n") if not _OF_NOTE.search(line))
    text = _CAMEL.sub(" ", _leave_out("open", text))
    for sentence in _SPLIT.split(_KEYS.sub("\n", text)):
        if not sentence or not sentence.strip():
            continue
        for parameter, fault in _said_of(sentence, is_log=is_log):
            cell = _cell(parameter, fault, purpose, sentence)
            if cell is not None:
                return cell, " ".join(sentence.split())[:200]
    return None


@cache
def cells() -> tuple[Cell, ...]:
    """The whole table."""
    return tuple(_read(parameter, entry) for parameter, entries in table("sentences.toml").items() for entry in entries)


def _read(parameter: str, entry: dict[str, Any]) -> Cell:
    faults, only = tuple(entry.pop("faults")), tuple(entry.pop("only", ()))
    return Cell(parameter=parameter, faults=faults, only=only, **entry)


def _cell(parameter: str, fault: str, purpose: str, sentence: str) -> Cell | None:
    for cell in cells():
        if cell.parameter != parameter or fault not in cell.faults:
            continue
        if purpose not in cell.only if cell.only else purpose in _OF_APIS:
            continue
        if not cell.beside or re.search(cell.beside, sentence, re.IGNORECASE):
            return cell
    return None


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    name: str


def _said_of(sentence: str, *, is_log: bool) -> Iterator[tuple[str, str]]:
    """The parameters and the faults that are said of them, the nearest first."""
    names = [one for one in _mentions(sentence, "names", *(() if is_log else ("bare_names",))) if one.name]
    names = [one for number, one in enumerate(names) if not number or not _GOVERNED.search(sentence, names[number - 1].end, one.start)]
    if not names:
        return
    behind, before = _mentions(sentence, "behind"), _mentions(sentence, "before")
    pairs: list[tuple[int, int, str, str]] = []
    for name in names:
        for fault in behind:
            gap = fault.start - name.end
            between = sentence[name.end : fault.start]
            if (
                0 <= gap <= _FARTHEST
                and not any(name.end <= one.start < fault.start for one in names)
                and _is_predicate(sentence, fault, between)
            ):
                pairs.append((gap, fault.start, name.name, fault.name))
        for fault in before:
            gap = name.start - fault.end
            if 0 <= gap <= _FARTHEST and _LINK.fullmatch(sentence[fault.end : name.start]):
                pairs.append((gap, fault.start, name.name, fault.name))
    for _, _, parameter, fault_name in sorted(pairs, key=lambda one: one[:2]):
        yield parameter, fault_name


def _is_predicate(sentence: str, fault: _Mention, between: str) -> bool:
    """Whether the fault is said of what stands before it, and does not belong to a noun of its own: `redirect_uri: Missing scheme`."""
    if ":" in between.strip("\"'`:= "):
        return False
    return _ADJECTIVE.fullmatch(sentence, fault.start, fault.end) is None or _GOES_ON.match(sentence, fault.end) is not None


def _leave_out(which: str, text: str) -> str:
    for _, pattern in _compiled(which):
        text = pattern.sub(" ", text)
    return text


def _mentions(sentence: str, *lists: str) -> list[_Mention]:
    found: list[_Mention] = []
    for name, pattern in (one for which in lists for one in _compiled(which)):
        for match in pattern.finditer(sentence):
            if not any(one.start < match.end() and match.start() < one.end for one in found):
                found.append(_Mention(match.start(), match.end(), name))
    return sorted(found, key=lambda one: one.start)


@cache
def _compiled(which: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((one["name"], re.compile(f"{_START}(?:{one['words']}){_END}", re.IGNORECASE)) for one in spellings(which))


@cache
def spellings(which: str) -> tuple[dict[str, str], ...]:
    """The names or faults of one list of `sentence_words.toml`, each with its pattern."""
    return tuple(table("sentence_words.toml")[which])
