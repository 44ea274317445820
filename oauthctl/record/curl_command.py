"""Command lines that send a request: `curl …`, as people type it and as browsers copy it, and `fetch(…)`.

Here: the request that such a text stands for. Not here: what came back (`curl_output`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

from oauthctl.http import FORM, JSON, Headers, Request
from oauthctl.record.piece import Attempts, Piece
from oauthctl.record.plain_text import line_at, whole
from oauthctl.record.shell_words import shell_words

_CURL = re.compile(r"(?:[^\n]{0,100}[$%#>❯➜][ \t]{1,3})?(?:sudo |time |! ?)?curl(?:\.exe)?[ \t]+(?=\S)")
_FETCH = re.compile(r"\s*(?:const \w{1,40} = |let \w{1,40} = |> )?(?:await )?fetch\(\s{0,80}")
_SHORT_WITH_VALUE = "XHduAebomwxKTFrCczEtyYPQUD"
_LONG_WITH_VALUE = frozenset(
    [
        "request",
        "header",
        "data",
        "data-raw",
        "data-binary",
        "data-ascii",
        "data-urlencode",
        "json",
        "url",
        "user",
        "user-agent",
        "referer",
        "cookie",
        "cookie-jar",
        "form",
        "form-string",
        "output",
        "max-time",
        "connect-timeout",
        "proxy",
        "proxy-user",
        "cacert",
        "capath",
        "cert",
        "key",
        "cert-type",
        "key-type",
        "pass",
        "config",
        "resolve",
        "connect-to",
        "interface",
        "retry",
        "retry-delay",
        "range",
        "write-out",
        "oauth2-bearer",
        "dump-header",
        "ciphers",
        "tls13-ciphers",
        "tls-max",
        "proto",
        "upload-file",
        "unix-socket",
        "limit-rate",
        "trace",
        "trace-ascii",
        "stderr",
        "max-redirs",
        "aws-sigv4",
        "netrc-file",
        "url-query",
        "curves",
    ]
)
_SHORT = {
    "X": "request",
    "H": "header",
    "d": "data",
    "u": "user",
    "G": "get",
    "I": "head",
    "F": "form",
    "b": "cookie",
    "A": "user-agent",
    "e": "referer",
}


def read_command(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int] | None:
    """The request that a command or a call of `fetch` stands for, and where the text goes on; None when none begins here."""
    if curl := _CURL.match(text, at):
        words, end = shell_words(text, curl.end())
        piece = _of_curl(words)
        if piece is None and end <= line_at(text, at)[1]:
            return None
        # What was read over many lines in vain is not read once more from each of them.
        return ((piece,) if piece else (), end)
    if fetch := _FETCH.match(text, at):
        return _of_fetch(text, fetch.end(), attempts)
    return None


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Names of options with their values; a word that is none is the URL."""
    queue = iter(words)
    for word in queue:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            yield name, value if equals else next(queue, "") if name in _LONG_WITH_VALUE else ""
        elif word.startswith("-") and len(word) > 1:
            for place, letter in enumerate(word[1:], 1):
                if letter in _SHORT_WITH_VALUE:
                    yield _SHORT.get(letter, letter), word[place + 1 :] or next(queue, "")
                    break
                yield _SHORT.get(letter, letter), ""
        else:
            yield "url", word


def _of_curl(words: list[str]) -> Piece | None:
    url, method, data, headers, notes = "", "", [], list[tuple[str, str]](), list[str]()
    options = list(_options(words))
    flags = {name for name, _ in options}
    for name, value in options:
        match name:
            case "url":
                url = url or value
            case "request":
                method = value
            case "header":
                field, _, content = value.partition(":")
                headers.append((field.strip(), content.strip()))
            case "user":
                headers.append(("Authorization", "Basic " + base64.b64encode(value.encode("utf-8", "replace")).decode("ascii")))
            case "oauth2-bearer":
                headers.append(("Authorization", f"Bearer {value}"))
            case "cookie" if "=" in value:
                headers.append(("Cookie", value))
            case "form" | "form-string":
                notes.append("the parts of the command's multipart body were not read")
                method = method or "POST"
            case "data-urlencode":
                data.append(_url_encoded(value))
            case "data" | "data-ascii" | "data-binary" | "json" if value.startswith("@"):
                notes.append("the command reads the body from a file that was not pasted: nothing about it was checked")
                method = method or "POST"
            case "data" | "data-raw" | "data-ascii" | "data-binary" | "json":
                data.append(value)
            case _:
                pass
    # A word such as `curl is a tool` is no command.
    if "." not in url and "://" not in url and "localhost" not in url and "$" not in url:
        return None
    return Piece("curl-command", _built(url, method, headers, data=data, flags=flags), notes=tuple(dict.fromkeys(notes)))


def _built(url: str, method: str, headers: list[tuple[str, str]], *, data: list[str], flags: set[str]) -> Request:
    body = "&".join(data)
    url = url if "://" in url else f"http://{url}"
    names = {name.lower() for name, _ in headers}
    if "get" in flags and body:
        url, body = f"{url}{'&' if '?' in url else '?'}{body}", ""
    if "accept" not in names:
        # What curl sends by itself.
        headers.insert(0, ("Accept", "*/*"))
    if body and "content-type" not in names:
        headers.append(("Content-Type", JSON if "json" in flags else FORM))
    method = method or ("HEAD" if "head" in flags else "POST" if body else "GET")
    return Request(method.upper()[:20], url, Headers(tuple(headers)), body.encode("utf-8", "replace"))


def _url_encoded(value: str) -> str:
    """Source: curl's manual: `content`, `=content`, `name=content`; only the content is encoded."""
    name, equals, content = value.partition("=")
    encoded = quote(content if equals else name, safe="-._~")
    return f"{name}={encoded}" if equals and name else encoded


def _of_fetch(text: str, at: int, attempts: Attempts) -> tuple[tuple[Piece, ...], int] | None:
    """Chrome, Edge and Firefox copy the call with JSON for its arguments."""
    found = attempts.decode(text, at)
    if found is None or not isinstance(found[0], str):
        return None
    url, end = whole(found[0]), found[1]
    options: dict[str, object] = {}
    if (second := re.compile(r"\s{0,80},\s{0,80}(?=\{)").match(text, end)) and (more := attempts.decode(text, second.end())):
        options, end = more
    said = options.get("headers")
    headers = (
        Headers(tuple((whole(name), whole(value)) for name, value in said.items() if isinstance(value, str)))
        if isinstance(said, dict)
        else Headers()
    )
    body, method = options.get("body"), options.get("method")
    request = Request(
        method.upper()[:20] if isinstance(method, str) else "GET",
        url,
        headers,
        body.encode("utf-8", "replace") if isinstance(body, str) else b"",
    )
    return (Piece("fetch-call", request),), line_at(text, end)[1]
