"""What providers mean by their codes and phrases (`dialects.toml`), and programs by the words of their logs (`log_words.toml`).

Here: reading the tables, finding their entries in an answer or a log. Not here: whether the evidence agrees (the rules of the subjects do
that).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from oauthctl.messages.error_codes import ERROR_CODES
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.rules.phrases import filled, has_names, longest_word, pattern_of
from oauthctl.rules.provider_names import is_told, names_provider, unnamed
from oauthctl.rules.seen import Seen
from oauthctl.rules.sentence_grammar import is_cut_out, without_standard_sentences
from oauthctl.rules.sentences import LOG, Openness, Reading, cells, spelled_out
from oauthctl.rules.tables import table

_TABLES = ("dialects.toml", "log_words.toml")


@dataclass(frozen=True, slots=True)
class Dialect:
    """One entry: how a provider says it, which rule it stands for, what the provider means by it, what to do.

    `code` is a word of its own (`AADSTS50011`, `invalid_rapt`), `phrase` a part of a sentence, case ignored, `…` for anything in between,
    `{name}` for a word or more that `means` and `help` quote under the same name, `pattern` a regular expression for what many programs
    say in words of their own.
    `only` narrows it to purposes (`token`, `authorization`, `logout` …; `log` for what a program printed), `at` to URLs by a part of them,
    where several providers use the same word; a callback, which is the application's, counts for each. `source` is where the provider says
    so. `title` goes before the rule's own, where the words leave more open than that. `unless_seen` names what shows the matter itself
    (`token`, `keys`, `metadata`): where it was recorded the rules judge that, and the words count for nothing; `cause` is for an outer
    error, which says nothing beside any other cause. `is_quoting` is set where `means` and `help` quote something of the answer.
    """

    provider: str
    rule: str
    means: str
    help: str
    source: str
    code: str = ""
    phrase: str = ""
    pattern: str = ""
    only: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    title: str = ""
    unless_seen: str = ""
    is_quoting: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    """An entry that was found, with the words that matched and their line, and what these words leave open."""

    entry: Dialect
    said: str
    line: int
    openness: Openness


_LOG_LIMIT = 16 * 1024
# That the person must do something, which only the authorization endpoint says. Source: OpenID Connect Core 1.0 section 3.1.2.6.
_OF_THE_PERSON = re.compile(r"(?<!\w)(?:login_required|interaction_required|consent_required|account_selection_required)(?!\w)")
_FOR_THE_PERSON = ("sign-in-needed-without-prompt", "consent-needed", "admin-consent-needed", "session-ended", "second-factor-needed")
# What stands beside the `error` of a body and is merely false or empty is no cause: `"email_verified": false` beside `invalid_client`.
_ERROR_BODY = re.compile(r"\{[^{}]{0,2000}\"error\"\s*:\s*\"[^{}]{1,2000}\}")
_IDLE = r"\s*\"[\w.-]{1,60}\"\s*:\s*(?:false|null|0|\"\")"
_IDLE_MEMBER = re.compile(rf",{_IDLE}(?=\s*[,}}])|(?<=\{{){_IDLE}\s*,")
# Codes that the authorization endpoint does not give. Source: RFC 6749 sections 4.1.2.1 and 5.2.
_OF_THE_TOKEN_ENDPOINT = ("invalid_grant", "invalid_client", "unsupported_grant_type")
_OF_EVERYBODY = frozenset(one.code for one in ERROR_CODES)
_LEFT_TO_THE_MESSAGE = "request-fault-named"


@cache
def dialects() -> tuple[Dialect, ...]:
    """Both tables."""
    return tuple(_dialect(provider, entry) for name in _TABLES for provider, entries in table(name).items() for entry in entries)


def said_by_provider(seen: Seen[Message], hosts: str = "") -> tuple[tuple[Dialect, str], ...]:
    """The entries that an answer's words match, each with the words that matched; the most telling first.

    `hosts` are those that were seen beside: a provider is called by its name only where one of them, the answer's URL or its words tell it.
    """
    words = seen.reply.words
    # Of what somebody pasted without its URL, the words themselves may name the provider.
    said = _said(words, seen.purpose, (seen.url.partition("?")[0] or words).lower()) if words else ()
    purpose = purposes.AUTHORIZATION if _may_be_for_browser(seen) else seen.purpose
    if not said:
        return _read(words, purpose)
    place = f"{hosts} {seen.url} {_headers(seen)}".lower()
    return tuple((called(entry, words, purpose, place), phrase) for entry, phrase in said)


def said_for_rule(seen: Seen[Message], slug: str) -> tuple[tuple[Dialect, str], ...]:
    """The same, of one rule: the whole table is gone through only where one of the rule's own words is there."""
    lowered = seen.reply.words.lower()
    if not any(word in lowered and (not entry.only or seen.purpose in entry.only) for entry, word in _entries_by_rule().get(slug, ())):
        return ()
    return tuple(one for one in said_by_provider(seen) if one[0].rule == slug)


def said_in_log(text: str) -> tuple[tuple[Dialect, str], ...]:
    """The entries that the words of a log match, each with the words that matched; the most telling first."""
    # Structured logs quote what they quote.
    words = text[:_LOG_LIMIT].replace('\\"', '"')
    said = _said(words, LOG, words.lower()) if words else ()
    return tuple((called(entry, words, LOG, ""), phrase) for entry, phrase in said) or _read(words, LOG)


def _may_be_for_browser(seen: Seen[Message]) -> bool:
    """Whether an answer that was pasted alone has a code that both the token and the authorization endpoint give."""
    reply = seen.reply
    is_of_either = reply.error not in _OF_THE_TOKEN_ENDPOINT and reply.members.get("ok") is not False
    return is_of_either and not seen.url and seen.purpose == purposes.TOKEN


@lru_cache(maxsize=2048)
def _read(words: str, purpose: str) -> tuple[tuple[Dialect, str], ...]:
    """What the grammar of a sentence tells that no entry has."""
    found = spelled_out(_without_idle(words), purpose)
    if found is None:
        return ()
    return (_as_entry(found),)


def _as_entry(reading: Reading) -> tuple[Dialect, str]:
    cell = reading.cell
    return Dialect("", cell.rule, cell.means, cell.help, "", title=cell.title), reading.sentence


def _without_idle(words: str) -> str:
    return _ERROR_BODY.sub(lambda body: _IDLE_MEMBER.sub("", body[0]), words)


def _headers(seen: Seen[Message]) -> str:
    response = seen.exchange.response
    return " ".join(f"{name}:{value}" for name, value in response.headers)[:_LOG_LIMIT] if response else ""


def _are_of_redirect_uri(*rules: str) -> bool:
    """Whether all are about the redirect URI: the endpoint decides then which of them is meant."""
    return all(rule.startswith("redirect-uri-") for rule in rules)


@lru_cache(maxsize=2048)
def called(entry: Dialect, words: str, purpose: str, place: str) -> Dialect:
    """The entry without its provider's name where nothing but a sentence, which others say too, tells that it is that one."""
    if not names_provider(entry.provider) or is_told(entry.provider, words.lower(), place):
        return entry
    means, advice = unnamed(entry.provider, entry.means), unnamed(entry.provider, entry.help)
    if (means, advice) == (entry.means, entry.help):
        return entry
    reading = None if entry.is_quoting else spelled_out(words, purpose)
    cell = reading.cell if reading is not None else None
    if cell is not None and (cell.rule == entry.rule or (not entry.code and _are_of_redirect_uri(cell.rule, entry.rule))):
        return replace(entry, rule=cell.rule, means=cell.means, help=cell.help, title=cell.title)
    return entry if entry.code else replace(entry, means=means, help=advice)


@lru_cache(maxsize=2048)
def _said(words: str, purpose: str, place: str) -> tuple[tuple[Dialect, str], ...]:
    found: list[_Hit] = []
    words = _without_idle(words)
    bare = without_standard_sentences(words)
    lowered = words.lower()
    lines: set[int] = set()
    for entry, word in _entries():
        if word not in lowered or (entry.only and purpose not in entry.only) or not _is_there(entry, purpose, place):
            continue
        match = _match(entry, _compiled(_pattern(entry)), bare if entry.pattern else words, lines)
        if match and not _contradicts(entry, match[0], lowered, purpose):
            line = words.count("\n", 0, match.start())
            lines.add(line)
            quoted = {name: value.strip() for name, value in match.groupdict().items() if value}
            quoting = replace(
                entry, is_quoting=bool(quoted and entry.phrase), means=filled(entry.means, quoted), help=filled(entry.help, quoted)
            )
            found.append(_Hit(quoting, match[0][:200], line, _openness(entry, match[0], purpose)))
    named = dict.fromkeys(_naming_a_cause(found, words, purpose))
    # A code names its cause by itself; of phrases the longer says more; patterns stand in the table in the order of asking.
    return tuple(sorted(named, key=lambda one: (not one[0].is_quoting, not one[0].code, -len(one[0].phrase))))


def _naming_a_cause(found: list[_Hit], words: str, purpose: str) -> Iterator[tuple[Dialect, str]]:
    """What was found, with the entries that leave the cause open only where nothing around them names one.

    `Invalid authorization code: redirect_uri does not match` is about the redirect URI. Around is the whole answer; in a log the line.
    """
    lines = words.split("\n")
    for hit in found:
        around = found if purpose != LOG else [one for one in found if one.line == hit.line]
        if hit.openness is Openness.ALL and any(one.openness < Openness.ALL for one in around):
            continue
        reading = _reading_around(hit, words if purpose != LOG else lines[hit.line], purpose)
        yield _as_entry(reading) if reading is not None else (hit.entry, hit.said)


def _reading_around(hit: _Hit, words: str, purpose: str) -> Reading | None:
    """What the grammar reads in the words that leaves less open than the entry; of a code the table knows more."""
    if hit.openness is Openness.CAUSE or hit.entry.code or hit.entry.is_quoting:
        return None
    reading = spelled_out(words, purpose)
    return reading if reading is not None and reading.openness < hit.openness else None


def _openness(entry: Dialect, said: str, purpose: str) -> Openness:
    """What the words of the entry leave open: an own code or a quoted name says it all."""
    if entry.rule == _LEFT_TO_THE_MESSAGE:
        return Openness.ALL
    if entry.code or has_names(entry.phrase):
        return Openness.CAUSE
    reading = spelled_out(said, purpose)
    return reading.openness if reading else Openness.ALL if entry.rule in _open_rules() else Openness.CAUSE


@cache
def _open_rules() -> frozenset[str]:
    """The rules of refusals whose cause is left open."""
    return frozenset({*(cell.rule for cell in cells() if cell.open), "token-request-refused"})


def _match(entry: Dialect, pattern: re.Pattern[str], words: str, taken: set[int]) -> re.Match[str] | None:
    """Where the entry is said; shared words count in a line alone that no entry before this one explains."""
    if not entry.pattern:
        return next((match for match in pattern.finditer(words) if entry.code or not is_cut_out(words, match[0], match.start())), None)
    return next((match for match in pattern.finditer(words) if words.count("\n", 0, match.start()) not in taken), None)


def meanings(word: str) -> tuple[Dialect, ...]:
    """The entries whose code this is, case and a prefix such as `AADSTS` ignored."""
    wanted = word.strip().lower()
    return tuple(
        entry
        for entry in dialects()
        if entry.code and (entry.code.lower() == wanted or entry.code.lower().removeprefix("aadsts") == wanted)
    )


def _dialect(provider: str, entry: dict[str, Any]) -> Dialect:
    only, at = tuple(entry.pop("only", ())), tuple(entry.pop("at", ()))
    return Dialect(provider=provider, only=only, at=at, **entry)


def _is_there(entry: Dialect, purpose: str, place: str) -> bool:
    if not entry.at or any(part in place for part in entry.at):
        return True
    # A callback alone does not tell whose it is; a code that nobody else has does.
    return purpose == purposes.CALLBACK and entry.code.lower() not in _OF_EVERYBODY


def _contradicts(entry: Dialect, match: str, words: str, purpose: str) -> bool:
    """Whether one provider's phrase, without a sign of that provider, stands beside a standard code that says something else."""
    if purpose != purposes.CALLBACK or not entry.at or entry.only or not entry.phrase or any(part in words for part in entry.at):
        return False
    return _OF_THE_PERSON.search(words.replace(match.lower(), " ")) is not None and entry.rule not in _FOR_THE_PERSON


@cache
def _entries() -> tuple[tuple[Dialect, str], ...]:
    """Each entry with its longest word, whose absence is found sooner than any pattern is made."""
    ordered = sorted(dialects(), key=lambda entry: bool(entry.pattern))
    return tuple((entry, entry.code.lower() or longest_word(entry.phrase)) for entry in ordered)


@cache
def _entries_by_rule() -> dict[str, tuple[tuple[Dialect, str], ...]]:
    found: dict[str, list[tuple[Dialect, str]]] = {}
    for one in _entries():
        found.setdefault(one[0].rule, []).append(one)
    return {rule: tuple(entries) for rule, entries in found.items()}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _pattern(entry: Dialect) -> str:
    if entry.pattern:
        return entry.pattern
    if entry.code:
        return rf"(?<![A-Za-z0-9_]){re.escape(entry.code)}(?![A-Za-z0-9_])"
    return pattern_of(entry.phrase)
