"""The request that a command line of `oauthctl call` describes, without its token.

Here: method, URL, headers and body from words and options. Not here: sending it (`call`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from oauthctl.errors import ConfigError
from oauthctl.http import Headers, Request, is_http_url

if TYPE_CHECKING:
    from oauthctl.cli.output import Output

# Source: RFC 9110 sections 5.1 and 5.5, without the octets above ASCII, whose meaning nobody knows.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")


def api_request(out: Output, words: list[str], *, header: tuple[str, ...], data: str | None, json: str | None) -> Request:
    """The request, complete but for the token. Raises `ConfigError` for what no request can be, so that a dry run refuses it, too."""
    if len(words) > 2:
        raise ConfigError(f"too many words: `{' '.join(words[2:])}`", help="write `oauthctl call [METHOD] URL`")
    given = json if data is None else data
    if data is not None and json is not None:
        raise ConfigError("`--data` and `--json` can't both be the body")
    url = words[-1]
    if not is_http_url(url):
        raise ConfigError(f"`{url}` is no http or https URL", help="write it in full: `https://api.example.com/items`")
    # An empty body is one, too: `-d ''` means POST.
    body = b"" if given is None else _body(out, given)
    if json is not None and not json.startswith("@"):
        _check_json(body)
    method = words[0].upper() if len(words) == 2 else ("GET" if given is None else "POST")
    if not _NAME.fullmatch(method):
        raise ConfigError(f"`{method}` can't be a method: HTTP can't carry it", spec="RFC 9110 section 9.1")
    pairs = [_header(one) for one in header]
    names = {name.lower() for name, _ in pairs}
    if "authorization" in names:
        raise ConfigError("`Authorization` is what `oauthctl call` adds", help="leave that header out, or use another tool")
    if given is not None and "content-type" not in names:
        pairs.append(("Content-Type", "application/json" if json is not None else "application/x-www-form-urlencoded"))
    if "accept" not in names:
        pairs.append(("Accept", "application/json, */*;q=0.5"))
    return Request(method, url, Headers(tuple(pairs)), body)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ConfigError(f"`-H {text}` has no `:`", help="write `-H 'Name: value'`")
    if name.strip().lower() in ("content-length", "transfer-encoding"):
        raise ConfigError(f"`{name.strip()}` follows from the body", help="leave that header out")
    if not _NAME.fullmatch(name.strip()):
        raise ConfigError(f"`{name.strip()}` can't be the name of a header: HTTP can't carry it", spec="RFC 9110 section 5.1")
    if not _VALUE.fullmatch(value.strip()):
        raise ConfigError(f"the value of `{name.strip()}` has characters that HTTP can't carry in a header", spec="RFC 9110 section 5.5")
    return name.strip(), value.strip()


def _check_json(body: bytes) -> None:
    """A debugger may send broken JSON, but not by a mistake in the quoting: a file, and `--data`, go out as they are."""
    import json

    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigError(
            f"the body of `--json` is no JSON{where}",
            help="mend it, or send it as it is with `--data` and `-H 'Content-Type: application/json'`",
        ) from None


def _body(out: Output, given: str) -> bytes:
    if not given.startswith("@"):
        return given.encode("utf-8", "surrogateescape")
    from oauthctl.cli.token_input import read_bytes

    if given == "@-":
        stream = out.terminal.stdin
        buffer = getattr(stream, "buffer", None)
        return bytes(buffer.read()) if buffer is not None else stream.read().encode()
    return read_bytes(given[1:])
