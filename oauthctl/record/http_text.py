"""Raw HTTP messages in a text: requests and responses one after the other.

Here: start lines, headers, bodies, as `curl -i`, HTTPie, wget, proxies and editors print them. Not here: marked lines (`curl_output`), what
an exchange is for (`purposes`).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from oauthctl.http import Headers, Request, Response, is_loopback_host
from oauthctl.record.piece import UNSEEN, Attempts, Piece
from oauthctl.record.plain_text import line_at

_METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE|PROPFIND|QUERY"
_REQUEST = re.compile(rf"[ \t]*({_METHODS})[ \t]+(\S+)(?:[ \t]+HTTP/(\d(?:\.\d)?))?[ \t]*(?=\n|\Z)")
_RESPONSE = re.compile(r"[ \t]*HTTP/(\d(?:\.\d)?)[ \t]+(\d{3})(?:[ \t]+([^\n]*))?[ \t]*(?=\n|\Z)")
_NEXT_START = re.compile(rf"^[ \t]*(?:HTTP/\d(?:\.\d)?[ \t]+\d{{3}}\b|(?:{_METHODS})[ \t]+\S+[ \t]+HTTP/\d)", re.MULTILINE)
_HEADER = re.compile(r"[ \t]*(:?[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):(?:[ \t]+([^\n]*)|(?=\n|\Z)|([^\s/][^\n]*))")
_BLANK = re.compile(r"(?:[ \t]*\n)*")
_CHUNK = re.compile(r"[0-9a-fA-F]{1,8}(?:;[^\n]*)?")
_PAGE_END = re.compile("</html>", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_BODILESS = (204, 304)


def read_http(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int] | None:
    """The message that begins here, and where the text goes on; None when none does."""
    if response := _RESPONSE.match(text, at):
        return _read_response(text, response, attempts)
    request = _REQUEST.match(text, at)
    if request and (request[3] or request[2].startswith(("http://", "https://"))):
        return _read_request(text, request, attempts)
    return None


def read_headers(text: str, at: int) -> tuple[Headers, int, bool]:
    """The header lines that begin here, where they end, and whether an empty line ended them."""
    pairs: list[tuple[str, str]] = []
    while at < len(text):
        line, after = line_at(text, at)
        if not line.strip():
            return Headers(tuple(pairs)), after, True
        header = _HEADER.match(text, at)
        if header:
            pairs.append((header[1], (header[2] or header[3] or "").strip()))
        elif pairs and line[0] in " \t" and line.strip()[0] not in "{[<":
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value} {line.strip()}"[:65536])
        else:
            break
        at = after
    return Headers(tuple(pairs)), min(at, len(text)), False


def url_of(target: str, headers: Headers, *, scheme: str = "") -> str:
    """The URL that a request line and its `Host` stand for; the bare target when nobody says the host.

    Without a scheme it is `https`, save for this machine.
    """
    if "://" in target[:40]:
        return target
    host = headers.get("host") or headers.get(":authority") or ""
    if not host or not target.startswith("/"):
        return target
    return f"{scheme or headers.get(':scheme') or _likely_scheme(host)}://{host}{target}"


def body_end(text: str, at: int, attempts: Attempts) -> int:
    """Where a body that begins here ends: with its JSON or HTML, else at the next message or empty line."""
    if text[at : at + 1] in ("{", "[") and (decoded := attempts.decode(text, at)):
        return decoded[1]
    if text[at : at + 1] in ("{", "[", "<"):
        following = _NEXT_START.search(text, at)
        limit = following.start() if following else len(text)
        closing = _PAGE_END.search(text, at, limit) if text[at] == "<" else None
        return closing.end() if closing else limit
    paragraph = _PARAGRAPH_END.search(text, at)
    limit = paragraph.start() if paragraph else len(text)
    following = _NEXT_START.search(text, at, limit)
    return following.start() if following else limit


def _read_response(text: str, start: re.Match[str], attempts: Attempts) -> tuple[tuple[Piece, ...], int]:
    headers, at, ended = read_headers(text, start.end() + 1)
    status = int(start[2])
    reason = (start[3] or "").strip()
    if status < 200 or (status == 200 and "connection established" in reason.lower()):
        return (), at
    body = ""
    # What follows the headers without an empty line is a body only when it can be nothing else.
    has_body = ended or text[at : at + 1] in ("{", "<")
    if has_body and status not in _BODILESS and headers.get("content-length") != "0":
        body, at = _body(text, at, headers, attempts)
    response = Response(status, headers, body.encode(), f"HTTP/{start[1]}", reason)
    return (Piece("http-response", UNSEEN, response),), at


def _read_request(text: str, start: re.Match[str], attempts: Attempts) -> tuple[tuple[Piece, ...], int]:
    headers, at, ended = read_headers(text, start.end() + 1)
    body = ""
    if ended and (start[1] in ("POST", "PUT", "PATCH") or "content-length" in headers):
        body, at = _body(text, at, headers, attempts)
    if start[1] == "CONNECT":
        return (), at
    return (Piece("http-request", Request(start[1], url_of(start[2], headers), headers, body.encode())),), at


def _body(text: str, at: int, headers: Headers, attempts: Attempts) -> tuple[str, int]:
    begin = blank.end() if (blank := _BLANK.match(text, at)) else at
    begin += len(text[begin : begin + 200]) - len(text[begin : begin + 200].lstrip(" \t"))
    if begin >= len(text) or _NEXT_START.match(text, begin):
        return "", begin
    if "chunked" in (headers.get("transfer-encoding") or "").lower() and _CHUNK.fullmatch(line_at(text, begin)[0].strip()):
        return _unchunked(text, begin)
    end = body_end(text, begin, attempts)
    return text[begin:end].strip(), end


def _unchunked(text: str, at: int) -> tuple[str, int]:
    """A body in chunks, each after a line with its size. Source: RFC 9112 section 7.1."""
    parts: list[str] = []
    while at < len(text):
        line, after = line_at(text, at)
        if not _CHUNK.fullmatch(line.strip()):
            break
        size = int(line.strip().partition(";")[0], 16)
        if size == 0:
            return "".join(parts), after
        # A chunk's size is in octets; a line's end may have lost one of its own in the paste.
        end = _octets_on(text, after, size)
        parts.append(text[after:end])
        at = end + 1 if text[end : end + 1] == "\n" else end
    return "".join(parts), min(at, len(text))


def _octets_on(text: str, at: int, size: int) -> int:
    piece = text[at : at + size]
    if piece.isascii():
        return at + len(piece)
    return at + len(piece.encode()[:size].decode("utf-8", "ignore"))


def _likely_scheme(host: str) -> str:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return "https"
    return "http" if is_loopback_host(name) else "https"
