"""A command line in words, as a POSIX shell or that of Windows parts them.

Here: quotes, escapes, lines that go on, the end of the command. Not here: what the words mean (`curl_command`).
"""

from __future__ import annotations

import re

from oauthctl.record.plain_text import line_at, whole

_LIMIT = 256 * 1024
_WORDS_LIMIT = 2000
_CARET_ESCAPED = "%&<>|{}!'\\^"
_CODED = re.compile(r"u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_PLAIN = re.compile(r"[^\s'\"\\^`$|;&]+|.", re.DOTALL)
_IN_DOUBLE = re.compile(r"[^\"\\]+")


def shell_words(text: str, at: int) -> tuple[list[str], int]:
    """The words of the command as a shell parts them, be it a POSIX shell's or that of Windows, and where the command ends."""
    words: list[str] = []
    word: list[str] = []
    end = min(len(text), at + _LIMIT)
    while at < end and len(words) < _WORDS_LIMIT:
        character, following = text[at], text[at + 1 : at + 2]
        if character in "\\^`" and following == "\n":
            at += 2
        elif character in " \t":
            at += 1
            if word:
                words.append("".join(word))
                word = []
        elif character in "\n|;&" or (character == ">" and not word):
            break
        else:
            read, at = _word_part(text, at, end)
            word.append(read)
    if word:
        words.append("".join(word))
    return words, line_at(text, at)[1] if at < len(text) else at


def _word_part(text: str, at: int, end: int) -> tuple[str, int]:
    character, following = text[at], text[at + 1 : at + 2]
    if character in "'\"":
        return _quoted(text, at, end)
    if character == "$" and following == "'":
        return _ansi_quoted(text, at + 2, end)
    if character == "^" and following == '"':
        # Chrome's copy for cmd.exe escapes every special character, the quotes included.
        return _caret_quoted(text, at + 2, end)
    if following and (character == "\\" or (character == "^" and following in _CARET_ESCAPED)):
        return following, at + 2
    plain = _PLAIN.match(text, at, end)
    stop = plain.end() if plain else at + 1
    return text[at:stop], stop


def _quoted(text: str, at: int, end: int) -> tuple[str, int]:
    quote_mark = text[at]
    if quote_mark == "'":
        close = text.find("'", at + 1, end)
        close = end if close < 0 else close
        return text[at + 1 : close], min(close + 1, end)
    parts: list[str] = []
    at += 1
    while at < end and text[at] != '"':
        if text[at] == "\\":
            following = text[at + 1 : at + 2]
            parts.append(following if following in '"\\$`' else "" if following == "\n" else f"\\{following}")
            at += 2
        elif run := _IN_DOUBLE.match(text, at, end):
            parts.append(run[0])
            at = run.end()
    return "".join(parts), min(at + 1, end)


def _ansi_quoted(text: str, at: int, end: int) -> tuple[str, int]:
    """What stands in `$'…'`, where a backslash escapes. Source: POSIX.1-2024 section 2.2.4."""
    parts: list[str] = []
    while at < end and text[at] != "'":
        if text[at] != "\\":
            parts.append(text[at])
            at += 1
            continue
        following = text[at + 1 : at + 2]
        coded = _CODED.match(text, at + 1)
        if coded:
            parts.append(whole(chr(int(coded[1] or coded[2], 16))))
            at = coded.end()
        else:
            parts.append(_ESCAPES.get(following, following))
            at += 2
    return "".join(parts), min(at + 1, end)


def _caret_quoted(text: str, at: int, end: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < end:
        if text.startswith('^"', at):
            return "".join(parts), at + 2
        if text.startswith('\\^"', at):
            parts.append('"')
            at += 3
        elif text[at] == "^" and at + 1 < end:
            parts.append(text[at + 1].replace("\n", ""))
            at += 2
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts), at
