"""Whatever somebody pastes, made into evidence: a URL, an answer, the output of `curl -v`, a token, lines of a log, or several of them.

Here: finding the pieces of a text in order, and putting a request and the answer behind it together.
Not here: reading each form (`http_text`, `curl_output`, `curl_command`, `pasted_url`, `pasted_answer`, `log_text`), HAR
files (`har`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from oauthctl.http import Response
from oauthctl.record import purposes
from oauthctl.record.curl_command import read_command
from oauthctl.record.curl_output import BODY_UNSEEN, URL_UNSEEN, read_curl_output, with_body
from oauthctl.record.devtools_text import read_devtools
from oauthctl.record.dump_text import read_dump
from oauthctl.record.exchange import Exchange, Recording
from oauthctl.record.http_text import read_http
from oauthctl.record.log_text import read_log
from oauthctl.record.material import Material
from oauthctl.record.paste_secrets import named_secrets
from oauthctl.record.pasted_answer import purpose_of_answer, read_challenge, read_json, read_page
from oauthctl.record.pasted_token import read_token
from oauthctl.record.pasted_url import UNESCAPED, read_url_line, redirected
from oauthctl.record.piece import REQUEST_UNSEEN, TITLES, UNSEEN, Attempts, Piece
from oauthctl.record.plain_text import LIMIT, line_at, plain

__all__ = ["TITLES", "read_pasted"]

PIECES_LIMIT = 500
"""Pieces that are read at most."""
LINES_LIMIT = 100_000
"""Lines that are looked at for more than a log's words, at most; evidence of many lines counts once."""
_Reader = Callable[[str, int, Attempts], tuple[tuple[Piece, ...], int] | None]
_OF_DOCUMENTS: tuple[_Reader, ...] = (read_json,)
_OF_LINES: tuple[_Reader, ...] = (
    read_curl_output,
    read_http,
    read_command,
    read_devtools,
    read_dump,
    lambda text, at, _: read_page(text, at),
    lambda text, at, _: read_challenge(text, at),
    lambda text, at, _: read_url_line(text, at),
    lambda text, at, _: read_token(text, at),
)
_SHORTEST = 4
_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)+")


def read_pasted(text: str, *, now: datetime) -> Material:
    """The evidence in a text; kind `unknown` and an empty recording when there is none. Never raises.

    An exchange began when the answer's `Date` says; what has none takes that of its neighbours, else `now`.
    """
    notes: list[str] = []
    if len(text) > LIMIT:
        notes.append(f"only the first {LIMIT // 1024 // 1024} MiB of the text were read")
    read, is_whole = _pieces(plain(text))
    if len(read) >= PIECES_LIMIT:
        notes.append(f"only the first {PIECES_LIMIT} things in the text were read")
    elif not is_whole:
        notes.append(f"beyond the first {LINES_LIMIT} lines the text was only read as a log")
    pieces = _followed(_joined(read))
    exchanges = _exchanges(pieces, now)
    tokens = tuple(held for piece in pieces for held in piece.tokens)
    words = "\n".join(piece.words for piece in pieces if piece.words)
    notes += [note for piece in pieces for note in piece.notes]
    if not exchanges and not tokens and not words:
        return Material("unknown", notes=tuple(dict.fromkeys(notes)), named=named_secrets(plain(text)))
    known = {"local_error": words} if words else {}
    written_at = max((piece.written_at for piece in pieces if piece.written_at is not None), default=None)
    return Material(
        _kind(pieces),
        Recording(exchanges),
        tokens,
        known=known,
        notes=tuple(dict.fromkeys(notes)),
        named=named_secrets(plain(text)),
        written_at=written_at,
    )


def _pieces(text: str) -> tuple[list[Piece], bool]:
    """What is in the text, and whether each line of it was looked at for anything."""
    found: list[Piece] = []
    words: list[str] = []
    attempts = Attempts()
    at = looked_at = 0

    def flush() -> None:
        if words:
            found.extend(read_log("\n".join(words), attempts))
            words.clear()

    while at < len(text) and len(found) < PIECES_LIMIT:
        if blank := _BLANK_LINES.match(text, at):
            at = blank.end()
            continue
        if looked_at == LINES_LIMIT:
            words.append(text[at:])
            break
        looked_at += 1
        read = _read(text, at, attempts)
        if read is None:
            line, after = line_at(text, at)
            words.append(line)
            at = after
            continue
        if read[0]:
            flush()
            found.extend(read[0])
        at = max(read[1], at + 1)
    flush()
    return found[:PIECES_LIMIT], looked_at < LINES_LIMIT


def _read(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int] | None:
    line, after = line_at(text, at)
    content = line.strip()
    if not content:
        return (), after
    readers = _OF_DOCUMENTS if content[0] in "{[" else _OF_LINES if len(content) >= _SHORTEST else ()
    return next((read for reader in readers if (read := reader(text, at, attempts)) is not None), None)


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Each request with the answer that stands behind it."""
    found: list[Piece] = []
    for piece in pieces:
        # A client library's line names the request in a sentence that complains, and the body follows it.
        words = [found.pop()] if len(found) > 1 and found[-1].is_words and found[-2].is_request and piece.kind == "error-body" else []
        last = found[-1] if found else None
        if last is None or not last.is_request:
            found.append(piece)
        elif last.kind == "curl-command" and piece.kind == "curl-output":
            found[-1] = _ran(last, piece)
        elif _repeats(last, piece):
            found[-1] = piece
        elif piece.is_answer and _fits(last, piece):
            found[-1] = _answered(last, piece)
        else:
            found.append(piece)
        found += words
    return [piece if piece.purpose else replace(piece, purpose=_purpose(piece)) for piece in found]


def _fits(request: Piece, answer: Piece) -> bool:
    """Whether this answer can be the one to that request: only a page, a redirect or an HTTP answer can be a sign-in page's."""
    match request.purpose:
        case purposes.CALLBACK:
            return False
        case purposes.AUTHORIZATION | purposes.LOGOUT:
            return answer.kind in ("error-page", "http-response") or answer.purpose == request.purpose
        case purpose if request.kind == "form":
            return answer.purpose in ("", purpose)
        case _:
            return answer.kind != "log-line" or request.kind == "log-line" or bool(answer.failure)


def _repeats(last: Piece, piece: Piece) -> bool:
    """Whether the line before is the title of this request, as in the console of Postman."""
    if last.request is None or piece.request is None or last.kind != "http-request" or last.request.headers or last.request.body:
        return False
    return (last.request.method, last.request.url) == (piece.request.method, piece.request.url)


def _ran(command: Piece, output: Piece) -> Piece:
    """A curl command with what it printed."""
    request = with_body(command, output)
    notes = tuple(note for note in (*command.notes, *output.notes) if note not in (BODY_UNSEEN, URL_UNSEEN))
    return replace(output, request=request, notes=notes, purpose="")


def _answered(request: Piece, answer: Piece) -> Piece:
    response, notes = answer.response, [*request.notes, *(note for note in answer.notes if note != REQUEST_UNSEEN)]
    if request.written and request.request is not None and response is not None and response.status >= 400:
        # A server that refuses what stands there may well have got it so.
        request = replace(request, request=replace(request.request, url=request.written))
        notes = [note for note in notes if note != UNESCAPED]
    kind = request.kind if request.kind in ("curl-command", "fetch-call", "authorization-url", "logout-url") else "http-exchange"
    return replace(request, kind=kind, response=response, failure=answer.failure, notes=tuple(notes), purpose=request.purpose)


def _purpose(piece: Piece) -> str:
    if piece.request is None:
        return ""
    return purpose_of_answer(piece.request, piece.response) or (purposes.API if piece.failure else "")


def _followed(pieces: list[Piece]) -> list[Piece]:
    """The pieces, and behind a redirect the callback that it leads to, unless that is there anyway."""
    urls = {piece.request.url for piece in pieces if piece.request is not None}
    found: list[Piece] = []
    for piece in pieces:
        found.append(_with_note(piece))
        for target in redirected(piece.response) if piece.response is not None and not piece.purpose else ():
            if target.request is not None and target.request.url not in urls and target.purpose == purposes.CALLBACK:
                found.append(replace(target, kind=piece.kind, notes=("the redirect's target was read as the callback",)))
    return found


def _with_note(piece: Piece) -> Piece:
    is_lone = piece.request == UNSEEN and piece.kind != "log-line" and REQUEST_UNSEEN not in piece.notes
    return replace(piece, notes=(*piece.notes, REQUEST_UNSEEN)) if is_lone else piece


def _exchanges(pieces: list[Piece], now: datetime) -> tuple[Exchange, ...]:
    moments = [piece.answered_at for piece in pieces if piece.is_exchange]
    latest = next((moment for moment in moments if moment is not None), now)
    found: list[Exchange] = []
    for piece, moment in zip((piece for piece in pieces if piece.is_exchange), moments, strict=True):
        latest = moment or latest
        if piece.request is None:
            continue
        response: Response | None = piece.response
        found.append(Exchange(len(found) + 1, piece.purpose, piece.channel, piece.request, latest, 0.0, response, piece.failure))
    return tuple(found)


def _kind(pieces: list[Piece]) -> str:
    """The kind of all pieces; what a log says beside other evidence decides nothing."""
    kinds = {piece.kind for piece in pieces if piece.kind != "log-line"}
    if not kinds:
        return "log-line"
    if kinds == {"http-request", "http-response"} or (len(kinds) > 1 and kinds <= {"http-exchange", "http-request", "http-response"}):
        return "http-exchange"
    return next(iter(kinds)) if len(kinds) == 1 else "mixed"
