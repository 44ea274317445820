"""Which lines of a long log are worth reading: those that speak of OAuth or of trouble, and what stands around them.

Here: choosing, at a cost that many short lines don't raise. Not here: what a line tells (`log_text`).
"""

from __future__ import annotations

from oauthctl.record.log_words import CODES, TRANSPORT, TROUBLE
from oauthctl.record.plain_text import line_at

LINES_LIMIT = 2000
_CHARACTERS_LIMIT = 64 * 1024
_LONGEST = 16 * 1024
# A line without any of these says nothing that the patterns would find: looking for words costs far less than patterns do.
_HINTS = (
    "invalid", "rror", "ERROR", "xception", "denied", "refused", "fail", "Fail", "FAIL", "expired", "AADSTS", "IDX", "unauthorized",
    "Unauthorized", "mismatch", "ECONN", "ENOT", "ETIMED", "certificate", "timed out", "not valid", "not match", "code=", "token",
    "_required", "forbidden", "Forbidden", "missing", "unable", "Unable", "rejected", "x509", "redirect_uri", "scope", "WARN", "warn",
)  # fmt: skip
_OF_EACH_HINT = 1000
_AROUND = 2
_CHOSEN = 250


def telling(text: str) -> tuple[list[str], tuple[str, ...]]:
    """The lines to read, in their order, and a note if those are not all."""
    if len(text) <= _CHARACTERS_LIMIT and text.count("\n") < LINES_LIMIT:
        return text.split("\n"), ()
    chosen = _best(text, sorted({start for hint in _HINTS for start in _lines_with(text, hint)}))
    starts = sorted({near for start in chosen for near in _around(text, start)}) if chosen else _first(text)
    found: list[str] = []
    size = 0
    for start in starts[:LINES_LIMIT]:
        line = line_at(text, start)[0][:_LONGEST]
        size += len(line)
        if size > _CHARACTERS_LIMIT and found:
            break
        found.append(line)
    count = text.count("\n") + 1
    return found, (f"of the log's {count} lines those {len(found)} were read that tell most",) if count > len(found) else ()


def _lines_with(text: str, hint: str) -> set[int]:
    """Where lines begin that hold this word: from both ends of the text, so many at most."""
    found: set[int] = set()
    at = text.find(hint)
    while at >= 0 and len(found) < _OF_EACH_HINT:
        found.add(text.rfind("\n", 0, at) + 1)
        at = text.find(hint, line_at(text, at)[1])
    at = text.rfind(hint) if at >= 0 else -1
    while at >= 0 and len(found) < 2 * _OF_EACH_HINT:
        start = text.rfind("\n", 0, at) + 1
        found.add(start)
        at = text.rfind(hint, 0, start)
    return found


def _best(text: str, starts: list[int]) -> list[int]:
    """Those with a code of the protocol or the words of a broken connection; where there are none, those that complain at all."""
    lines = {start: line_at(text, start)[0][:_LONGEST] for start in starts}
    for pattern in (CODES, TRANSPORT, TROUBLE):
        found = [start for start, line in lines.items() if pattern.search(line)]
        if found:
            return found if len(found) <= 2 * _CHOSEN else found[:_CHOSEN] + found[-_CHOSEN:]
    return []


def _around(text: str, start: int) -> set[int]:
    """Where this line begins, and those before and behind it."""
    found = {start}
    before = after = start
    for _ in range(_AROUND):
        before = text.rfind("\n", 0, before - 1) + 1 if before else 0
        found.add(before)
        after = line_at(text, after)[1]
        if after < len(text):
            found.add(after)
    return found


def _first(text: str) -> list[int]:
    found = [0]
    while len(found) < LINES_LIMIT and (after := line_at(text, found[-1])[1]) < len(text):
        found.append(after)
    return found
