"""What `curl -v` prints: lines marked `*`, `>`, `<`, and bodies between them.

Here: these lines made into exchanges, those without an answer among them. Not here: messages without marks (`http_text`), the
command itself (`curl_command`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from oauthctl.http import Headers, Request, Response
from oauthctl.record.http_text import read_headers, read_http, url_of
from oauthctl.record.piece import UNSEEN, Attempts, Piece
from oauthctl.record.plain_text import line_at

URL_UNSEEN = "only the host is shown of the URL that was asked for"
BODY_UNSEEN = "curl does not show the body that it sent: nothing about it was checked"

_FAILURE = re.compile(r"curl: \((\d{1,3})\)[^\n]*|curl: try [^\n]*")
_START = re.compile(r"> [A-Z]{3,10} \S+ HTTP/\d|< HTTP/\d|curl: \(\d{1,3}\)")
_INFO = re.compile(
    r"\*\s{1,3}(?:"
    r"Trying |Connected to |Could not resolve|Resolving |Host \S+ was resolved|Uses proxy|Hostname \S+ was found"
    r"|About to connect|Rebuilt URL|Added \S+ to DNS|ALPN|TLSv|SSL |SSL:|Server certificate|Connection #"
    r"|Connection \S+ seems|Closing connection|Issue another|schannel|connect to |Immediate connect|Recv failure"
    r"|Send failure|Empty reply|Operation timed out|Failed to connect|Mark bundle|[Uu]sing HTTP|Request completely sent"
    r"|upload completely|OpenSSL|LibreSSL|IPv[46]: |Expire in|STATE: |Server auth|Clear auth|Maximum \(|Re-using"
    r"|Note: Unnecessary|Issuer: |HTTP/2 |\[HTTP/|old SSL|NSS |Certificate |CAfile|Too old connection|We are completely"
    r"|Establish HTTP proxy|CONNECT )"
)
_PROGRESS = re.compile(
    r"\s*%\s+Total\s+%\s+Received|\s*Dload\s+Upload|\s*\d{1,3}\s+[\d.]{1,9}[kMG]?\s+\d{1,3}\s+[\d.]{1,9}"
    r"|[{}]\s\[(?:\d+ bytes data|data not shown)\]"
)
_TROUBLE = re.compile(
    r"\b(?:problem|failure|failed|refused|could not resolve|couldn't|empty reply|timed out|error|unable to|does not match|no alternative"
    r"|not trusted|expired|self.signed|reset by peer|handshake|alert)\b",
    re.IGNORECASE,
)
_FINE = re.compile(
    r"SSL certificate verify ok|TLS handshake, |handshake, |Server auth|continuing anyway|left intact",
    re.IGNORECASE,
)
_CONNECTED = re.compile(
    r"\*\s+(?:Connected to|Connection to|connect to|Failed to connect to)\s+\(?([^\s()]+)\)?[^\n]{0,200}?port\s+(\d{1,5})", re.IGNORECASE
)
_RESOLVING = re.compile(
    r"(?:Could not resolve (?:host|proxy):|Hostname|Host|Resolving(?: timed out)?(?: host)?)\s+([A-Za-z0-9._-]+)(?::(\d{1,5}))?"
)
_CONNECTING = re.compile(r"(?:Failed to connect to|connect to|Connection to)\s+\[?([A-Za-z0-9._:-]+?)\]?\s+port\s+(\d{1,5})", re.IGNORECASE)
_NAMED = re.compile(r"(?:target host name|in connection to|certificate subject name)\s+'([A-Za-z0-9.-]+)()", re.IGNORECASE)
_SPEAKS_TLS = re.compile(r"SSL|TLS|certificate|schannel")
_LINE_LIMIT = 4000
_LEGS_LIMIT = 500
_OTHER = re.compile(r"[$#%]\s+\S|(?:https?|[a-z][a-z0-9.+-]{1,40})://\S+$|--\d{4}-")
_GLUED = re.compile(r"(?<=[^\s*])\* (?=(?:Connection #\d+ to host|Closing connection|Curl_http_done))")


def is_curl_output(line: str) -> bool:
    """Whether this line can only be one of `curl -v`."""
    return bool(_START.match(line) or _INFO.match(line))


def read_curl_output(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int] | None:
    """The exchanges of the output that begins here, and where the text goes on; None when none does."""
    line, _ = line_at(text, at)
    if not is_curl_output(line.lstrip(" \t")):
        return None
    reading = _Reading()
    while at < len(text):
        line, after = line_at(text, at)
        stripped = line.lstrip(" \t")
        if reading.ends_before(stripped):
            break
        glued = _GLUED.search(line) if "* C" in line else None
        if glued and not stripped.startswith("*"):
            reading.take(line[: glued.start()])
            reading.take(line[glued.start() :])
        else:
            reading.take(line)
        at = after
    return reading.pieces(attempts), min(at, len(text))


@dataclass(slots=True)
class _Leg:
    """One request of curl's and its answer, as lines."""

    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    host: str = ""
    is_tls: bool = False
    in_head: bool = False


@dataclass(slots=True)
class _Reading:
    """The lines so far."""

    legs: list[_Leg] = field(default_factory=lambda: [_Leg()])

    def ends_before(self, line: str) -> bool:
        """Whether something else begins: a prompt, a URL, a message without marks."""
        leg = self.legs[-1]
        if len(self.legs) > _LEGS_LIMIT:
            return True
        if not line or line[0] in "*<>{}[":
            return False
        if _FAILURE.match(line) or _PROGRESS.match(line):
            return False
        if not leg.answered:
            # Nothing but marked lines can stand before an answer.
            return True
        return bool(_OTHER.match(line)) or read_http(line, 0, Attempts(0)) is not None

    def take(self, line: str) -> None:
        marked = line.lstrip(" \t")
        leg = self.legs[-1]
        if marked.startswith("> ") or marked == ">":
            if _START.match(marked):
                leg = self._next_leg(bool(leg.asked))
            leg.asked.append(marked[2:])
        elif marked.startswith("< ") or marked == "<":
            if _START.match(marked):
                if leg.answered and not _is_interim(leg.answered[0]):
                    leg = self._next_leg(True)
                leg.answered, leg.body = [], []
                leg.in_head = True
            leg.answered.append(marked[2:])
            leg.in_head = marked.strip() != "<"
        elif marked.startswith("* ") or marked == "*":
            self._info(marked)
        elif failure := _FAILURE.match(marked):
            leg.trouble.append(failure[0])
        elif not _PROGRESS.match(line) and leg.answered:
            leg.body.append(line)

    def pieces(self, attempts: Attempts) -> tuple[Piece, ...]:
        """One piece for each leg that shows something."""
        return tuple(piece for leg in self.legs if (piece := _piece(leg, attempts)) is not None)

    def _info(self, line: str) -> None:
        line = line[:_LINE_LIMIT]
        leg = self.legs[-1]
        connected = _CONNECTED.match(line)
        if connected and leg.answered and line.lower().startswith("* connected"):
            leg = self._next_leg(True)
        if connected and (not leg.host or line.lower().startswith("* connected")):
            leg.host = _host(connected[1], connected[2])
            leg.is_tls = leg.is_tls or connected[2] in ("443", "8443")
        elif not leg.host and (named := _RESOLVING.search(line)):
            leg.host = _host(named[1], named[2] or "")
            leg.is_tls = leg.is_tls or named[2] in ("443", "8443")
        if "TLS" in line or "SSL" in line or "ALPN" in line:
            leg.is_tls = True
        if not leg.answered and _TROUBLE.search(line) and not _FINE.search(line):
            leg.trouble.append(line[2:].strip())

    def _next_leg(self, is_used: bool) -> _Leg:
        if is_used:
            last = self.legs[-1]
            self.legs.append(_Leg(host=last.host, is_tls=last.is_tls))
        return self.legs[-1]


def _piece(leg: _Leg, attempts: Attempts) -> Piece | None:
    failure = "; ".join(dict.fromkeys(leg.trouble))[:2000]
    if not leg.asked and not leg.answered and not failure:
        return None
    request, notes = _request(leg, failure)
    response = _response(leg, attempts)
    if request.method == "CONNECT" and response is None and not failure:
        # The tunnel stands; what goes through it follows.
        return None
    return Piece("curl-output", request, response, failure="" if response else failure, notes=notes)


def _request(leg: _Leg, failure: str) -> tuple[Request, tuple[str, ...]]:
    scheme = "https" if leg.is_tls else "http"
    if leg.asked:
        method, _, rest = leg.asked[0].partition(" ")
        target = rest.partition(" ")[0]
        headers, _, _ = read_headers("\n".join(leg.asked[1:]), 0)
        hosted = headers if "host" in headers or not leg.host else headers.with_("Host", leg.host)
        is_bodiless = method in ("GET", "HEAD", "OPTIONS", "CONNECT") or headers.get("content-length") == "0"
        # Plain output without a word on TLS is more often cut than unencrypted.
        known = scheme if leg.is_tls or leg.host else ""
        return Request(method, url_of(target, hosted, scheme=known), headers), () if is_bodiless else (BODY_UNSEEN,)
    host = leg.host or _named_host(failure)
    if host:
        scheme = "https" if leg.is_tls or _SPEAKS_TLS.search(failure) else "http"
        return Request("GET", f"{scheme}://{host}/"), (URL_UNSEEN,)
    return UNSEEN, ()


def _response(leg: _Leg, attempts: Attempts) -> Response | None:
    if not leg.answered:
        return None
    body = "\n".join(leg.body).strip()
    if body[:1] in ("{", "[") and (decoded := attempts.decode(body, 0)):
        body = body[: decoded[1]]
    head = "\n".join(leg.answered)
    read = read_http(head, 0, attempts)
    pieces = read[0] if read else ()
    response = pieces[0].response if pieces else None
    return Response(response.status, response.headers, body.encode(), response.http_version, response.reason) if response else None


def _is_interim(status_line: str) -> bool:
    return re.match(r"HTTP/\S+ 1\d\d", status_line) is not None


def _named_host(failure: str) -> str:
    if named := _CONNECTING.search(failure) or _RESOLVING.search(failure) or _NAMED.search(failure):
        return _host(named[1], named[2] or "")
    return ""


def _host(name: str, port: str) -> str:
    return f"{name}:{port}" if port and port not in ("443", "80") else name


def with_body(command: Piece, output: Piece) -> Request:
    """The request of the output with what only the command shows: the body, and the URL where a failure came before the request."""
    asked, shown = command.request or UNSEEN, output.request or UNSEEN
    if not shown.headers.pairs:
        return asked
    headers = Headers((*shown.headers.pairs, *(pair for pair in asked.headers if pair[0] not in shown.headers)))
    url = asked.url if asked.url.partition("#")[0].partition("?")[2] or not shown.url else shown.url
    return Request(shown.method, url if shown.method == asked.method else shown.url, headers, asked.body)
