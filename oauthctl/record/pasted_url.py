"""URLs and forms that somebody pasted, alone or within a line: an authorization URL, a callback URL, a form's body.

Here: which of them a text is. Not here: the log around it (`log_text`), whole HTTP messages (`http_text`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from oauthctl.http import FORM, Headers, Params, Request, Response
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel
from oauthctl.record.jwt_answer import is_jwt_answer
from oauthctl.record.log_words import CODES
from oauthctl.record.piece import REQUEST_UNSEEN, UNSEEN, Piece
from oauthctl.record.plain_text import line_at
from oauthctl.record.purposes import fragment_of, query_of

# A placeholder that was never filled in belongs to the URL, too.
_URL = re.compile(
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,40}:/{1,2}"
    r"(?:[^\s\"'<>`|\\^{}]|\{\{[^{}\"'\n]{1,60}\}\}|\$?\{[\w. -]{1,60}\}|(?<==)<[\w. -]{1,60}>)+"
)
_SPACED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,40}://[^\s\"'<>]+\?[^\s\"'<>]+(?: (?:[\w.:/~-]{1,80}|[\w.:/~-]{0,80}&[^\s\"'<>]+))+")
_RETURN_PATH = re.compile(r"/(?:cb|callback|auth|login|signin|sign-in|oauth2?|oidc|sso|redirect)(?:[-_./]|$)|callback", re.IGNORECASE)
_LABEL = re.compile(r"[\w ()/-]{0,60}[:=]\s{1,4}")
_BARE = re.compile(r"(?:/[^\s?#\"'<>]*)?[?#][^\s\"'<>]+=[^\s\"'<>]*|[A-Za-z_][\w.-]{0,60}=[^\s\"'<>&=]*(?:&[^\s\"'<>&]*)+")
_SPACED_LIMIT = 4096
_FIRST_PAIR = re.compile(r"[a-z_]{2,40}=[^\s\"'<>&=]*&?")
_CONTINUED = re.compile(r"[ \t]*[?&][\w.~%-]+=[^\s\"'<>]*[ \t]*(?=\n|\Z)")
_WRAPPED = re.compile(r"[\w%&=.~+:/-]+(?=\n|\Z)")
_WRAPPED_AT = 60
_READABLE = re.compile(rb"[ -~\n]{4,}")
_QUOTES = "\"'`<>,;“”‘’ \t"
_CLOSING = ".,;:!?)]}"
# What the token endpoint answers with a form rather than JSON (GitHub, and Facebook of old).
_TOKEN_ERRORS = frozenset(
    [
        "bad_verification_code",
        "incorrect_client_credentials",
        "redirect_uri_mismatch",
        "unverified_user_email",
        "authorization_pending",
        "slow_down",
        "expired_token",
        "incorrect_device_code",
        "device_flow_disabled",
        "unsupported_grant_type",
        "invalid_grant",
        "invalid_client",
        "bad_refresh_token",
    ]
)
_ESCAPED = re.compile(r"&(?:amp|#0?38|#x26);(?=[\w.~%-]{1,80}=)", re.IGNORECASE)
UNESCAPED = "`&amp;` in the URL was read as `&`, as in a copy from HTML; if the client really sends `&amp;`, that is the mistake"
"""The note on a URL that was escaped for HTML."""
_ANSWERING = frozenset(("code", "error", "id_token", "access_token", "response"))


def read_url_line(text: str, at: int) -> tuple[tuple[Piece, ...], int] | None:
    """The URL or form that this line is, a label before it aside, and where the text goes on; None when it is neither."""
    line, after = line_at(text, at)
    label = _LABEL.match(line)
    if label and CODES.search(label[0]):
        # What stands before it tells of the answer: a line of a log.
        return None
    content = line[label.end() :] if label else line
    content = content.strip(_QUOTES)
    if (
        " " in content
        and len(content) <= _SPACED_LIMIT
        and _SPACED.fullmatch(content)
        and (pieces := of_url(content))
        and pieces[0].purpose == purposes.AUTHORIZATION
    ):
        return pieces, after
    if url := _URL.match(content):
        if content[url.end() :].strip(_QUOTES + _CLOSING):
            return None
        whole, end = _with_continuation(content, text, after)
        pieces = of_url(whole) or _of_return(whole)
        return (pieces, end) if pieces else None
    if _FIRST_PAIR.fullmatch(content):
        content, after = _with_continuation(content, text, after)
    if not _BARE.fullmatch(content) and not is_jwt_answer(Params.parse(content)):
        return None
    pieces = _of_relative(content) if content[0] in "/?#" else of_form(content)
    return (pieces, after) if pieces else None


def urls_in(line: str) -> Iterator[str]:
    """The URLs within a line of a log."""
    for match in _URL.finditer(line):
        yield match[0].rstrip(_CLOSING)


def of_url(url: str) -> tuple[Piece, ...]:
    """What this URL is in OAuth; empty when it is nothing."""
    if _ESCAPED.search(url):
        return tuple(replace(piece, written=url, notes=(*piece.notes, UNESCAPED)) for piece in of_url(_ESCAPED.sub("&", url)))
    query, fragment = query_of(url), fragment_of(url)
    if _is_authorization(query):
        return (Piece("authorization-url", Request("GET", url), purpose=purposes.AUTHORIZATION, channel=Channel.BROWSER),)
    if "post_logout_redirect_uri" in query or "id_token_hint" in query:
        return (Piece("logout-url", Request("GET", url), purpose=purposes.LOGOUT, channel=Channel.BROWSER),)
    if _is_answer(query) or _is_answer(fragment):
        return (Piece("callback-url", Request("GET", url), purpose=purposes.CALLBACK, channel=Channel.CALLBACK),)
    if said := query.get("authError"):
        return _of_google(said)
    inner = next((value for name, value in query if _is_nested(name, value)), "")
    return of_url(inner) if inner else ()


def of_form(text: str) -> tuple[Piece, ...]:
    """What a form's body, or a query without its URL, is in OAuth; empty when it is nothing."""
    if _ESCAPED.search(text):
        return tuple(replace(piece, notes=(*piece.notes, UNESCAPED)) for piece in of_form(_ESCAPED.sub("&", text)))
    params = Params.parse(text)
    if "grant_type" in params:
        return (_posted(text, purposes.TOKEN),)
    if _is_authorization(params):
        return of_url(f"?{text}")
    error = params.get("error") or ""
    if ("access_token" in params and "token_type" in params and "state" not in params) or (
        "state" not in params and error in _TOKEN_ERRORS
    ):
        response = Response(200, Headers((("Content-Type", FORM),)), text.encode())
        return (Piece("error-body" if error else "token-response", UNSEEN, response, purpose=purposes.TOKEN, notes=(REQUEST_UNSEEN,)),)
    if _is_answer(params):
        return of_url(f"?{text}")
    return ()


def is_callback(url: str) -> bool:
    """Whether it is an authorization response for sure, in a text where other URLs occur as well."""
    names = {name for name, _ in (*query_of(url), *fragment_of(url))}
    if is_jwt_answer(query_of(url)) or is_jwt_answer(fragment_of(url)):
        return True
    return bool(names & _ANSWERING) and bool(names & {"state", "session_state", "iss", "error_description"})


def redirected(response: Response) -> tuple[Piece, ...]:
    """The callback or authorization request that a redirect leads to."""
    location = response.headers.get("location") or ""
    return of_url(location) if response.status // 100 == 3 and (is_callback(location) or _is_authorization(query_of(location))) else ()


def _of_relative(target: str) -> tuple[Piece, ...]:
    query, fragment = target.partition("#")[0].partition("?")[2], target.partition("#")[2]
    found = of_url(target)
    return found or of_form(query or fragment)


def _of_return(url: str) -> tuple[Piece, ...]:
    """A callback that brings nothing but its state, or an empty code: its path must say that it is one."""
    names = {name for name, _ in query_of(url)}
    if "state" not in names or names - {"state", "session_state", "iss", "scope", "code"} or not _RETURN_PATH.search(url.partition("?")[0]):
        return ()
    return (Piece("callback-url", Request("GET", url), purpose=purposes.CALLBACK, channel=Channel.CALLBACK),)


def _of_google(written: str) -> tuple[Piece, ...]:
    """What Google's page of errors keeps in its URL: a protocol buffer in base64, whose strings are those of the page."""
    standard = written.replace(" ", "+").translate({ord("+"): "-", ord("/"): "_"}).rstrip("=")
    try:
        octets = base64.urlsafe_b64decode(standard + "=" * (-len(standard) % 4))
    except (binascii.Error, ValueError):
        return ()
    words = b" ".join(_READABLE.findall(octets)).decode("ascii")
    if not words:
        return ()
    response = Response(400, Headers((("Content-Type", "text/plain"),)), words.encode())
    notes = (REQUEST_UNSEEN, "the words of the error page were read from its URL")
    return (Piece("error-page", UNSEEN, response, purpose=purposes.AUTHORIZATION, notes=notes),)


def _posted(body: str, purpose: str) -> Piece:
    request = Request("POST", "", Headers((("Content-Type", FORM),)), body.encode("utf-8", "replace"))
    return Piece("form", request, purpose=purpose, notes=("the request's URL and headers were not pasted: nothing about them was checked",))


def _is_authorization(params: Params) -> bool:
    names = {name for name, _ in params}
    return bool(names & {"response_type", "request_uri", "code_challenge"} or ("redirect_uri" in names and "scope" in names)) and (
        "client_id" in names or {"response_type", "redirect_uri"} <= names
    )


def _is_answer(params: Params) -> bool:
    return any(name in _ANSWERING and value for name, value in params)


def _is_nested(name: str, value: str) -> bool:
    """Whether a sign-in page keeps the request that it will continue with in this parameter."""
    if name in ("redirect_uri", "post_logout_redirect_uri") or "?" not in value or len(value) > 16384:
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return "client_id=" in parts.query and value.startswith(("http://", "https://", "/"))


def _with_continuation(url: str, text: str, at: int) -> tuple[str, int]:
    """The URL with the lines that it was wrapped or written over."""
    parts = [url]
    previous = url
    while at < len(text):
        line, after = line_at(text, at)
        stripped = line.strip(_QUOTES)
        if not stripped or " " in stripped:
            break
        opens = previous.endswith(("?", "&"))
        is_wrapped = len(previous) >= _WRAPPED_AT and "://" not in line and ("&" in line or "%" in line) and _WRAPPED.match(stripped)
        if not (opens and "=" in stripped) and not is_wrapped and not _CONTINUED.match(text, at):
            break
        parts.append(stripped)
        previous, at = stripped, after
    return "".join(parts), min(at, len(text))
