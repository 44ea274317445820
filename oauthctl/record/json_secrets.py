"""Secrets in the structure of JSON: below a secret's name, at the end of a text that was cut off, and by what stands beside them.

Here: `{"access_token": ["…"]}`, `{"tokens": {"access": "…"}}`, `{"access": "…", "refresh": "…"}`, `{"session": {"id": "…"}}`. A text is
read piece by piece, whole or not. Not here: members with a secret's own name (`secret_places`), scripts (`secret_assignments`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from oauthctl.record.loose_secrets import looks_random
from oauthctl.record.secret_assignments import Substitute, is_secret_of, looks_like_a_secret
from oauthctl.record.secret_names import in_words, is_ambiguous, is_secret_name

_PIECE = re.compile(
    r'"(?P<text>(?:[^"\\]++|\\.)*+)(?P<end>"(?P<colon>(?:\s++|/\*[^*]{0,200}+\*/){0,9}+:)?|\\?\Z)|(?P<mark>[{}\[\],])|(?P<number>-?\d[\d.eE+-]*+)',
    re.DOTALL,
)
# What a secret is kept with, and what says what is wrong with one.
_BESIDE = re.compile(
    r"type|token_type|kind|scopes?|name|label|title|description|format|pattern|method|status|alg|iss|issuer|audience|aud|client_id|expir.*"
    r"|.*_(?:at|in|type|url|uri|alg|date)|created|issued|updated|url|uri|href|endpoint|.*(?:error|message|problem|violation).*"
)
_OF_FAULTS = re.compile(r".*(?:error|message|problem|violation|validation|schema|properties|supported|claims).*")
_PLURALS = re.compile(r"(?:.*_)?(?:tokens|secrets|passwords|(?:backup|recovery|scratch|emergency)_?codes)")
# Objects of these names are requests, answers, claims or capabilities, whose own members tell what is secret.
_OF_OTHERS = frozenset(("code", "request", "response", "id_token", "jwt", "credential", "assertion", "client_assertion", "state"))
# What the claims parameter and a claims challenge want of a claim of a token. Source: OpenID Connect Core section 5.5.1.
_CLAIM_ASKED = re.compile(r'\{(?=[^{}]{0,2000}"(?:essential|values)"\s*+:)')
_CLAIMS_OF = ("access_token", "id_token", "userinfo")
_PAIR = {"access": "access_token", "refresh": "refresh_token"}
# `sid` names a session that logout tells to everybody; what a server hands out with tokens of its own is the session itself.
_GRANTED = ("access_token", "refresh_token")
_DEEPEST = 4
_CODE = re.compile(r"\d{6,12}")


@dataclass(slots=True)
class _Level:
    """An object or a list that is open: what covers its values, and what it is called."""

    cover: str
    name: str
    is_list: bool
    key: str = ""
    pair: dict[str, re.Match[str]] | None = None
    members: int = 0
    grants: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A string or a number, what secret it is, if one, and the name of the member that it stands in."""

    match: re.Match[str]
    kind: str
    key: str = ""


def rewrite_below_names(text: str, substitute: Substitute, *, name: str = "", depth: int = 0) -> str:
    """The text with the strings replaced that a secret's name covers; every other character stays. `name` is the member that holds it."""
    pieces, at = [], 0
    for found in sorted(_found(text, name), key=lambda one: one.match.start()):
        new = _replaced(found, substitute, depth)
        if new is not None:
            pieces += [text[at : found.match.start()], new]
            at = found.match.end()
    return "".join((*pieces, text[at:])) if pieces else text


def _replaced(found: _Found, substitute: Substitute, depth: int) -> str | None:
    value = new = _meant(found.match)
    if found.kind:
        new = substitute(found.kind, value)
    elif depth < _DEEPEST:
        # JSON in a text of JSON.
        new = rewrite_below_names(value, substitute, name=found.key, depth=depth + 1)
    if new == value:
        return None
    is_open = found.match["number"] is None and not found.match["end"].startswith('"')
    return json.dumps(new)[: -1 if is_open else None]


def _meant(match: re.Match[str]) -> str:
    written: str = match["number"] or match["text"]
    try:
        return str(json.loads(f'"{written}"', strict=False)) if "\\" in written else written
    except ValueError:
        return written


def _found(text: str, name: str) -> Iterator[_Found]:
    """Each string that is a secret with its kind; without one those that hold JSON themselves."""
    levels = [_Level("-" if name == "claims" else "", name, is_list=False)]
    for match in _PIECE.finditer(text):
        level = levels[-1]
        mark = match["mark"]
        if mark in ("{", "["):
            levels.append(_opened(level, text, match.start()))
        elif mark in ("}", "]"):
            yield from _beside(level)
            if len(levels) > 1:
                levels.pop()
        elif mark == ",":
            level.key = level.key if level.is_list else ""
        elif match["colon"]:
            level.key = _meant(match)
            level.members += 1
            level.grants = level.grants or in_words(level.key) in _GRANTED
        elif kind := _kind_of(level, match):
            yield _Found(match, kind)
        elif match["text"] and match["text"].lstrip()[:1] in ("{", "[") and '\\"' in match["text"]:
            yield _Found(match, "", level.key)
        elif level.key in _PAIR or level.key in ("key", "sid"):
            level.pair = {**(level.pair or {}), level.key: match}


def _asks_for_claims(level: _Level, text: str, at: int) -> bool:
    """Whether an object says which claims somebody wants in a token: `{"access_token": {"acrs": {"essential": true, "value": "c1"}}}`."""
    return level.name in _CLAIMS_OF and not level.is_list and _CLAIM_ASKED.match(text, at) is not None


def _opened(level: _Level, text: str, at: int) -> _Level:
    is_list = text[at] == "["
    if _asks_for_claims(level, text, at):
        return _Level("-", "", is_list)
    if not level.key:
        return _Level(level.cover, level.name, is_list)
    words = in_words(level.key)
    covers = bool(_PLURALS.fullmatch(words)) or (is_secret_name(level.key) and (is_list or words not in _OF_OTHERS))
    if _OF_FAULTS.fullmatch(words) or _BESIDE.fullmatch(words):
        return _Level("-", words, is_list)
    return _Level(level.cover or (words if covers else ""), words, is_list)


def _kind_of(level: _Level, match: re.Match[str]) -> str:
    """What a string or number is, by its own name or by what covers it; empty for what is no secret."""
    key, value, words = level.key, _meant(match), in_words(level.key)
    if match["number"]:
        return level.cover if level.is_list and level.cover != "-" and _CODE.fullmatch(value) else ""
    if not level.is_list and key and is_secret_name(key):
        return words if is_secret_of(key, value) else ""
    if level.name == "session" and words == "id" and is_secret_of("session_id", value):
        return "session_id"
    if level.cover in ("", "-") or (not level.is_list and _BESIDE.fullmatch(words)) or "://" in value or any(map(str.isspace, value)):
        return ""
    if is_ambiguous(level.cover) and not looks_like_a_secret(value):
        return ""
    return level.cover if is_secret_of("secret", value) else ""


def _beside(level: _Level) -> Iterator[_Found]:
    """Members whose names say it together only, or alone."""
    if level.pair is None:
        return
    if _PAIR.keys() <= level.pair.keys():
        for name, kind in _PAIR.items():
            if is_secret_of(kind, _meant(level.pair[name])):
                yield _Found(level.pair[name], kind)
    if level.members == 1 and "key" in level.pair and looks_like_a_secret(_meant(level.pair["key"])):
        yield _Found(level.pair["key"], "api_key")
    if level.grants and "sid" in level.pair and looks_random(_meant(level.pair["sid"])):
        yield _Found(level.pair["sid"], "session_id")
