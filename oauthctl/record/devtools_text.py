"""What is copied by hand from the Network panel of a browser's developer tools: `Request URL`, `Status Code`, lists of headers.

Here: these lists made into an exchange. Not here: "Copy as cURL" (`curl_command`), exported files (`har`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.http import FORM, Headers, Params, Request, Response
from oauthctl.record.piece import Attempts, Piece
from oauthctl.record.plain_text import line_at

_BEGIN = re.compile(r"[ \t]*Request URL:?[ \t]*(?:\n[ \t]*)?(?:https?|[a-z][a-z0-9.+-]{1,40}):/", re.IGNORECASE)
_LINES_LIMIT = 400
_SECTIONS = {
    "general": "general",
    "response headers": "response",
    "request headers": "request",
    "form data": "form",
    "query string parameters": "query",
    "query string": "query",
    "request payload": "form",
    "payload": "form",
}
_GENERAL = ("request url", "request method", "status code", "remote address", "referrer policy")
_OF_REQUESTS = frozenset(
    ("accept", "user-agent", "host", "cookie", "authorization", "origin", "referer", "accept-language", "dpop", ":authority")
)
_NAME = re.compile(r"(:?[\w.-]{1,100}|Request URL|Request Method|Status Code|Remote Address|Referrer Policy):?[ \t]*", re.IGNORECASE)
_PAIR = re.compile(
    r"(:?[\w.-]{1,100}|Request URL|Request Method|Status Code|Remote Address|Referrer Policy):[ \t]*(\S[^\n]*)", re.IGNORECASE
)


def read_devtools(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int] | None:
    """The exchange that the panel's lists show, and where the text goes on; None when no such list begins here."""
    del attempts
    if not _BEGIN.match(text, at):
        return None
    lines: list[str] = []
    while at < len(text) and len(lines) < _LINES_LIMIT:
        line, after = line_at(text, at)
        if lines and _BEGIN.match(text, at):
            break
        lines.append(line.strip())
        at = after
    sections: dict[str, list[tuple[str, str]]] = {name: [] for name in _SECTIONS.values()}
    for section, name, value in _pairs(lines):
        sections[section].append((name, value))
    return (_piece(sections),), min(at, len(text))


def _pairs(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """Section, name and value; newer versions of Chrome copy the value on the line behind the name."""
    section = "general"
    queue = iter(lines)
    for line in queue:
        if line.lower().rstrip(":") in _SECTIONS:
            section = _SECTIONS[line.lower().rstrip(":")]
            continue
        pair = _PAIR.fullmatch(line)
        name, value = (pair[1], pair[2]) if pair else (line.rstrip(":"), next(queue, "")) if _NAME.fullmatch(line) else ("", "")
        if not name:
            continue
        if section in ("general", "response") and name.lower() not in _GENERAL:
            section = "request" if name.lower() in _OF_REQUESTS else "response"
        yield "general" if name.lower() in _GENERAL else section, name, value


def _piece(sections: dict[str, list[tuple[str, str]]]) -> Piece:
    general = {name.lower(): value for name, value in sections["general"]}
    status = re.match(r"\D{0,3}(\d{3})\b\s*([^\n(]*)", general.get("status code", ""))
    form = Params(tuple(sections["form"]))
    headers = [(name, value) for name, value in sections["request"] if not name.startswith(":")]
    if form and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", FORM))
    method = general.get("request method", "POST" if form else "GET").upper()[:20]
    request = Request(method, general.get("request url", ""), Headers(tuple(headers)), form.encode().encode())
    response = Response(int(status[1]), Headers(tuple(sections["response"])), b"", reason=status[2].strip()) if status else None
    notes = ("the panel's lists show no body of the answer",) if response else ()
    if method == "POST" and not form:
        notes = (*notes, "the lists show no body of the request: nothing about it was checked")
    return Piece("http-exchange" if response else "http-request", request, response, notes=notes)
