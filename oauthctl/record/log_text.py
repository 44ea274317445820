"""Lines of a log, a stack trace or an error message: what they tell of exchanges, and their words.

Here: URLs, events, error codes, quoted bodies and connection failures within text. Not here: evidence that stands by itself on its lines
(`pasted`), judging the words (`rules`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from oauthctl.http import JSON, Headers, Request, Response
from oauthctl.jose.jwt import take_apart
from oauthctl.record import purposes
from oauthctl.record.log_lines import telling
from oauthctl.record.log_time import moment_for, stamp_of
from oauthctl.record.log_words import CODES, TRANSPORT, TROUBLE, hidden, with_spaces
from oauthctl.record.pasted_answer import of_document, purpose_of_answer, read_challenge
from oauthctl.record.pasted_url import is_callback, of_form, of_url, urls_in
from oauthctl.record.piece import UNSEEN, Attempts, Piece
from oauthctl.record.purposes import is_endpoint_path
from oauthctl.record.tokens import HeldToken, Role

_KIND = "log-line"
_ACCESS = re.compile(r"\"?(GET|POST|HEAD|PUT|DELETE|OPTIONS) ([^\s\"]+) HTTP/[\d.]+\"?(?:\s{1,3}(\d{3})\b)?")
_CLIENT = re.compile(
    r"HTTP Request: (?P<method>[A-Z]{3,7}) (?P<url>https?://\S{1,4000}) \"HTTP/[\d.]{1,3} (?P<status>\d{3})"
    r"|(?P<origin>https?://[^\s/\"]{1,300}) \"(?P<sent>[A-Z]{3,7}) (?P<target>/[^\s\"]{0,4000}) HTTP/[\d.]{1,3}\" (?P<answered>\d{3})"
    r"|\.(?:RestTemplate|RestClient|ExchangeFunctions) +: (?:\[\w{1,20}\] )?HTTP (?P<asked>[A-Z]{3,7}) (?P<rest>https?://\S{1,4000})"
    r"|(?:Client|Server) error: `(?P<called>[A-Z]{3,7}) (?P<guzzle>https?://[^\s`]{1,4000})` resulted in a `\d{3}"
    r"|^--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--  (?P<wget>https?://\S{1,4000})$"
)
_SPRING_ANSWER = re.compile(r"\.(?:RestTemplate|RestClient|ExchangeFunctions) +: (?:\[\w{1,20}\] )?Response (\d{3}) ([A-Z_]{2,40})")
_HOST = re.compile(r"\bhost: \"([A-Za-z0-9.:_\[\]-]+)\"")
_JSON_START = re.compile(
    r"\{\s{0,4}(\\{0,7})\"(?:error|access_token|errorCode|errorSummary|error_description|ok|timestamp|errors|token_type|id_token)\\{0,7}\""
)
_JWT = re.compile(r"(?<![\w.-])e[wy][\w-]{8,}\.[\w-]{4,}\.[\w-]*(?:\.[\w-]+\.[\w-]+)?", re.ASCII)
# What a JWT carries under these names is the sender's own, or for the server that it is sent back to: nobody is shown it for access.
_NO_BEARER = re.compile(
    r"(?<![\w-])(?:state|nonce|RelayState|code|id_token_hint|login_hint_token|logout_hint|client_assertion|assertion|code_verifier)[\"']?(?:=|:\s?)[\"']?$"
    r"|[?&](?:request|response)=$",
    re.IGNORECASE,
)
_LONGEST_NAME = 24
_PAIR = re.compile(r"(?<![\w.-])([A-Za-z_]{2,40})=(?:\"([^\"\n]{0,2000})\"|([^\s,\"\]]{1,2000}))")
_EVENT = re.compile(r"\btype=\"?([A-Z0-9_]{3,60}_ERROR)\b")
_EVENTS = {
    "LOGIN_ERROR": purposes.AUTHORIZATION,
    "CODE_TO_TOKEN_ERROR": purposes.TOKEN,
    "REFRESH_TOKEN_ERROR": purposes.TOKEN,
    "CLIENT_LOGIN_ERROR": purposes.TOKEN,
    "TOKEN_EXCHANGE_ERROR": purposes.TOKEN,
    "OAUTH2_DEVICE_AUTH_ERROR": purposes.DEVICE_AUTHORIZATION,
    "OAUTH2_DEVICE_CODE_TO_TOKEN_ERROR": purposes.TOKEN,
    "INTROSPECT_TOKEN_ERROR": purposes.INTROSPECTION,
    "USER_INFO_REQUEST_ERROR": purposes.USERINFO,
    "IDENTITY_PROVIDER_LOGIN_ERROR": purposes.AUTHORIZATION,
    "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR": purposes.DEVICE_AUTHORIZATION,
    "REGISTER_ERROR": purposes.AUTHORIZATION,
    "VALIDATE_ACCESS_TOKEN_ERROR": purposes.INTROSPECTION,
    "LOGOUT_ERROR": purposes.LOGOUT,
    "CLIENT_REGISTER_ERROR": purposes.REGISTRATION,
    "PUSHED_AUTHORIZATION_REQUEST_ERROR": purposes.PUSHED_AUTHORIZATION,
}
_MEMBERS = {
    "error": "error",
    "error_description": "error_description",
    "reason": "reason",
    "redirect_uri": "redirect_uri",
    "clientId": "client_id",
}
_MEMBERS |= {"client_id": "client_id", "grant_type": "grant_type", "scope": "scope", "username": "username"}
_POOL = re.compile(r"HTTP(S?)ConnectionPool\(host='([^'\s]{1,255})', port=(\d{1,5})\)[^\n]{0,200}?url: (\S{1,2000})")
_STATUS = re.compile(
    r"(?:\bstatus(?: ?code)?\b\W{0,4}|\bHTTP(?:/[\d.]{1,3})? |\bError )(4\d\d|5\d\d)\b"
    r"|\b(4\d\d|5\d\d) (?:Bad Request|Unauthorized|Forbidden|Not Found)",
    re.IGNORECASE,
)
_INNER_CHALLENGE = re.compile(r"\b(?:Bearer|DPoP) (?:realm|error|scope|resource_metadata)=")
READ_FROM_LOG = "the log's words stand for the answer: neither the request nor the answer itself was pasted"


def read_log(text: str, attempts: Attempts) -> tuple[Piece, ...]:
    """What these lines tell, in order; the last piece has their words when they speak of trouble."""
    lines, notes = telling(text)
    stamps = [stamp_of(line) for line in lines]
    found = [
        replace(piece, written_at=stamp.moment) if stamp else piece
        for line, stamp in zip(lines, stamps, strict=True)
        if line.strip()
        for piece in _of_line(line, attempts)
    ]
    # Structured logs quote what they quote: nothing reads the difference.
    words = hidden(with_spaces("\n".join(line for line in lines if not _went_well(line)))).strip().replace('\\"', '"')
    if not any(piece.response or piece.failure or piece.purpose == purposes.CALLBACK for piece in found):
        found += _said(words)
    tokens = tuple(_tokens("\n".join(lines)))
    if TROUBLE.search(words):
        found = [replace(piece, kind=_KIND) for piece in found]
        found.append(Piece(_KIND, tokens=tokens, words=words, notes=notes))
    elif tokens:
        found.append(Piece("token", tokens=tokens))
    last = next((stamp for stamp in reversed(stamps) if stamp), None)
    if last is None:
        return tuple(found)
    moment = moment_for(last, (held.token for held in tokens))
    return tuple(replace(piece, written_at=moment) if piece.written_at in (None, last.moment) else piece for piece in found)


def _went_well(line: str) -> bool:
    """Whether it is a request that was answered well: whatever its URL is called, it complains of nothing."""
    access = _ACCESS.search(line)
    return access is not None and access[3] is not None and access[3] < "400"


def _of_line(line: str, attempts: Attempts) -> Iterator[Piece]:
    access = _ACCESS.search(line)
    if spring := _SPRING_ANSWER.search(line):
        yield Piece("http-response", UNSEEN, Response(int(spring[1]), reason=spring[2]))
    elif client := _CLIENT.search(line):
        yield _from_client_log(client)
    elif access:
        yield from _from_access_log(line, access)
    else:
        for url in dict.fromkeys(urls_in(line)):
            for piece in of_url(url):
                if piece.kind != "callback-url" or is_callback(url):
                    yield piece
    yield from _bodies(line, attempts)
    if (inner := _INNER_CHALLENGE.search(line)) and (read := read_challenge(line, inner.start())):
        yield from read[0]
    if event := _EVENT.search(line):
        yield _from_event(line, event[1])


def _from_access_log(line: str, access: re.Match[str]) -> Iterator[Piece]:
    target = access[2]
    pieces = of_url(target) or (of_form(target.partition("?")[2]) if "?" in target else ())
    if not pieces and "upstream" in line and is_endpoint_path(target.partition("?")[0]):
        # What the proxy answers then is its own, whatever it says of its connection.
        pieces = (Piece(_KIND, Request(access[1], target)),)
    if not pieces:
        return
    host = _HOST.search(line)
    url = f"https://{host[1]}{target}" if host and target.startswith("/") else target
    status = int(access[3]) if access[3] else 502 if "upstream" in line else 0
    response = Response(status) if 200 <= status < 600 else None
    notes = ("the log shows the request's first line alone, and nothing of the answer but its status",)
    yield Piece(pieces[0].kind, Request(access[1], url), response, pieces[0].purpose, pieces[0].channel, notes=notes)


def _from_client_log(match: re.Match[str]) -> Piece:
    """One line for a request and its answer, as `httpx`, `urllib3`, Spring, Guzzle and wget write it."""
    url = (
        f"{match['origin'].removesuffix(':443')}{match['target']}"
        if match["origin"]
        else match["url"] or match["rest"] or match["guzzle"] or match["wget"]
    )
    method = match["sent"] or match["method"] or match["asked"] or match["called"] or "GET"
    status = match["status"] or match["answered"]
    response = Response(int(status)) if status else None
    notes = ("the log shows the request's first line alone, and nothing of the answer but its status",) if response else ()
    return Piece("http-exchange" if response else "http-request", Request(method, url), response, notes=notes)


def _bodies(line: str, attempts: Attempts) -> Iterator[Piece]:
    """JSON within the line, as it is or quoted once or more."""
    start = _JSON_START.search(line)
    if start is None:
        return
    written = line[start.start() :]
    for _ in range(len(start[1])):
        if not start[1] or not written.startswith(("{\\", "{ \\")):
            break
        written = written.replace('\\"', '"').replace("\\\\", "\\")
    found = attempts.decode(written, 0)
    if found and isinstance(found[0], dict):
        yield from of_document(found[0], written[: found[1]])


def _from_event(line: str, event: str) -> Piece:
    """An event of Keycloak's log. Source: Keycloak Server Administration Guide, Auditing and events."""
    members = {_MEMBERS[match[1]]: match[2] if match[2] is not None else match[3] for match in _PAIR.finditer(line) if match[1] in _MEMBERS}
    purpose = _EVENTS.get(event, purposes.TOKEN)
    members = {name: value for name, value in members.items() if value != "null"}
    return _answer(members, purpose, 400)


def _said(text: str) -> Iterator[Piece]:
    """The answer, or the failed connection, that the words tell of."""
    # A proxy's own way to what stands behind it is no connection of the client's.
    if (transport := TRANSPORT.search(text)) and "connecting to upstream" not in text:
        request = _asked(text)
        line = text[text.rfind("\n", 0, transport.start()) + 1 :].partition("\n")[0]
        yield Piece(_KIND, request, failure=hidden(line).strip()[:2000], purpose=_purpose(request), notes=(READ_FROM_LOG,))
        return
    code = CODES.search(text)
    if code is None:
        return
    purpose = next(slug for slug, value in code.groupdict().items() if value)
    members = (
        {"error": code[0], "error_description": " ".join(text.split())}
        if code[0].islower()
        else {"error_description": " ".join(text.split())}
    )
    status = _STATUS.search(text)
    otherwise = {"api": 403 if code[0] == "insufficient_scope" else 401}.get(purpose, 400)
    yield _answer(members, purpose, int(status[1] or status[2]) if status else otherwise)


def _answer(members: dict[str, str], purpose: str, status: int) -> Piece:
    body = json.dumps(members, ensure_ascii=False).encode("utf-8", "replace")
    response = Response(status, Headers((("Content-Type", JSON),)), body)
    return Piece(_KIND, UNSEEN, response, purpose=purpose, notes=(READ_FROM_LOG,))


def _asked(text: str) -> Request:
    """The request that could not be sent, as far as the words name it."""
    if pool := _POOL.search(text):
        port = "" if pool[3] in ("443", "80") else f":{pool[3]}"
        return Request("GET", f"http{pool[1].lower()}://{pool[2]}{port}{pool[4]}")
    url = next((url for url in urls_in(text) if url.startswith(("http://", "https://"))), "")
    method = "POST" if re.search(r"\bPost(?:ing)? \"|\bPOST\b", text) else "GET"
    return Request(method, url.rstrip("/:") if url else "") if url else UNSEEN


def _purpose(request: Request) -> str:
    return purpose_of_answer(request, None) or purposes.API


def _tokens(text: str) -> Iterator[HeldToken]:
    shown = (match for match in _JWT.finditer(text) if not _NO_BEARER.search(text, max(match.start() - _LONGEST_NAME, 0), match.start()))
    for match in dict.fromkeys(match[0] for match in shown):
        token = take_apart(match)
        if token.header is not None:
            yield HeldToken(Role.UNKNOWN, "token", token)
