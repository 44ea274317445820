r"""HTTP messages as programs dump them into a log: `send: b'POST /token HTTP/1.1\r\n…'` of Python, quoted strings of Go, JSON and others.

Here: taking the quotes off. Not here: the messages themselves (`http_text`), other words of a log (`log_text`).
"""

from __future__ import annotations

import re
from dataclasses import replace

from oauthctl.http import Response
from oauthctl.record.http_text import read_http
from oauthctl.record.piece import Attempts, Piece
from oauthctl.record.plain_text import line_at

_SEND = re.compile(r"send: b?(['\"])(.*)\1\s*")
_REPLY = re.compile(r"reply: b?(['\"])(.*)\1\s*")
_HEADER = re.compile(r"header: ([^\n]*)")
_QUOTED = re.compile(
    r"(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) [^\s\\\"']+ HTTP/\d(?:\.\d)?|HTTP/\d(?:\.\d)? \d{3}[^\\\n\"']{0,60})\\r\\n"
)
_ESCAPE = re.compile(r"\\(r\\n|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)")
_PLAIN = {"n": "\n", "t": "\t", "r": ""}
_LINES_LIMIT = 500


def read_dump(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int] | None:
    """The messages that are quoted in this line and those that go on with it, and where the text goes on; None when there are none."""
    line, after = line_at(text, at)
    if _SEND.match(line.lstrip()) or _REPLY.match(line.lstrip()):
        return _of_python(text, at, attempts)
    quoted = _QUOTED.search(line) if "\\r\\n" in line else None
    if quoted is None:
        return None
    found = _messages(_unquoted(line[quoted.start() :].rstrip(" \t,;)}").rstrip("\"'`")), attempts)
    return (found, after) if found else None


def _of_python(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int]:
    """What `http.client` prints with `debuglevel=1`, which `requests` and `urllib` stand on; the body that the program prints behind it."""
    parts: list[str] = []
    for _ in range(_LINES_LIMIT):
        line, after = line_at(text, at)
        content = line.lstrip()
        if send := _SEND.match(content):
            parts.append(_unquoted(send[2]))
        elif reply := _REPLY.match(content):
            parts.append("\n\n" + _unquoted(reply[2]))
        elif header := _HEADER.match(content):
            parts.append(f"{header[1].rstrip()}\n")
        else:
            break
        at = after
    found = _messages("".join(parts), attempts)
    begin = at + len(text[at : at + 200]) - len(text[at : at + 200].lstrip())
    last = found[-1].response if found else None
    if last is not None and not last.body and text[begin : begin + 1] == "{" and (decoded := attempts.decode(text, begin)):
        body = text[begin : decoded[1]].encode()
        found = (*found[:-1], replace(found[-1], response=Response(last.status, last.headers, body, last.http_version, last.reason)))
        at = decoded[1]
    return found, min(at, len(text))


def _messages(text: str, attempts: Attempts) -> tuple[Piece, ...]:
    found: list[Piece] = []
    at = 0
    while at < len(text):
        read = read_http(text, at, attempts)
        if read is None:
            at = line_at(text, at)[1]
        else:
            found += read[0]
            at = max(read[1], at + 1)
    return tuple(found)


def _unquoted(written: str) -> str:
    def meant(match: re.Match[str]) -> str:
        escape = match[1]
        if escape == "r\\n":
            return "\n"
        if len(escape) > 1:
            code = int(escape[1:], 16)
            return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
        return _PLAIN.get(escape, escape)

    return _ESCAPE.sub(meant, written)
