"""Which fault a sentence says of which parameter: `redirect_uri is missing`, `mismatching redirect URI`; `sentence_words.toml` spells them.

Here: mentions of parameters and faults, and which of them belong together. Not here: what that means (`sentences`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from oauthctl.rules.tables import table

_FARTHEST = 90
"""How many characters may stand between a parameter and what is said of it."""
_LONGEST_NAME = 40
_VAGUE = ("code", "token")
_START, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"
# Between a fault and the name behind it: `invalid value for the parameter 'scope'`, `unknown, invalid, or expired refresh token`.
_LINK = re.compile(
    r"(?:[\s_\\\"'`:()\[\]=,<>/-]|\b(?:the|an?|this|that|your|its|any|or|and|values?|for|of|required|mandatory|parameters?|params?|field|query|request"
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
    r"|malformed|disabled|inactive|locked|different|duplicated?|(?:revok|supersed|rotat)ed|insecure|forbidden|denied|one[ -]time",
    re.IGNORECASE,
)
_VISIBLE = re.compile(r"[^\n]")
# What goes on about the same thing: `The code is invalid: it was issued to another client`.
_OF_IT = re.compile(r"\s*(?:it|(?:this|that) (?:has|is|was|does|did))\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\s*(?:(?:it|this|that|already|has|have|been|is|was)\s*)*", re.IGNORECASE)
# `invalid, expired or revoked`.
_OR = re.compile(r"\s*,\s*|[^:;(.]*?\s(?:and/)?or\b[^:;(.]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A parameter with a fault that is said of it.

    `is_vague` where the parameter is called by a word that stands for much else (`code`, `token`); `is_alternative` for one fault of a
    list (`invalid or expired`), of which nobody says which it is.
    """

    parameter: str
    fault: str
    is_vague: bool
    is_alternative: bool


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    name: str
    is_vague: bool = False


def said_of(sentence: str, named: list[str], *, is_log: bool) -> list[Statement]:
    """What is said of which parameter, the nearest first.

    `named` are the parameters of the sentences before, to which those of this one are added: `It was revoked` is said of the last.
    """
    names = _parameters(sentence, named, is_log=is_log)
    if not names:
        return []
    behind, before = _mentions(sentence, "behind"), _mentions(sentence, "before")
    listed = _listed(sentence, sorted((*behind, *before), key=lambda one: one.start))
    pairs: list[tuple[int, _Mention, _Mention]] = []
    for name in names:
        # Some faults name another parameter themselves: `without a code_challenge`.
        if any(fault.start < name.start < fault.end for fault in behind):
            continue
        pairs += [(fault.start - name.end, name, fault) for fault in behind if _is_behind(sentence, name, fault, names=names)]
        pairs += [(name.start - fault.end, name, fault) for fault in before if _is_before(sentence, name, fault)]
    pairs.sort(key=lambda one: (one[0], one[2].start))
    return [Statement(name.name, fault.name, name.is_vague, fault.start in listed) for _, name, fault in pairs]


def _parameters(sentence: str, named: list[str], *, is_log: bool) -> list[_Mention]:
    found = [one for one in _mentions(sentence, "names", *(() if is_log else ("bare_names",))) if one.name]
    found = [one for number, one in enumerate(found) if not number or not _GOVERNED.search(sentence, found[number - 1].end, one.start)]
    it = [_Mention(-1, 0, named[-1])] if named and _OF_IT.match(sentence) else []
    return it + [_in_full(one, sentence, named) for one in found]


def _in_full(mention: _Mention, sentence: str, named: list[str]) -> _Mention:
    """The parameter that is called by the last of its words once it was named: `Invalid refresh token (token has been revoked)`."""
    word = sentence[mention.start : mention.end].lower()
    full = next((one for one in reversed(named) if one.endswith(f"_{word}")), "")
    named.append(full or mention.name)
    return replace(mention, name=full, is_vague=False) if full else mention


def _is_behind(sentence: str, name: _Mention, fault: _Mention, *, names: list[_Mention]) -> bool:
    """Whether the fault is said of the name before it, and does not belong to a noun of its own: `redirect_uri: Missing scheme`."""
    if not 0 <= fault.start - name.end <= _FARTHEST or any(name.end <= one.start < fault.start for one in names):
        return False
    _, colon, behind = sentence[name.end : fault.start].strip("\"'`:= ").rpartition(":")
    if colon and not _PRONOUN.fullmatch(behind):
        return False
    return _ADJECTIVE.fullmatch(sentence, fault.start, fault.end) is None or _GOES_ON.match(sentence, fault.end) is not None


def _is_before(sentence: str, name: _Mention, fault: _Mention) -> bool:
    return 0 <= name.start - fault.end <= _FARTHEST and _LINK.fullmatch(sentence, fault.end, name.start) is not None


def _listed(sentence: str, faults: list[_Mention]) -> set[int]:
    """Where the faults of a list begin: `missing, invalid or mismatching`."""
    lists = ((one, other) for one, other in pairwise(faults) if _OR.fullmatch(sentence, one.end, max(one.end, other.start)))
    return {fault.start for pair in lists for fault in pair}


def is_cut_out(words: str, said: str, start: int) -> bool:
    """Whether what is said at `start` begins amid the name of another parameter: `Code is expired` in `Device code is expired`."""
    offset = min(start, _LONGEST_NAME)
    around = _mentions(words[start - offset : start + len(said)], "names")
    whole = next((one.name for one in around if one.start < offset < one.end), "")
    return bool(whole) and whole not in {one.name for one in _mentions(said, "names", "bare_names")[:1]}


def without_open_words(text: str) -> str:
    """The text without the words that leave the cause open, and without addresses."""
    for _, pattern in _compiled("open"):
        text = pattern.sub(" ", text)
    return text


def without_standard_sentences(text: str) -> str:
    """The text with blanks in the places of the standards' sentences, each of which names every cause there may be."""
    return dict(_compiled("open"))["sentence"].sub(lambda found: _VISIBLE.sub(" ", found[0]), text)


def _mentions(sentence: str, *lists: str) -> list[_Mention]:
    found: list[_Mention] = []
    for which in lists:
        for name, pattern in _compiled(which):
            for match in pattern.finditer(sentence):
                if not any(one.start < match.end() and match.start() < one.end for one in found):
                    found.append(_Mention(match.start(), match.end(), name, is_vague=which == "bare_names" and name in _VAGUE))
    return sorted(found, key=lambda one: one.start)


@cache
def _compiled(which: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((one["name"], re.compile(f"{_START}(?:{one['words']}){_END}", re.IGNORECASE)) for one in spellings(which))


@cache
def spellings(which: str) -> tuple[dict[str, str], ...]:
    """The names or faults of one list of `sentence_words.toml`, each with its pattern."""
    return tuple(table("sentence_words.toml")[which])
